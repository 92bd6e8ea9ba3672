"""How a body's secretary goes through a meeting in chat: what is wanted is pressed or said."""

from contextlib import suppress

from handlers.staff.messages.notifier import Notifier
from services.core.ports import Moot
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

SAVE = "确认，保存"
NEXT = "下一项 ›"
READY = ("全部点上", "对，就这些", "今天", "跳过", "是")
"""Pressed where nothing else is wanted."""
INVITED = ("同事、同学",)
"""Who was asked to appraise, where that is asked."""


async def fills(person: Somebody, *wanted: str) -> str:
    """A whole form. What isn't wanted is ticked, skipped, or answered with yes and today."""
    left = list(wanted)
    for _ in range(40):
        here = person.choices
        if SAVE in here:
            return await person.presses(SAVE)
        several = "①" in person.screen.text
        offered = person.open_choices if several else here
        label = next((item for item in left if item in offered), None)
        ready = [item for item in READY if item in offered]
        if label is not None:
            left.remove(label)
            await person.presses(label)
        elif several and left and left[0] not in INVITED and "还差" in person.screen.text:
            await person.says(left.pop(0))
        elif ready:
            await person.presses(ready[0])
        elif NEXT in here:
            await person.presses(NEXT)
        else:
            assert left, person.screen.text
            await person.says(left.pop(0))
    raise AssertionError(person.screen.text)


async def convenes(person: Somebody, body: str, *names: str) -> str:
    await person.says("/meetings")
    said = await person.presses(f"新开：{body}")
    # Where there is nobody else, and nothing to be told of, there is nothing to choose.
    if "每个人单独表决" not in said:
        return said
    await person.ticks(*names)
    return await person.presses(f"定下{len(names)}人上会")


async def counts(person: Somebody, *numbers: str) -> str:
    # With a single candidate each form opens by itself, below the meeting.
    if "清点人数，走程序" in person.choices:
        await person.presses("清点人数，走程序")
    return await fills(person, *numbers, *INVITED)


async def votes(person: Somebody, name: str, *wanted: str) -> str:
    if f"表决：{name}" in person.choices:
        await person.presses(f"表决：{name}")
    return await fills(person, *wanted)


async def told(house: House) -> None:
    """Everything that waits to be said is said."""
    notifier = Notifier(house.line.bot, house.services, house.now)
    while waiting := await house.services.outgoing.claim(house.at, "w1", most=50):
        for message in waiting:
            with suppress(Moot):
                number = await notifier.deliver(message)
                await house.services.outgoing.sent(message.ids, number, house.at)
                continue
            await house.services.outgoing.moot(message.ids)
