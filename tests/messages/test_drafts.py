"""What an update brings is kept with its end, in one commit, and not without it."""

import pytest

from domain.case.facts import Answers
from services.cases.drafts import draft_of, with_the_update
from services.core.database import Database
from services.core.errors import NotAllowed
from services.messages.inbox import Inbox, Incoming, Waiting
from tests.operations.conftest import MONDAY, Lived, live_in

STEP = "12"
SAID = {"note": "材料齐全，没有问题。"}


@pytest.fixture
async def lived(database: Database) -> Lived:
    return await live_in(database, STEP)


async def draft(lived: Lived, second: Database) -> Answers:
    """As another process reads it."""
    secretary = lived.cast.people["乌兰"]
    async with second.read() as session:
        found = await draft_of(session, secretary, lived.case, STEP)
    return found.answers if found else {}


async def update(lived: Lived) -> Waiting:
    (chat,) = await lived.services.inbox.store("staff", [Incoming(99, 5, "{}")], MONDAY)
    waiting = await lived.services.inbox.oldest("staff", chat)
    assert waiting is not None
    return waiting


async def keep(lived: Lived, who: str = "乌兰", **answers: str) -> None:
    await lived.services.steps.keep_draft(
        lived.cast.act(), lived.cast.people[who], lived.case, STEP, answers
    )


async def test_answers_are_kept_with_the_end_of_their_update(
    lived: Lived, second: Database
) -> None:
    before = await draft(lived, second)
    waiting = await update(lived)
    with with_the_update() as drafts:
        await keep(lived, note="第一次写的")
        await keep(lived, **SAID)
    assert await draft(lived, second) == before
    await lived.services.inbox.finish(waiting, None, drafts)
    assert await draft(lived, second) == SAID


async def test_a_first_answer_begins_a_draft(lived: Lived, second: Database) -> None:
    await lived.services.steps.drop_draft(
        lived.cast.act(), lived.cast.people["乌兰"], lived.case, STEP
    )
    assert await draft(lived, second) == {}
    waiting = await update(lived)
    with with_the_update() as drafts:
        await keep(lived, **SAID)
    await lived.services.inbox.finish(waiting, None, drafts)
    assert await draft(lived, second) == SAID


async def test_what_another_process_finished_keeps_nothing(lived: Lived, second: Database) -> None:
    before = await draft(lived, second)
    waiting = await update(lived)
    with with_the_update() as drafts:
        await keep(lived, **SAID)
    await Inbox(second).finish(waiting, None)
    await lived.services.inbox.finish(waiting, None, drafts)
    assert await draft(lived, second) == before


async def test_what_is_dropped_in_the_same_update_is_not_kept(
    lived: Lived, second: Database
) -> None:
    waiting = await update(lived)
    with with_the_update() as drafts:
        await keep(lived, **SAID)
        await lived.services.steps.drop_draft(
            lived.cast.act(), lived.cast.people["乌兰"], lived.case, STEP
        )
    await lived.services.inbox.finish(waiting, None, drafts)
    assert await draft(lived, second) == {}


async def test_who_may_not_take_the_step_keeps_nothing(lived: Lived) -> None:
    with with_the_update() as drafts, pytest.raises(NotAllowed):
        await keep(lived, "高远", **SAID)
    assert drafts == []
    with pytest.raises(NotAllowed):
        await keep(lived, "高远", **SAID)


async def test_a_draft_that_was_dropped_begins_anew(lived: Lived, second: Database) -> None:
    """Also where the process still knew the one before."""
    for number, text in enumerate(("第一次写的", "第二次写的", "第三次写的")):
        batch = [Incoming(100 + number, 5, "{}")]
        (chat,) = await lived.services.inbox.store("staff", batch, MONDAY)
        waiting = await lived.services.inbox.oldest("staff", chat)
        assert waiting is not None
        with with_the_update() as drafts:
            await keep(lived, note=text)
        await lived.services.inbox.finish(waiting, None, drafts)
        assert await draft(lived, second) == {"note": text}
        if number == 1:
            await lived.services.steps.drop_draft(
                lived.cast.act(), lived.cast.people["乌兰"], lived.case, STEP
            )
            assert await draft(lived, second) == {}
