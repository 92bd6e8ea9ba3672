"""Short forms left unfinished: kept with the chat until they are taken up again, finished or given
up. The form of a step has drafts of its own, which others may go on with."""

from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram_dialog import DialogManager

from handlers.staff.common import navigation as ways
from handlers.staff.common.replies import Row
from handlers.staff.form import leaving_texts
from handlers.staff.form.answers import Draft
from handlers.staff.form.session import Session

KEPT, MOST = "kept", 20
"""Of one chat `MOST` are kept, the newest."""
REMEMBERED = ("answers", "at")
"""Of a form: what was answered and where it stands."""


def name_of(draft: Draft) -> str:
    return f"{draft.kind}:{draft.of}"


async def keep(session: Session) -> None:
    """As it stands now."""
    draft = session.draft
    now = {name: draft.data[name] for name in REMEMBERED} if draft.answers else None
    await put(session.manager, name_of(draft), now)


async def left(session: Session) -> tuple[str, list[Row]]:
    await keep(session)
    return (leaving_texts.put_aside() if session.draft.answers else ""), [[ways.todo()]]


async def found(manager: DialogManager, draft: Draft) -> dict[str, Any]:
    """What was kept of this form."""
    return dict((await _all(manager)).get(name_of(draft), {}))


async def put(manager: DialogManager, name: str, value: dict[str, Any] | None) -> None:
    """None: it was finished or given up."""
    kept = await _all(manager)
    if kept.pop(name, None) is None and value is None:
        return
    if value is not None:
        kept[name] = value
    context: FSMContext = manager.middleware_data["state"]
    await context.update_data({KEPT: dict(list(kept.items())[-MOST:])})


async def _all(manager: DialogManager) -> dict[str, Any]:
    context: FSMContext = manager.middleware_data["state"]
    return dict((await context.get_data()).get(KEPT, {}))
