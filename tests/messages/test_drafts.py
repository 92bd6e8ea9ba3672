"""What an update brings is kept with its end, in one commit, and not without it."""

import pytest

from domain.case.facts import Answers
from services.casefile.update_context import UpdateContext
from services.cases.drafts import draft_of, key_of
from services.core.acts import Acts
from services.core.database import Database
from services.core.errors import NotAllowed
from services.messages.conversation_changes import HeldWrite
from services.messages.inbox import Inbox, InboxUpdate, Incoming
from tests.conftest import on_both
from tests.operations.conftest import MONDAY, Lived, live_in

pytestmark = on_both

STEP = "12"
SAID = {"note": "材料齐全，没有问题。"}


@pytest.fixture
async def lived(database: Database) -> Lived:
    return await live_in(database, STEP)


async def draft(lived: Lived, second: Database) -> Answers:
    """As another process reads it."""
    secretary = lived.cast.people["乌兰"]
    async with second.read() as session:
        found = await draft_of(session, key_of(secretary, lived.case, STEP))
    return found.answers if found else {}


async def waiting_update(lived: Lived) -> InboxUpdate:
    (chat,) = await lived.services.inbox.store("staff", [Incoming(99, 5, "{}")], MONDAY)
    waiting = await lived.services.inbox.oldest("staff", chat)
    assert waiting is not None
    return waiting


def context(held: list[HeldWrite] | None) -> UpdateContext:
    """`held`: where the update collects its writes."""
    return UpdateContext(Acts(42, 99, MONDAY), held=held)


async def keep(
    lived: Lived, held: list[HeldWrite] | None, who: str = "乌兰", **answers: str
) -> None:
    await lived.services.steps.keep_draft(
        lived.cast.act(), lived.cast.people[who], lived.case, STEP, answers, context(held)
    )


async def test_answers_are_kept_with_the_end_of_their_update(
    lived: Lived, second: Database
) -> None:
    before = await draft(lived, second)
    waiting = await waiting_update(lived)
    held: list[HeldWrite] = []
    await keep(lived, held, note="第一次写的")
    await keep(lived, held, **SAID)
    assert await draft(lived, second) == before
    await lived.services.inbox.finish(waiting, None, held)
    assert await draft(lived, second) == SAID


async def test_a_first_answer_begins_a_draft(lived: Lived, second: Database) -> None:
    await lived.services.steps.drop_draft(
        lived.cast.act(), lived.cast.people["乌兰"], lived.case, STEP
    )
    assert await draft(lived, second) == {}
    waiting = await waiting_update(lived)
    held: list[HeldWrite] = []
    await keep(lived, held, **SAID)
    await lived.services.inbox.finish(waiting, None, held)
    assert await draft(lived, second) == SAID


async def test_what_another_process_finished_keeps_nothing(lived: Lived, second: Database) -> None:
    before = await draft(lived, second)
    waiting = await waiting_update(lived)
    held: list[HeldWrite] = []
    await keep(lived, held, **SAID)
    await Inbox(second).finish(waiting, None)
    await lived.services.inbox.finish(waiting, None, held)
    assert await draft(lived, second) == before


async def test_what_is_dropped_in_the_same_update_is_not_kept(
    lived: Lived, second: Database
) -> None:
    waiting = await waiting_update(lived)
    held: list[HeldWrite] = []
    await keep(lived, held, **SAID)
    await lived.services.steps.drop_draft(
        lived.cast.act(), lived.cast.people["乌兰"], lived.case, STEP, context(held)
    )
    await lived.services.inbox.finish(waiting, None, held)
    assert await draft(lived, second) == {}


async def test_what_is_entered_in_the_same_update_is_not_kept(
    lived: Lived, second: Database
) -> None:
    """The press that gives the last answer and saves; also where it is handled again."""
    secretary, steps = lived.cast.people["乌兰"], lived.services.steps
    answers = {"held_on": MONDAY.date(), "opinion": SAID["note"], "conclusion": "qualified"}
    entering, waiting = lived.cast.act(), await waiting_update(lived)
    for _ in range(2):
        held: list[HeldWrite] = []
        await keep(lived, held, **SAID)
        await steps.record(entering, secretary, lived.case, STEP, answers, context(held))
        assert held == []
    await lived.services.inbox.finish(waiting, None, held)
    assert await draft(lived, second) == {}


async def test_who_may_not_take_the_step_keeps_nothing(lived: Lived) -> None:
    held: list[HeldWrite] = []
    with pytest.raises(NotAllowed):
        await keep(lived, held, "高远", **SAID)
    assert held == []
    with pytest.raises(NotAllowed):
        await keep(lived, None, "高远", **SAID)


async def test_a_draft_that_was_dropped_begins_anew(lived: Lived, second: Database) -> None:
    """Also where the process still knew the one before."""
    for number, text in enumerate(("第一次写的", "第二次写的", "第三次写的")):
        batch = [Incoming(100 + number, 5, "{}")]
        (chat,) = await lived.services.inbox.store("staff", batch, MONDAY)
        waiting = await lived.services.inbox.oldest("staff", chat)
        assert waiting is not None
        held: list[HeldWrite] = []
        await keep(lived, held, note=text)
        await lived.services.inbox.finish(waiting, None, held)
        assert await draft(lived, second) == {"note": text}
        if number == 1:
            await lived.services.steps.drop_draft(
                lived.cast.act(), lived.cast.people["乌兰"], lived.case, STEP
            )
            assert await draft(lived, second) == {}
