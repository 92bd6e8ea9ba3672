"""Refusals. Each says whom or what it concerns; one place in each front door turns it to words."""

from domain.case.facts import Problem


class Refusal(Exception):
    """Something may not or can't be done; nothing was stored."""


class NotInvited(Refusal):
    """Nobody known writes from this chat."""


class PostEnded(NotInvited):
    """Somebody who was in, and holds no post and helps in no case any more."""


class LinkForAnother(Refusal):
    """The link is another person's, who has a chat of their own or none yet."""


class NotAllowed(Refusal):
    """This person may not do or see this; it must look the same as if it weren't there."""


class NotFound(Refusal):
    """There is no such case, entry, notice or invitation."""


class StepNotOpen(Refusal):
    """The step was done already, isn't reached yet, or is blocked; `problems` say why."""

    def __init__(self, step: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(step)
        self.step = step
        self.problems = problems


class AnswersRefused(Refusal):
    """Answers that contradict the rules; `problems` say which and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems
