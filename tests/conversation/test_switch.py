"""Whom a press or a text reaches doesn't change by asking only those that may answer."""

from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, User

from handlers.staff import routers
from handlers.staff.form.buttons import CONTEXT, WIDGET
from handlers.staff.routing.switch import Switch

USER = User(id=7, is_bot=False, first_name="x")


class OneCallback(CallbackData, prefix="o"):
    of: str


class OtherCallback(CallbackData, prefix="ot", sep="|"):
    of: str


def press(data: str | None) -> CallbackQuery:
    return CallbackQuery(id="1", from_user=USER, chat_instance="1", data=data)


def feature(heard: list[str], name: str, *filters: Any) -> Router:
    async def handler(query: CallbackQuery) -> None:
        heard.append(name)

    router = Router(name=name)
    router.callback_query.register(handler, *filters)
    return router


async def test_a_press_reaches_the_first_that_takes_it() -> None:
    heard = list[str]()

    def never(query: CallbackQuery) -> bool:
        heard.append("asked")
        return False

    switch = Switch(
        (
            feature(heard, "looks at all", never),
            feature(heard, "one", OneCallback.filter()),
            feature(heard, "other sign", OtherCallback.filter()),
            feature(heard, "rest"),
        )
    )
    pressed = [("o:a", "one"), ("ot|a", "other sign"), ("x:a", "rest"), (None, "rest")]
    # Twice: the second time it is known whom to ask.
    for data, name in pressed * 2:
        heard.clear()
        assert await switch.propagate_event("callback_query", press(data)) is not UNHANDLED
        assert heard == ["asked", name]


async def asked_for(data: str) -> list[str]:
    """The features of the bot that are asked for a press that none of them answers."""
    asked = list[str]()
    switch = Switch(routers())
    for router in switch.sub_routers:

        async def saw(handler: Any, event: Any, data: Any, name: str = str(router.name)) -> Any:
            asked.append(name)
            return UNHANDLED

        router.callback_query.outer_middleware(saw)
    await switch.propagate_event("callback_query", press(data))
    return asked


async def test_of_the_features_few_are_asked_for_a_card() -> None:
    asked = await asked_for("c:ab12:s")
    assert "cases" in asked
    assert len(asked) <= 4


async def test_for_a_press_in_a_form_no_other_feature_is_asked() -> None:
    assert await asked_for(f"1Z141Z{CONTEXT}{WIDGET}:3.q.way,1") == ["joining", "filling", "last"]


async def test_a_feature_of_several_routers_is_asked_for_what_the_inner_one_knows() -> None:
    asked = await asked_for("sh:ab12")
    assert "sheets" in asked
