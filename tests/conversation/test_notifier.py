"""What people are told without asking, and what becomes of it when the messenger won't take it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage
from aiohttp import ClientConnectorError
from aiohttp.client_reqrep import ConnectionKey

from domain.case.facts import DateKind, Deadline
from domain.rulebook.schema import Role, Step, Text
from handlers.staff.messages import render
from handlers.staff.messages.notifier import Notifier
from services.core.ports import Ambiguous, Moot, Outgoing, RetryLater, Unreachable
from services.reminders.views import ReminderLine
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened
from tests.conversation.test_records import appointed

__all__ = ["opened"]

TODAY = date(2026, 11, 23)
METHOD = SendMessage(chat_id=1, text="x")


async def waiting(house: House) -> list[Outgoing]:
    return list(await house.services.outgoing.claim(house.at, "w1", most=50))


def notifier(house: House) -> Notifier:
    return Notifier(house.line.bot, house.services, house.now)


async def deliver_all(house: House) -> None:
    # Again while there are any: a person gets one message at a time.
    while messages := await waiting(house):
        for message in messages:
            try:
                number = await notifier(house).deliver(message)
            except Moot:
                await house.services.outgoing.moot(message.ids)
            else:
                await house.services.outgoing.sent(message.ids, number, house.at)


async def test_the_introducer_is_asked_to_sign_and_the_button_opens_the_record(
    house: House, introducer: Somebody, opened: Somebody
) -> None:
    await appointed(house, opened)
    await deliver_all(house)
    turn = introducer.screen.message_id
    assert "轮到您了：<b>张三</b>" in introducer.screen.text
    await opened.presses("接着填：21a 回访")
    await opened.presses("今天")
    await opened.says("积极向上")
    await opened.presses("党员甲二")
    await opened.presses("确认，保存")
    await deliver_all(house)
    said = introducer.screen.text
    # Sent anew: the same message edited would have made no sound.
    assert introducer.screen.message_id != turn
    assert turn not in introducer.chat
    assert "请您签字：<b>张三</b>" in said
    assert "21a 回访，书记丙已经记好" in said
    await introducer.presses("核对，签字")
    assert "已签字" in await introducer.presses("核对无误，签字")


async def test_what_was_done_meanwhile_is_not_asked_for(
    house: House, introducer: Somebody, opened: Somebody
) -> None:
    await appointed(house, opened)
    await opened.presses("接着填：21a 回访")
    await opened.presses("今天")
    await opened.says("积极向上")
    await opened.presses("党员甲二")
    await opened.presses("确认，保存")
    message = next(item for item in await waiting(house) if item.kind == "sign")
    await introducer.says("待办")
    await introducer.presses("签字")
    await introducer.presses("核对无误，签字")
    number = await notifier(house).deliver(message)
    # Another introducer has yet to sign, so it isn't called done.
    assert "还没签完：<b>张三</b> · 21a 回访" in introducer.chat[number].text


async def test_a_second_secretary_is_told_and_the_next_message_takes_the_place_of_the_first(
    house: House, opened: Somebody
) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await first_step(opened)
    message = (await waiting(house))[0]
    number = await notifier(house).deliver(message)
    assert "轮到您了：<b>张三</b>" in other.chat[number].text
    assert "2 派人谈话" in other.chat[number].text
    again = await notifier(house).deliver(replace(message, kind="recorded", edits=number))
    assert again == number
    assert "已办：<b>张三</b> · 1 递交入党申请书" in other.chat[number].text
    assert await notifier(house).deliver(replace(message, kind="recorded", edits=number)) == number
    gone = await notifier(house).deliver(replace(message, edits=77))
    assert gone != 77
    await other.presses("开始填写")
    assert "1/4" in other.screen.text


def reminder(
    case: str, days: int, kind: DateKind, mine: bool, step: Step, ready: bool = True
) -> ReminderLine:
    on, said = TODAY + timedelta(days=days), Text("一个月内", "within a month")
    deadline = Deadline(step.id, "limit", kind, on, "N7", said)
    return ReminderLine(case, f"党员{case}", "第一支部", step, deadline, mine, ready)


async def test_a_reminder_shows_what_is_overdue_first_and_its_buttons_stand_in_that_order(
    house: House,
) -> None:
    step = house.services.procedure.current.step("2")
    lines = [
        reminder("A", -3, DateKind.LEGAL, True, step),
        reminder("B", 2, DateKind.LEGAL, True, step),
        reminder("A", 9, DateKind.LEGAL, True, step),
        *(reminder(f"C{n}", 20, DateKind.LEGAL, True, step) for n in range(9)),
    ]
    notice = render.digest(lines, TODAY)
    shown = [row[0][0].split(" ")[0] for row in notice.rows[:-1]]
    assert shown == ["党员A", "党员B", "党员C0", "党员C1", "党员C2"]
    assert notice.text.splitlines() == [
        "<b>提醒</b>",
        "党员A · 派人谈话 · 已过3天",
        "党员B · 派人谈话 · 还有2天",
        "党员A · 派人谈话 · 还有9天",
        "党员C0 · 派人谈话 · 还有20天",
        "党员C1 · 派人谈话 · 还有20天",
        "",
        "还有7项",
    ]


async def test_two_of_one_name_have_buttons_of_their_own(house: House) -> None:
    step = house.services.procedure.current.step("2")
    lines = [
        replace(reminder(case, 2, DateKind.LEGAL, True, step, ready=False), person="张三")
        for case in ("A", "B")
    ]
    rows = render.digest(lines, TODAY).rows
    labels = [label for row in rows for label, _ in row]
    assert len(set(labels)) == len(labels)
    assert labels[:4] == [
        "张三 · 去看",
        "张三 · 过几天再说",
        "张三 · 去看 2",
        "张三 · 过几天再说 2",
    ]


async def test_who_supervises_is_told_of_others_below_their_own(house: House) -> None:
    step = house.services.procedure.current.step("2")
    lines = [
        *(reminder(f"A{n}", -3, DateKind.LEGAL, True, step) for n in range(4)),
        *(reminder(f"B{n}", -3, DateKind.LEGAL, False, step) for n in range(3)),
    ]
    said = render.digest(lines, TODAY).text.splitlines()
    assert said[5:] == ["", "<b>请督促下级：</b>", "党员B0 · 派人谈话 · 已过3天", "", "还有2项"]


async def test_from_when_something_may_be_done_is_not_said_beside_by_when_it_must(
    house: House,
) -> None:
    step, other = (house.services.procedure.current.step(name) for name in ("2", "8a"))
    lines = [
        reminder("A", -3, DateKind.ADVISED, True, step),
        reminder("A", -20, DateKind.EARLIEST, True, step),
        reminder("A", -9, DateKind.EARLIEST, True, other),
        reminder("B", -8, DateKind.EARLIEST, False, step),
    ]
    said = render.digest(lines, TODAY).text
    assert said.count("党员A · 派人谈话") == 1
    assert "党员A · 公示 · 可以办了" in said
    assert "党员B · 派人谈话 · 可以办了" in said
    # A report came in: its day is there, and the card says why it can't be done.
    kept_back = [reminder("A", 0, DateKind.EARLIEST, True, step, ready=False)]
    assert "党员A · 派人谈话 · 还不能办" in render.digest(kept_back, TODAY).text
    ahead = [reminder("A", 5, DateKind.EARLIEST, True, step)]
    assert "党员A · 派人谈话 · 还有5天可以办" in render.digest(ahead, TODAY).text
    long_ago = [reminder("A", -880, DateKind.LEGAL, True, step)]
    assert "到期，已过2年" in render.digest(long_ago, TODAY).text
    ahead = [reminder("A", 5, DateKind.EARLIEST, True, step)]
    assert "党员A · 派人谈话 · 还有5天可以办" in render.digest(ahead, TODAY).text
    long_ago = [reminder("A", -880, DateKind.LEGAL, True, step)]
    assert "到期，已过2年" in render.digest(long_ago, TODAY).text
    lines = [
        reminder("E", -9, DateKind.EARLIEST, True, step),
        reminder("D", -8, DateKind.EARLIEST, True, step),
        reminder("E", 11, DateKind.ADVISED, True, step),
    ]
    notice = render.digest(lines, TODAY)
    told = [line.split(" ")[0] for line in notice.text.splitlines()[1:]]
    assert told == ["党员D", "党员E"]
    assert [row[0][0].split(" ")[0] for row in notice.rows[:-1]] == told


async def test_it_is_said_in_the_language_of_the_one_who_reads_it(
    house: House, opened: Somebody
) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await first_step(opened)
    message = replace((await waiting(house))[0], language="en")
    number = await notifier(house).deliver(message)
    assert "Your turn: <b>张三</b>" in other.chat[number].text


async def test_who_lost_their_access_learns_nothing(house: House, opened: Somebody) -> None:
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    stranger = await house.join(house.posts["委员乙"], Role.SECRETARY, "第二支部", "书记壬", 320)
    await first_step(opened)
    message = (await waiting(house))[0]
    person = house.posts["书记壬"].person_id
    number = await notifier(house).deliver(replace(message, person_id=person, chat_id=320))
    assert stranger.chat[number].text == "有新情况，请看待办。"
    unknown = replace(message, kind="of tomorrow")
    assert "请看待办" in house.somebody(310).chat[await notifier(house).deliver(unknown)].text


def refused_connection() -> TelegramNetworkError:
    key = ConnectionKey("127.0.0.1", 1, False, True, None, None, None)
    error = TelegramNetworkError(METHOD, "ClientConnectorError")
    error.__cause__ = ClientConnectorError(key, OSError("refused"))
    return error


@pytest.mark.parametrize(
    ("failure", "meaning"),
    [
        (lambda: TelegramForbiddenError(METHOD, "blocked by the user"), Unreachable),
        (lambda: TelegramBadRequest(METHOD, "Bad Request: chat not found"), Unreachable),
        (lambda: TelegramRetryAfter(METHOD, "Too Many Requests", 7), RetryLater),
        (lambda: TelegramServerError(METHOD, "Bad Gateway"), RetryLater),
        (refused_connection, RetryLater),
        (lambda: TelegramNetworkError(METHOD, "Request timeout error"), Ambiguous),
        (lambda: ClientDecodeError("no JSON", ValueError(), ""), Ambiguous),
    ],
)
async def test_failures_are_told_apart(
    house: House,
    opened: Somebody,
    failure: Callable[[], Exception],
    meaning: type[Exception],
) -> None:
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await first_step(opened)
    message = (await waiting(house))[0]
    house.line.telegram.failures.append(failure())
    with pytest.raises(meaning) as told:
        await notifier(house).deliver(message)
    if isinstance(told.value, RetryLater):
        assert told.value.seconds in (7.0, 5.0)
