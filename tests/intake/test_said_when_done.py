"""What was done is said, whatever becomes of a send: fault × moment × what is stored × what is
said, at both doors. The code itself: test_code_delivery.py."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from domain.reports import IntakeState
from handlers.public.chat.application import Bot, forget_expired
from handlers.public.chat.sessions import ReportDraft, Sessions
from tests.intake import samples
from tests.intake.citizens import SAID, Citizen
from tests.intake.conftest import Hand, Stored
from tests.intake.telegram import Telegram
from tests.intake.visitors import Visitor, token_of

SEND, EDIT = "sendMessage", "editMessageText"
UNDONE = re.compile("没有办成|什么都没有存|这一次没有存")
"""Said only of what wasn't done."""
WHOM, MORE = "河湾村 某某", "还有一处在河边。"


@pytest.fixture(autouse=True)
def unhurried(bot: Bot) -> None:
    async def at_once(_: float) -> None:
        """Nobody waits in a test."""

    bot.bot_data["delivery"].sleep = bot.bot_data["speaker"].sleep = at_once


@dataclass
class Case:
    """Somebody at a chat, with what is kept of them."""

    citizen: Citizen
    stored: Stored

    @property
    def sessions(self) -> Sessions:
        sessions: Sessions = self.citizen.bot.bot_data["sessions"]
        return sessions

    @property
    def draft(self) -> ReportDraft | None:
        return self.sessions.drafts.get(self.citizen.chat)

    async def opens_report(self, then: str) -> None:
        code = await self.citizen.files_a_report()
        await self.citizen.says("/status")
        await self.citizen.says(code)
        await self.citizen.presses(then)


Step = Callable[[Case], Awaitable[object]]
Done = Callable[[Case], Awaitable[bool]]


async def heard(case: Case) -> bool:
    return case.draft is not None and case.draft.texts == [SAID]


async def one_file(case: Case) -> bool:
    return case.draft is not None and len(case.draft.files) == 1


async def no_draft(case: Case) -> bool:
    return case.draft is None


async def one_letter(case: Case) -> bool:
    return len(await case.stored.letters()) == 1


async def withdrawn(case: Case) -> bool:
    return [row.state for row in await case.stored.reports()] == [IntakeState.WITHDRAWN]


async def one_report(case: Case) -> bool:
    return len(await case.stored.reports()) == 1


async def twice_the_same(case: Case) -> None:
    await case.citizen.files_a_report()
    await case.citizen.gets_to("sum")


async def shows_a_photo(case: Case) -> str:
    return await case.citizen.sends(case.citizen.offers("photo", samples.photo("CANARY1")))


DEEDS: dict[str, tuple[Step, Step, Done, str]] = {
    "words": (
        lambda case: case.citizen.gets_to("what"),
        lambda case: case.citizen.says(SAID),
        heard,
        "记下了",
    ),
    "a picture": (
        lambda case: case.citizen.gets_to("evidence"),
        shows_a_photo,
        one_file,
        "收到1份",
    ),
    "stopping": (
        lambda case: case.citizen.gets_to("evidence"),
        lambda case: case.citizen.says("/cancel"),
        no_draft,
        "已清除",
    ),
    "copied": (
        lambda case: case.citizen.files_a_report(),
        lambda case: case.citizen.presses("我抄好了，删掉这条"),
        one_report,
        "删掉了",
    ),
    "the same once more": (
        twice_the_same,
        lambda case: case.citizen.presses("确认，交上去"),
        one_report,
        "刚才已经交过",
    ),
    "a letter": (
        lambda case: case.opens_report("补充情况"),
        lambda case: case.citizen.says(MORE),
        one_letter,
        "封好交上去",
    ),
    "taking back": (
        lambda case: case.opens_report("撤回"),
        lambda case: case.citizen.presses("撤回，删除内容"),
        withdrawn,
        "已撤回",
    ),
}
FAULTS: dict[str, Callable[[Telegram], None]] = {
    "one 502": lambda telegram: telegram.refuse(SEND, 502),
    "two 429": lambda telegram: telegram.refuse(SEND, 429, 2, parameters={"retry_after": 1}),
    "a lost answer": lambda telegram: telegram.lose(SEND),
    "502 for a while": lambda telegram: telegram.refuse(SEND, 502, 50),
}


# What needs a code derives it, which is slow on purpose: there the longest fault stands for all.
TABLE = [
    (deed, fault)
    for deed in DEEDS
    for fault in FAULTS
    if deed in ("words", "a picture", "stopping") or fault == "502 for a while"
]


@pytest.mark.parametrize(("deed", "fault"), TABLE)
async def test_what_was_done_is_said_once_it_can_be(
    deed: str, fault: str, citizen: Citizen, telegram: Telegram, stored: Stored
) -> None:
    reach, does, done, words = DEEDS[deed]
    case = Case(citizen, stored)
    await reach(case)
    if deed == "the same once more":
        # The placeholder of the code comes first there, with a table of its own.
        after_the_placeholder(telegram, fault)
    else:
        FAULTS[fault](telegram)
    before = len(telegram.told)
    await does(case)
    assert await done(case)
    if "while" in fault:
        telegram.refusals.clear()
        await citizen.presses_data("nothing")
        assert await done(case)
    said = "\n".join(telegram.told[before:])
    assert words in said
    assert not UNDONE.search(said.replace("已清除，什么都没有存", ""))


def after_the_placeholder(telegram: Telegram, fault: str) -> None:
    take = telegram.do_request

    async def first_passes(url: str, *rest: object, **more: object) -> tuple[int, bytes]:
        answer = await take(url, *rest, **more)  # type: ignore[arg-type]
        if url.endswith(SEND):
            telegram.do_request = take  # type: ignore[method-assign]
            FAULTS[fault](telegram)
        return answer

    telegram.do_request = first_passes  # type: ignore[method-assign]


async def test_the_minutes_sweep_says_it_as_well(
    citizen: Citizen, telegram: Telegram, stored: Stored, bot: Bot, hand: Hand
) -> None:
    await citizen.gets_to("what")
    telegram.refuse(SEND, 502, 50)
    await citizen.says(SAID)
    telegram.refusals.clear()
    hand.passes(minutes=1)
    await forget_expired(bot)
    assert "记下了" in telegram.told[-1]
    hand.passes(minutes=31)
    await forget_expired(bot)
    assert [text for text in telegram.told if "记下了" in text] == [telegram.told[-1]]
    assert not citizen.screen


async def test_what_could_not_be_said_for_half_an_hour_is_forgotten(
    citizen: Citizen, telegram: Telegram, stored: Stored, bot: Bot, hand: Hand
) -> None:
    """Nothing of who wrote is kept for longer; of a report, its code still tells."""
    await citizen.gets_to("what")
    telegram.refuse(SEND, 502, 500)
    await citizen.says(SAID)
    hand.passes(minutes=30)
    await forget_expired(bot)
    assert not bot.bot_data["sessions"].unsaid


QUESTIONS: dict[str, tuple[Step, Step, str]] = {
    "about whom": (
        lambda case: case.citizen.gets_to("whom"),
        lambda case: case.citizen.says(WHOM),
        "发生了什么",
    ),
    "the summary": (
        lambda case: case.citizen.gets_to("evidence"),
        lambda case: case.citizen.presses("没有了"),
        "请核对",
    ),
    "written anew": (
        lambda case: case.citizen.gets_to("sum"),
        lambda case: case.citizen.presses("重写内容"),
        "发生了什么",
    ),
}
AT = {
    "one 502 at the edit": lambda telegram: telegram.refuse(EDIT, 502),
    "a lost answer at the edit": lambda telegram: telegram.lose(EDIT),
    "a lost answer at the placeholder": lambda telegram: telegram.lose(SEND),
    "502 at every edit": lambda telegram: telegram.refuse(EDIT, 502, 50),
}


@pytest.mark.parametrize("fault", AT)
@pytest.mark.parametrize("question", QUESTIONS)
async def test_what_holds_something_of_a_report_is_asked_again_and_can_be_taken_off(
    question: str, fault: str, citizen: Citizen, telegram: Telegram, stored: Stored
) -> None:
    reach, does, words = QUESTIONS[question]
    case = Case(citizen, stored)
    await reach(case)
    kept = list(case.draft.texts) if case.draft else []
    AT[fault](telegram)
    before = len(telegram.told)
    await does(case)
    said = "\n".join(telegram.told[before:])
    if UNDONE.search(said):
        telegram.refusals.clear()
        assert case.draft is not None
        assert case.draft.texts == kept
        await does(case)
    assert words in telegram.told[-1]
    await citizen.says("/cancel")
    assert not [seen for seen in citizen.screen if WHOM in seen.text or SAID in seen.text]
    assert await stored.nothing()


# The page.


@pytest.mark.parametrize("do", ["more", "withdraw"])
async def test_a_form_of_a_code_sent_twice_does_it_once_and_says_the_same(
    do: str, browser: Visitor, stored: Stored, hand: Hand
) -> None:
    fields = {"code": await browser.reports(), "do": do, "more": MORE, "sure": "yes"}
    fields["token"] = token_of(await browser.opens("/status"))
    both = await asyncio.gather(*(browser.sends("/status", **fields) for _ in range(2)))
    assert both[0][0] == both[1][0] == 200
    assert done_in(both[0][1]) == done_in(both[1][1]) != ""
    assert len(await stored.letters()) == (do == "more")
    changed = {**fields, "more": MORE * 2, "do": "more"}
    status, page = await browser.sends("/status", **changed)
    assert (status, "这一次没有存" in page) == (400, True)
    hand.passes(hours=23)
    status, page = await browser.sends("/status", **fields)
    assert (status, done_in(page)) == (200, done_in(both[0][1]))
    hand.passes(hours=1)
    status, page = await browser.sends("/status", **fields)
    assert (status, "这一次没有存" in page) == (400, True)
    assert len(await stored.letters()) == (do == "more")


def done_in(page: str) -> str:
    return "".join(re.findall('class="done">([^<]*)<', page))
