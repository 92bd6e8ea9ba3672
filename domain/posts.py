"""How a post ends, and what ends with it."""

from domain.rulebook.schema import Role
from domain.states import EndReason


def leaves_drafts(role: Role, reason: EndReason) -> bool:
    """Whether half-filled forms go on to whoever comes after. Who opened a link by mistake had no
    business here; an introducer's are about cases whose next introducer the branch chooses."""
    return role is not Role.INTRODUCER and reason is not EndReason.MISTAKE


def ends_helping(role: Role, reason: EndReason) -> bool:
    """Whether who holds the post helps in no case any more either. An introducer's post is nothing
    but that; who gives up another post may go on helping where they were chosen to."""
    return role is Role.INTRODUCER or reason in (EndReason.LEFT, EndReason.MISTAKE)
