"""Refusals as exceptions: each names what it concerns, and one place at each entrance words it."""

from domain.case.facts import Problem


class Refusal(Exception):
    """Something may not or can't be done. Raised inside a transaction, it rolls that back."""


class NotInvited(Refusal):
    """No known person belongs to this chat."""


class PostEnded(NotInvited):
    """The person of this chat holds no post and helps in no case any more."""


class LinkForAnother(Refusal):
    """The link is another person's, who has a chat of their own or none yet."""


class NotAllowed(Refusal):
    """The actor may not do or see this. Also for what doesn't exist: the two must look the same."""


class NotFound(Refusal):
    """There is no such case, entry, notice or invitation."""


class RecordAltered(Refusal):
    """A row that this depends on was changed by somebody without the keys: nothing is done with it
    until an operator has put it right. Names table and row."""


class StepNotOpen(Refusal):
    """The step was done already, isn't reached yet, or is blocked; `problems` say why."""

    def __init__(self, step: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(step)
        self.step = step
        self.problems = problems


class UnreadNotes(Refusal):
    """Somebody changed the case while a form was open: something is noted of the entry now that who
    saves it hasn't read. Names the step."""


class AnswersRefused(Refusal):
    """Answers that contradict the rules; `problems` say which and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems
