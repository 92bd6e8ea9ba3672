"""(a) From the application to the archive in one case, each step in chat, the clock moved on."""

from datetime import timedelta

import pytest

from domain.states import Status
from tests.stories.conftest import MONDAY, City
from tests.stories.walker import Walker

CITYS_OWN = {"7a", "8a", "8b", "14a", "17a", "21a", "22a", "22b", "22c"}


# In `make test` the way is walked in chat: tests/conversation/test_whole_way.py.
@pytest.mark.slow
async def test_from_the_application_to_the_archive(city: City) -> None:
    secretary = await city.person("secretary")
    await secretary.says("开始新的一件")
    await secretary.sees("姓名")
    await secretary.says("陆小满")
    await secretary.presses("登记")
    said = await secretary.sees("陆小满", "下一步", "递交入党申请书")
    assert "《细则》第" in said
    cases = await city.services.cases.search(city.cast.people["乌兰"], city.today)
    walker = Walker(city, cases.lines[0].case_id, "陆小满")

    card = await walker.on()

    assert card.progress.status is Status.ARCHIVED
    every = {step.id for step in card.rulebook.steps if not step.repeats}
    assert every | {"6a", "24b"} == set(walker.taken)
    assert walker.taken.count("6a") == 2
    assert every > CITYS_OWN
    assert card.progress.next is None
    assert not card.progress.deadlines
    assert city.now > MONDAY + timedelta(days=2 * 365)
    await secretary.says("陆小满")
    await secretary.sees("已归档")
