"""The visit form as the manual of aiogram-dialog shows it, on its memory storage: the same updates
and buttons as ours, nobody is asked who they are, no rule is judged, nothing is stored."""

from typing import Any

from aiogram import Bot, Dispatcher, F
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, Message, Update
from aiogram_dialog import Dialog, DialogManager, StartMode, Window, setup_dialogs
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Button, Column, Select
from aiogram_dialog.widgets.text import Const, Format

from benchmarks.quiet import Quiet
from benchmarks.talk import CHECKS, Talks
from services.messages.inbox import Incoming

WAYS = ("走访群众", "谈心谈话")
PLACES = ("实地察看", "电话联系")
GRADES = (*CHECKS, "④ 一般", "⑤ 积极", "⑦ 反映一般", "⑧ 不能带动")


class Visit(StatesGroup):
    day = State()
    way = State()
    place = State()
    number = State()
    checks = State()
    note = State()
    summary = State()


async def said(message: Message, _: MessageInput, manager: DialogManager) -> None:
    manager.dialog_data[manager.current_context().state.state] = message.text
    await manager.next()


async def picked(_: CallbackQuery, widget: Any, manager: DialogManager, item: str) -> None:
    manager.dialog_data[widget.widget_id] = item
    await manager.next()


async def graded(_: CallbackQuery, widget: Any, manager: DialogManager, item: str) -> None:
    """The screen stays until all are answered."""
    given = manager.dialog_data.setdefault("checks", [])
    given.append(item)
    if len(given) == len(CHECKS):
        await manager.next()


async def saved(query: CallbackQuery, _: Button, manager: DialogManager) -> None:
    await manager.done()
    assert isinstance(query.message, Message)
    await query.message.answer("已保存")


async def answers(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    return {"answers": "\n".join(map(str, dialog_manager.dialog_data.values()))}


def _select(name: str, items: tuple[str, ...], on_click: Any) -> Column:
    return Column(Select(Format("{item}"), name, str, items, on_click=on_click))


def dialog() -> Dialog:
    return Dialog(
        Window(Const("哪一天？"), MessageInput(said), state=Visit.day),
        Window(Const("怎么了解的？"), _select("way", WAYS, picked), state=Visit.way),
        Window(Const("在哪里？"), _select("place", PLACES, picked), state=Visit.place),
        Window(Const("几个人？"), MessageInput(said), state=Visit.number),
        Window(
            Format("看到什么？\n{answers}"),
            _select("checks", GRADES, graded),
            state=Visit.checks,
            getter=answers,
        ),
        Window(Const("写几句。"), MessageInput(said), state=Visit.note),
        Window(
            Format("请核对：\n{answers}"),
            Button(Const("确认，保存"), "save", on_click=saved),
            state=Visit.summary,
            getter=answers,
        ),
    )


async def begin(_: CallbackQuery, dialog_manager: DialogManager) -> None:
    await dialog_manager.start(Visit.day, mode=StartMode.RESET_STACK)


async def on_bare_dialog(chats: int, visits: int) -> float:
    """Updates per second."""
    line = Quiet()
    bot, dispatcher = Bot("42:TEST", session=line), Dispatcher(storage=MemoryStorage())
    dispatcher.callback_query.register(begin, F.data.startswith("f:"))
    dispatcher.include_router(dialog())
    setup_dialogs(dispatcher)

    async def handle(incoming: Incoming) -> object:
        update = Update.model_validate_json(incoming.payload, context={"bot": bot})
        return await dispatcher.feed_update(bot, update)

    # Whose case it is makes no difference here.
    return await Talks(line, handle).all_of(
        {chat: ["case"] * visits for chat in range(1, chats + 1)}
    )
