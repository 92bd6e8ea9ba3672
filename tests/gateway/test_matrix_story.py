"""The staff bot of production on Matrix: one long story through a real Synapse. What people do is
told as on the first messenger, unchanged; here they answer by letters and typed text."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from domain.rulebook.schema import Role
from gateway.gateway_texts import ZH
from gateway.platform import Account
from services.messages.chats import chat_at
from tests.conversation.people import picture
from tests.gateway.room import Roommate, Watching
from tests.gateway.synapse import serving
from tests.gateway.test_matrix import Place
from tests.gateway.village import CHOSEN, NEW, WRITTEN, begins_a_visit, joins
from tests.stories.conftest import CHATS, HOME, MONDAY, City, founded
from tests.stories.meeting import agenda, counted, voted
from tests.stories.reporting import SAID, reports
from tests.stories.test_visit import SLIPPED
from tests.stories.walker import Walker

pytestmark = pytest.mark.slow
THERE = ("introducer", "director")
"""Who has Matrix beside the secretary, who joins in the story."""


@dataclass
class Office:
    """`token`: an invitation for NEW."""

    city: City
    place: Place
    token: str

    async def room(self, name: str) -> Roommate:
        """Their private room with the bot, which this makes."""
        member = await self.place.member(name, kind=Watching)
        await member.opens(self.place.account)
        await member.joined_by(self.place.account)
        made = self.city.known[name] = Roommate(name, member)
        return made


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(tmp_path / "synapse"))
        place = Place(server, tmp_path, await server.register("yinlu"))
        bot = await stack.enter_async_context(place.running())
        chats = dict(CHATS)
        for name in THERE:
            # Known before they write, by the number that the invented people have.
            with monkeypatch.context() as fixed:
                fixed.setattr("gateway.store.randbits", lambda _, here=CHATS[name]: here)
                account = Account(f"@{name}:loc.test", "", name)
                await bot.gateway.store.account_of(account)
            chats[name] = chat_at(1, CHATS[name])
        (tmp_path / "var").mkdir()
        beside = f"matrix={bot.gateway.url}"
        city = await stack.enter_async_context(
            founded(tmp_path / "var", "", chats, gateways=beside)
        )
        director, branch = city.cast.people["苏和"], city.cast.places[HOME]
        invite = city.services.people.invite
        token = await invite(city.cast.act(), director, Role.SECRETARY, branch, NEW)
        made = Office(city, place, token)
        yield made
        for member in place.members:
            await member.client.close()


async def test_what_staff_do_is_done_by_letters_and_typed_text(office: Office) -> None:
    city, secretary = office.city, await office.room("secretary")
    for name in THERE:
        person = await office.room(name)
        await person.says("你好")
    visited = await city.case("21a", 750)
    await secretary.says("你好")
    await joins(secretary.member, office.token)
    await visits(secretary, city, visited)
    await leads_the_first_stage(secretary, city)
    await somebody_signs(city)
    await votes(secretary, city)
    await a_report_isnt_shown(city)


async def visits(secretary: Roommate, city: City, case: str) -> None:
    """A note of a visit, with a photo."""
    await begins_a_visit(secretary.member)
    for label, told in CHOSEN.items():
        await secretary.presses(label)
        await secretary.sees(told)
    await secretary.sends(picture(b""))
    await secretary.sees("照片")
    await secretary.says(WRITTEN)
    await secretary.sees("核对后保存", "有人跟着学")
    await secretary.presses("确认，保存")
    await secretary.sees("已保存")
    entry = next(e for e in (await city.card(case)).entries if e.step.id == "21a")
    assert (entry.answers["heard"], len(entry.answers["photos"])) == (8, 1)


async def leads_the_first_stage(secretary: Roommate, city: City) -> None:
    """From the application on, with whoever has to sign."""
    await secretary.says("开始新的一件")
    await secretary.sees("姓名")
    await secretary.says("王小明")
    await secretary.presses("登记")
    await secretary.sees("王小明", "下一步", "递交入党申请书")
    (line,) = (
        await city.services.cases.search(city.cast.people["乌兰"], city.today, "王小明")
    ).lines
    walker = Walker(city, line.case_id, "王小明")
    card = await walker.on("3")
    assert [entry.step.id for entry in card.entries] == ["1", "2"]
    assert card.progress.stage == "activist"


async def somebody_signs(city: City) -> None:
    """A visit that finds thinking slipped is signed by the introducers."""
    case = await city.case("21a", 750, name="何秋实")
    walker = Walker(city, case, "何秋实")
    said = await walker.take("21a", **SLIPPED)
    assert "签字" in said
    assert "还要入党介绍人李秀兰签字确认" in await walker.signs("introducer")
    entry = next(line for line in (await city.card(case)).entries if line.step.id == "21a")
    assert "巴特尔" in entry.signed_by


async def votes(secretary: Roommate, city: City) -> None:
    """A meeting of the branch, with one ballot, of which they are reminded."""
    case = await city.case("15", 424, name="白雪")
    await city.passes("1m")
    await secretary.sees("提醒", "白雪 · 支部大会讨论表决", since=0)
    await secretary.says("/more")
    await secretary.sees("还可以")
    await secretary.presses("开会")
    await secretary.sees("新开：支部大会")
    await secretary.presses("新开：支部大会")
    await agenda(secretary, "白雪")
    # The meeting stands above the form that it opened by itself: she reads on below.
    await secretary.sees("还差：")
    *_, meeting, form = secretary.member.sees()
    assert "议程，逐人表决" in meeting
    assert "还差：" in form
    said = await counted(secretary, "有表决权20 应到20 实到18")
    assert "到会人数够，可以表决。" in said
    said = await voted(secretary, "白雪", "同意11 不同意7", "接收为预备党员")
    assert "11/20" in said
    entry = next(e for e in (await city.card(case)).entries if e.step.id == "15")
    assert entry.answers["conclusion"] == "accept"


async def a_report_isnt_shown(city: City) -> None:
    """It must not be passed on: who opens it reads where it can be read."""
    citizen, director = await city.person("citizen", "public"), await city.person("director")
    await reports(citizen)
    # On the next Monday what is due is told, the report among it.
    await city.morning_of(MONDAY.date() + timedelta(days=7))
    await director.sees("有一件群众反映要办", since=0)
    await director.presses("去办")
    await director.sees("下一步：部领导批示")
    await director.presses("打开内容")
    await director.sees(ZH["protected"])
    rooms = [one.member for one in city.known.values() if isinstance(one, Roommate)]
    assert not [body for member in rooms for body in member.shown.values() if SAID in body]
