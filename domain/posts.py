"""How a post ends, and what ends with it."""

from domain.rulebook.schema import Role
from domain.states import EndReason


def ends_helping(role: Role, reason: EndReason) -> bool:
    """Whether who holds the post helps in no case any more either. An introducer's post is nothing
    but that; who gives up another post may go on helping where they were chosen to."""
    return role is Role.INTRODUCER or reason in (EndReason.LEFT, EndReason.MISTAKE)
