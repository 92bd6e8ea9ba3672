"""What was begun in a conversation and not finished: kept with the chat until it is taken up again,
finished or given up. The form of a step has drafts of its own, which others may go on with."""

from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram_dialog import DialogManager, StartMode

KEPT, KEY, MOST = "kept", "kept_as", 20
"""`KEY`: under which name a conversation's data is kept. Of one chat `MOST` are, the newest."""
GIVEN = ("defects", "text", "picked", "finding", "answer")
"""What people ticked or wrote, by the names the dialogs have for it."""


def given(manager: DialogManager) -> bool:
    return any(manager.dialog_data.get(name) for name in GIVEN)


async def keep(manager: DialogManager) -> bool:
    """As it stands now; whether there is anything to keep, in a conversation that is kept."""
    if not manager.has_context() or KEY not in manager.dialog_data:
        return False
    now = {"state": manager.current_context().state.state, "data": manager.dialog_data}
    await _put(manager, manager.dialog_data[KEY], now if given(manager) else None)
    return given(manager)


async def begin(manager: DialogManager, state: State, key: str, data: dict[str, Any]) -> None:
    """At `state` with `data`, or where the same conversation was left."""
    await keep(manager)
    found = (await _all(manager)).get(key)
    if found is not None:
        states = {item.state: item for item in state.group.__states__}
        state, data = states.get(found["state"], state), found["data"]
    await manager.start(state, {**data, KEY: key}, mode=StartMode.RESET_STACK)


async def forget(manager: DialogManager) -> None:
    """It was finished or given up."""
    if KEY in manager.dialog_data:
        await _put(manager, manager.dialog_data[KEY], None)


async def _all(manager: DialogManager) -> dict[str, Any]:
    context: FSMContext = manager.middleware_data["state"]
    return dict((await context.get_data()).get(KEPT, {}))


async def _put(manager: DialogManager, key: str, value: dict[str, Any] | None) -> None:
    kept = {name: found for name, found in (await _all(manager)).items() if name != key}
    if value is not None:
        kept[key] = value
    context: FSMContext = manager.middleware_data["state"]
    await context.update_data({KEPT: dict(list(kept.items())[-MOST:])})
