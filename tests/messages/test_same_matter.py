"""One live message a matter: what is new of it takes the place of what was said before."""

from datetime import timedelta

import pytest

from services.core.ports import Outgoing
from tests.conftest import on_both
from tests.conversation.conftest import House
from tests.messages.test_outbox import Post, delivering
from tests.messages.test_outbox import write as put

pytestmark = [pytest.mark.usefixtures("secretary"), on_both]
HOUR = timedelta(hours=1)


async def said_of(
    house: House, post: Post, matter: str, slot: str, name: str = "书记丙"
) -> Outgoing:
    assert await put(house, name, matter, slot=slot)
    assert await delivering(house, post).round() == 1
    return post.sent[-1]


async def test_what_is_new_of_a_matter_takes_the_place_of_what_was_said_last(
    house: House,
) -> None:
    post = Post()
    assert (await said_of(house, post, "one", "1")).edits is None
    house.at += HOUR / 2
    assert (await said_of(house, post, "one", "2")).edits == 1
    house.at += HOUR / 2
    assert (await said_of(house, post, "one", "3")).edits == 2


async def test_another_matter_and_another_person_have_messages_of_their_own(house: House) -> None:
    post = Post()
    await said_of(house, post, "one", "1")
    assert (await said_of(house, post, "other", "1")).edits is None
    assert (await said_of(house, post, "one", "2", "主任甲")).edits is None
    assert (await said_of(house, post, "one", "2")).edits == 1


async def test_one_that_went_out_with_others_stays(house: House) -> None:
    post = Post()
    for matter in ("one", "other"):
        await put(house, "书记丙", matter)
    house.at += HOUR * 3
    assert await delivering(house, post).round() == 1
    assert len(post.sent[0].others) == 1
    assert (await said_of(house, post, "one", "2")).edits is None
