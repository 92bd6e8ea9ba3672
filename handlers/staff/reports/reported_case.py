"""Whose case a report is about: found by name, wherever it is asked."""

from handlers.staff.form.session import FormSession
from handlers.staff.reports import linking_texts as texts
from services.cases.views import CaseLine
from services.container import services_of

ABOUT = "about"


async def find(session: FormSession, name: str) -> None:
    """Offer the cases of people whose name holds this."""
    # An empty name would find everybody.
    page = (
        await services_of(session.data).cases.search(session.actor, session.today, name)
        if name
        else None
    )
    if page is None or not page.total:
        session.reject(texts.none_found(name))
        return
    session.draft.offer(ABOUT, map(line_of, page.lines))


def line_of(line: CaseLine) -> tuple[str, str]:
    """A case to choose: its id, and whose it is."""
    return line.case_id, f"{line.person} · {line.organisation}"
