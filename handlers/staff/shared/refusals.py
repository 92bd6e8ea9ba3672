"""Refusals of the screens themselves."""

from domain.case.facts import Problem
from domain.rulebook.schema import Step, Text
from services.core.errors import StepNotOpen


class NotOpened(StepNotOpen):
    """A form was asked for by an old button, and its step can't be entered: nothing was being
    saved, so nothing can have been lost."""

    def __init__(self, step: Step, problems: tuple[Problem, ...]) -> None:
        super().__init__(step.id, problems)
        self.title: Text = step.title
