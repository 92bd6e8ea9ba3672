"""One send never decides whether a code exists: fault × moment × what is stored × what is said."""

import asyncio
import re
from collections.abc import Callable

import pytest

from domain.reports import IntakeState
from handlers.public.chat.application import Bot, build, delete_before_exit, forget_expired
from services.intake.intake import Intake
from services.reports.exchange import Exchange
from tests.intake import samples
from tests.intake.citizens import SAID, Citizen
from tests.intake.conftest import NOON, Hand, Stored
from tests.intake.telegram import Telegram
from tests.intake.visitors import Visitor, token_of

SEND, EDIT, DELETE = "sendMessage", "editMessageText", "deleteMessages"
PENDING, RECEIVED, NOT_FILED = IntakeState.PENDING, IntakeState.RECEIVED, IntakeState.NOT_FILED
NOWHERE = re.compile("没有办成|什么都没有存")
"""Said only where nothing is stored."""
OTHERS = "这一次另选的没有收"


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def waited(bot: Bot) -> list[float]:
    """How long the delivery would have waited."""
    seconds: list[float] = []

    async def wait(pause: float) -> None:
        seconds.append(pause)

    bot.bot_data["delivery"].sleep = wait
    return seconds


def error(status: int, times: int, method: str = EDIT) -> Callable[[Telegram], None]:
    more = {"parameters": {"retry_after": 3 if method == EDIT else 1}} if status == 429 else {}
    return lambda telegram: telegram.refuse(method, status, times, **more)


def lost(times: int, method: str = EDIT) -> Callable[[Telegram], None]:
    return lambda telegram: telegram.lose(method, times)


async def states(stored: Stored) -> list[IntakeState]:
    return [report.state for report in await stored.reports()]


async def seen_by_staff(intake: Intake) -> int:
    return len(await Exchange(intake.database, intake.database, None).received())


def code_in(text: str) -> str:
    return "".join(re.findall("<code>(.*?)</code>", text)[-1].split())


TABLE = {
    "no fault": (lambda telegram: None, [RECEIVED], "您的八个字"),
    "one 502 at the edit": (error(502, 1), [RECEIVED], "您的八个字"),
    "five 429 at the edit": (error(429, 5), [RECEIVED], "您的八个字"),
    "one lost answer at the edit": (lost(1), [RECEIVED], "您的八个字"),
    "three lost answers at the edit": (lost(3), [RECEIVED], "您的八个字"),
    "502 at every edit": (error(502, 50), [PENDING], "正在再给"),
    "one 502 at the placeholder": (error(502, 1, SEND), [], "没有办成"),
    "two 429 at the placeholder": (error(429, 2, SEND), [RECEIVED], "您的八个字"),
    "a lost answer at the placeholder": (lost(1, SEND), [], "没有办成"),
    "502 at the deletion": (error(502, 2, DELETE), [RECEIVED], "您的八个字"),
}


@pytest.mark.parametrize("name", TABLE)
async def test_fault_by_moment_what_is_stored_and_said(
    name: str,
    waited: list[float],
    citizen: Citizen,
    telegram: Telegram,
    stored: Stored,
    intake: Intake,
    bot: Bot,
) -> None:
    fault, kept, words = TABLE[name]
    await citizen.gets_to("sum")
    fault(telegram)
    said = await citizen.presses("确认，交上去")
    assert words in said
    assert await states(stored) == kept
    assert bool(NOWHERE.search(said)) == (kept == [])
    assert await seen_by_staff(intake) == (kept == [RECEIVED])
    if "429 at the edit" in name:
        assert waited == [3, 3, 3, 4, 8]
    telegram.refusals.clear()
    if kept == [PENDING]:
        said = await citizen.says("还在吗？")
    elif kept == []:
        said = await citizen.presses("确认，交上去")
    code = code_in(said)
    assert await states(stored) == [RECEIVED]
    assert (await intake.status(code, NOON)).state is RECEIVED
    assert await bot.bot_data["deleter"].again()
    shown = [message for message in citizen.screen if "您的八个字" in message.text]
    assert [message.protected for message in shown] == [True]


async def test_the_minutes_sweep_offers_the_code_as_well(
    citizen: Citizen, telegram: Telegram, stored: Stored, bot: Bot, hand: Hand
) -> None:
    await citizen.gets_to("sum")
    telegram.refuse(EDIT, 502, 50)
    await citizen.presses("确认，交上去")
    telegram.refusals.clear()
    hand.passes(minutes=1)
    await forget_expired(bot)
    assert await states(stored) == [RECEIVED]
    assert "您的八个字" in telegram.told[-1]


async def test_what_cannot_be_shown_within_half_an_hour_is_withdrawn_and_said_so(
    citizen: Citizen, telegram: Telegram, stored: Stored, bot: Bot, hand: Hand, intake: Intake
) -> None:
    await citizen.gets_to("sum")
    telegram.lose(EDIT, 50)
    telegram.refuse(EDIT, 502, 50)
    await citizen.presses("确认，交上去")
    [pending] = bot.bot_data["sessions"].pending.values()
    telegram.refusals.clear()
    telegram.lost.clear()
    hand.passes(minutes=30)
    await forget_expired(bot)
    assert await states(stored) == [NOT_FILED]
    assert await seen_by_staff(intake) == 0
    assert not await stored.files()
    assert [message.text for message in citizen.screen] == [pending.not_filed_text]
    assert "没有交成，请再交一次" in await asks(citizen, pending.filed.code)
    assert "您的八个字" in await citizen.gets_to("code"), (
        "the same words aren't refused as repeated"
    )


async def test_a_placeholder_that_somebody_deleted_is_replaced(
    citizen: Citizen, telegram: Telegram, stored: Stored
) -> None:
    await citizen.gets_to("sum")
    telegram.refuse(EDIT, 502, 50)
    await citizen.presses("确认，交上去")
    telegram.refusals.clear()
    telegram.chat.clear()
    assert "您的八个字" in await citizen.says("在吗？")
    assert await states(stored) == [RECEIVED]
    assert [m.protected for m in citizen.screen if "您的八个字" in m.text] == [True]


async def test_an_orderly_end_withdraws_what_waits(
    citizen: Citizen, telegram: Telegram, stored: Stored, bot: Bot
) -> None:
    await citizen.gets_to("sum")
    telegram.refuse(EDIT, 502, 6)
    await citizen.presses("确认，交上去")
    await delete_before_exit(bot)
    assert await states(stored) == [NOT_FILED]
    assert ["没有交成" in message.text for message in citizen.screen] == [True]


@pytest.mark.parametrize("moment", ["prepared", "shown"])
async def test_after_a_kill_the_next_start_leaves_a_tombstone_that_says_so(
    moment: str,
    citizen: Citizen,
    telegram: Telegram,
    stored: Stored,
    intake: Intake,
    hand: Hand,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`prepared`: killed before the code went out; `shown`: before that was written down."""

    async def killed(*_: object, **__: object) -> bool:
        raise Killed

    await citizen.gets_to("sum")
    delivery = citizen.bot.bot_data["delivery"]
    if moment == "shown":
        monkeypatch.setattr(intake, "activate", killed)
    else:
        monkeypatch.setattr(delivery, "deliver", killed)
    with pytest.raises(Killed):
        await citizen.presses("确认，交上去")
    [pending] = citizen.bot.bot_data["sessions"].pending.values()
    monkeypatch.undo()
    assert await states(stored) == [PENDING]
    assert await seen_by_staff(intake) == 0
    assert await intake.abandon_all_pending(hand.now().date()) == 1
    begun = build("43:TEST", intake, hand.now, request=telegram)
    await begun.initialize()
    again = Citizen(begun, telegram)
    assert await states(stored) == [NOT_FILED]
    assert "没有交成，请再交一次" in await asks(again, pending.filed.code)
    assert "不能再补充" not in await again.presses_data("withdraw")
    await begun.shutdown()


async def asks(citizen: Citizen, code: str) -> str:
    await citizen.says("/status")
    return await citizen.says(code)


async def test_a_code_that_is_typed_has_been_seen(
    intake: Intake, citizen: Citizen, telegram: Telegram, stored: Stored, bot: Bot
) -> None:
    """Its delivery was never confirmed: whoever reads it off the chat asks after it."""
    await citizen.gets_to("sum")
    telegram.lose(EDIT, 5)
    telegram.refuse(EDIT, 502, 50)
    await citizen.presses("确认，交上去")
    [pending] = bot.bot_data["sessions"].pending.values()
    assert (await intake.status(pending.filed.code, NOON)).state is RECEIVED
    assert not await intake.abandon(pending.filed, NOON.date())
    assert await states(stored) == [RECEIVED]


# The page.


async def test_a_form_sent_twice_gives_the_same_code_and_files_once(
    browser: Visitor, stored: Stored, hand: Hand
) -> None:
    fields = {"token": token_of(await browser.opens()), "about": "河湾村", "text": SAID}
    codes = set()
    for _ in range(3):
        status, page = await browser.sends("/report", **fields)
        assert status == 200
        codes.update(re.findall('class="code">(.{8})<', page))
    assert len(codes) == 1
    assert await states(stored) == [RECEIVED]
    changed = {**fields, "text": SAID + "还有一处。"}
    status, page = await browser.sends("/report", **changed)
    assert (status, "这一次没有存" in page, "什么都没有存" in page) == (400, True, False)
    hand.passes(minutes=30)
    status, page = await browser.sends("/report", **fields)
    assert (status, "已经交过，不用再交" in page, "没有存" in page) == (200, True, False)
    assert len(await stored.reports()) == 1


async def test_two_at_once_get_one_code(browser: Visitor, stored: Stored) -> None:
    fields = {"token": token_of(await browser.opens()), "about": "河湾村", "text": SAID}
    both = await asyncio.gather(*(browser.sends("/report", **fields) for _ in range(2)))
    codes = [re.findall('class="code">(.{8})<', page) for _, page in both]
    assert codes[0] == codes[1]
    assert await states(stored) == [RECEIVED]


async def test_a_page_whose_answer_is_lost_shows_the_code_to_whoever_sends_it_again(
    browser: Visitor, stored: Stored, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiohttp import web

    fields = {"token": token_of(await browser.opens()), "about": "河湾村", "text": SAID}
    write, breaks = web.StreamResponse.write, [True]

    async def broken(self: web.StreamResponse, data: bytes) -> None:
        if breaks.pop() if breaks else False:
            raise ConnectionResetError
        await write(self, data)

    monkeypatch.setattr(web.StreamResponse, "write", broken)
    with pytest.raises(Exception, match=r".*"):
        await browser.sends("/report", **fields)
    assert await states(stored) == [PENDING]
    assert await seen_by_staff(intake) == 0
    status, page = await browser.sends("/report", **fields)
    assert (status, 'class="code"' in page) == (200, True)
    assert await states(stored) == [RECEIVED]


async def test_a_form_whose_files_the_browser_lost_gives_the_same_code(
    browser: Visitor, stored: Stored, hand: Hand
) -> None:
    """Loaded again, a browser sends an empty file in the place of one that it can't read any
    more: that is no other report."""
    fields = {"token": token_of(await browser.opens()), "about": "河湾村", "text": SAID}
    photo, other = samples.jpeg(), samples.jpeg(30, 20)
    _, page = await browser.sends("/report", photo, **fields)
    code = re.findall('class="code">(.{8})<', page)
    for again in ((b"",), (), (photo,)):
        status, page = await browser.sends("/report", *again, **fields)
        assert (status, re.findall('class="code">(.{8})<', page)) == (200, code)
        assert "附件1份，都已清理" in page
        assert OTHERS not in page
    status, page = await browser.sends("/report", photo, other, **fields)
    assert (status, re.findall('class="code">(.{8})<', page)) == (200, code)
    assert OTHERS in page
    assert (await states(stored), len(await stored.files())) == ([RECEIVED], 1)
    hand.passes(minutes=31)
    for again, said in (((b"",), False), ((other,), True)):
        status, page = await browser.sends("/report", *again, **fields)
        assert (status, "这一件已经交过，不用再交" in page, OTHERS in page) == (200, True, said)
    assert (await states(stored), len(await stored.files())) == ([RECEIVED], 1)


async def test_a_form_sent_again_after_a_kill_is_told_to_look_whether_it_was_handed_in(
    browser: Visitor, stored: Stored, intake: Intake, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once the code was on the screen, and before the report counted: its reporter has seen
    eight characters, and nothing was handed in."""
    from aiohttp.test_utils import TestClient, TestServer

    from handlers.public.web import build_web
    from handlers.public.web.filings import Filings

    fields = {"token": token_of(await browser.opens()), "about": "河湾村", "text": SAID}

    async def killed(self: Filings, filing: object) -> None:
        """The process ends before the commit."""

    monkeypatch.setattr(Filings, "confirm", killed)
    _, page = await browser.sends("/report", **fields)
    [code] = re.findall('class="code">(.{8})<', page)
    monkeypatch.undo()
    await intake.abandon_all_pending(hand.now().date())
    async with TestClient(TestServer(build_web(intake, hand.now))) as client:
        again = Visitor(client)
        status, page = await again.sends("/report", **fields)
        assert (status, "这一次没有存" in page) == (400, True)
        assert "请凭它查进展：那里说交成了没有" in page
        status, page = await again.sends("/status", code=code)
        assert (status, "没有交成，请再交一次" in page) == (200, True)
    assert await states(stored) == [NOT_FILED]


def test_what_is_known_of_a_file_says_nothing_without_the_number_of_its_form(
    intake: Intake, hand: Hand
) -> None:
    """Whoever has memory and photo can't look whether it was handed in, and when."""
    from handlers.public.web.filings import Filings

    filings, photo = Filings(intake, hand.now), samples.jpeg()
    one, other = (filings.of(number, ("", "河湾村", SAID), (photo,)) for number in ("1", "2"))
    assert one.files
    assert one.files.isdisjoint(other.files)
    assert not filings.other_files(one, "1", (photo, b""))
    assert filings.other_files(one, "2", (photo,))


async def test_a_page_that_nobody_was_shown_is_withdrawn_after_half_an_hour(
    intake: Intake, stored: Stored, hand: Hand
) -> None:
    from handlers.public.web.filings import Filings
    from services.intake.intake import ConfirmedReport

    filings = Filings(intake, hand.now)
    filing = filings.of("number", ("", "河湾村", SAID), ())
    draft = ConfirmedReport("", "河湾村", SAID)
    filing.filed = await intake.prepare(draft, NOON.date(), NOON)
    filings.keep("number", filing)
    await filings.sweep()
    assert await states(stored) == [PENDING]
    hand.passes(minutes=30)
    await filings.sweep()
    assert await states(stored) == [NOT_FILED]
    assert filings.of("number", ("", "河湾村", SAID), ()) is not filing


async def test_the_same_words_in_a_new_form_are_told_how_to_get_the_code(
    browser: Visitor, stored: Stored
) -> None:
    await browser.reports()
    status, page = await browser.sends("/report", about="河湾村 某某", text=SAID)
    assert (status, "再按一次提交，会再给一次" in page) == (409, True)
    assert len(await stored.reports()) == 1
