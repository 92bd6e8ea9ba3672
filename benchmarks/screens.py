"""What each screen costs while the cases of the department grow from a thousand to a hundred
thousand: the update that opens it, from the inbox to its answer, in time of the processor.

A case holds a name, whose turn it is and one open date, and no entry; twenty lie in a branch with a
secretary, all branches below one committee. One case of fifty broke a rule, one of twenty-five is
in the plan of the year; for a thousand there is a report that waits. The secretary who asks has
twenty cases of some thirty entries, whatever lies around.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from aiogram.filters.callback_data import CallbackData
from aiogram.methods import TelegramMethod
from sqlmodel import select

from benchmarks import city as cities
from benchmarks.quiet import Quiet, kept, pressed, said
from benchmarks.rows import Row, row
from benchmarks.talk import NUMBERS, Handle, WentWrong
from benchmarks.visit import serving
from domain.reports import Channel
from domain.rulebook.schema import Role
from handlers.staff.cases.callbacks import CasesCallback, RecordsCallback
from handlers.staff.common.callbacks import CardCallback, FillCallback, GoCallback
from handlers.staff.common.destinations import Destination
from models import BreachRow, CaseFile, Person, PlanRow, PostRow, ReportRow
from sandbox.people import FILE, read

SIZES = (1_000, 10_000, 100_000)
VISITS, RUNS = 20, 5
BREACHES, PLANNED, REPORTED = 50, 25, 1_000
"""One case of so many."""
LAST = 1_000_000
"""A page beyond the last stands for the last."""
SECRETARY, DIRECTOR = cities.FIRST_CHAT, cities.CHATS["director"]
ORGANISER, COMMITTEE = cities.CHATS["organiser"], cities.CHATS["committee"]
SEARCH_MS = 100
TODAY = cities.MORNING.date()


@dataclass(frozen=True)
class Screen:
    """`ask`: gives what is said or pressed, of an id of a case. `shows`: words of its answer.
    `most`: milliseconds."""

    what: str
    chat: int
    ask: Callable[[str], str | CallbackData]
    shows: str
    most: float | None = None


def _go(what: str, chat: int, place: Destination, shows: str) -> Screen:
    return Screen(what, chat, lambda _: GoCallback(place=place), shows)


SCREENS = (
    Screen("a secretary: 待办", SECRETARY, lambda _: "待办", "待办"),
    Screen("  the list of cases", SECRETARY, lambda _: "发展名册", "发展名册"),
    Screen("  a case", SECRETARY, lambda case: CardCallback(case=case), "下一步"),
    Screen("  its records", SECRETARY, lambda case: RecordsCallback(case=case), ""),
    Screen("  a name that is there", SECRETARY, lambda _: "对象7", "对象7", SEARCH_MS),
    Screen("  a name that isn't", SECRETARY, lambda _: "查无此人", "没有找到", SEARCH_MS),
    _go("  plans", SECRETARY, Destination.PLANS, "年度发展计划"),
    _go("  meetings", SECRETARY, Destination.MEETINGS, "会"),
    _go("  the year's figures", SECRETARY, Destination.FIGURES, "现在："),
    Screen(
        "  a form's first question", SECRETARY, lambda c: FillCallback(case=c, step="21a"), "回访"
    ),
    Screen("an officer of a committee: 待办", COMMITTEE, lambda _: "待办", "现在没有"),
    Screen("  the list of cases", COMMITTEE, lambda _: "发展名册", "发展名册"),
    _go("  breaches", COMMITTEE, Destination.BREACHES, "责任追究"),
    Screen("an organiser: 待办", ORGANISER, lambda _: "待办", "现在没有"),
    Screen("  the list of cases", ORGANISER, lambda _: "发展名册", "发展名册"),
    _go("  inspections", ORGANISER, Destination.CHECKS, "随机抽查"),
    _go("  meetings", ORGANISER, Destination.MEETINGS, "会"),
    _go("  classes", ORGANISER, Destination.CLASSES, "培训班"),
    Screen("the director: 待办", DIRECTOR, lambda _: "待办", "群众反映"),
    Screen("  the list of cases", DIRECTOR, lambda _: "发展名册", "发展名册"),
    Screen("  its last page", DIRECTOR, lambda _: CasesCallback(page=LAST), "发展名册"),
    Screen("  a case", DIRECTOR, lambda case: CardCallback(case=case), "下一步"),
    Screen("  a name that is there", DIRECTOR, lambda _: "对象7", "对象7", SEARCH_MS),
    Screen("  a name that isn't", DIRECTOR, lambda _: "查无此人", "没有找到", SEARCH_MS),
    _go("  breaches", DIRECTOR, Destination.BREACHES, "责任追究"),
    _go("  the register of reports", DIRECTOR, Destination.REPORTS, "在办的群众反映"),
    _go("  plans", DIRECTOR, Destination.PLANS, "年度发展计划"),
    _go("  the year's figures", DIRECTOR, Destination.FIGURES, "现在："),
    _go("  posts", DIRECTOR, Destination.POSTS, "职务和邀请"),
    _go("  organisations", DIRECTOR, Destination.ORGANISATION, "登记到哪个"),
    _go("  hotlines", DIRECTOR, Destination.HOTLINES, "举报电话"),
)


class Heard(Quiet):
    """Keeps what was answered last, whatever kind of message it was."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def answer(self, method: TelegramMethod[Any]) -> Any:
        text = getattr(method, "text", None) or getattr(method, "caption", None)
        if text:
            self.words.append(str(text))
        return super().answer(method)


async def rows(sizes: Sequence[int] = SIZES) -> Sequence[Row]:
    found: list[Row] = []
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, VISITS, read(FILE)["texts"])
        try:
            here = 0
            for size in sizes:
                await cities.surround(city, size - here)
                await _beside(city, size - here)
                here = size
                found += [one async for one in _all(city, size)]
        finally:
            await city.close()
    return found


async def _all(city: cities.City, size: int) -> AsyncIterator[Row]:
    line, [case, *_] = Heard(), city.cases[SECRETARY]
    async with serving(city, line) as handle:
        for screen in SCREENS:
            spent = [await _asked(line, handle, screen, case) for _ in range(1 + RUNS)]
            # Asked before: what a process reads once it keeps.
            met = None if screen.most is None else median(spent[1:]) <= screen.most
            most = "" if screen.most is None else f"<= {screen.most}"
            yield row(f"{size:>7,}  {screen.what}", spent[1:], "ms", most, met)


async def _asked(line: Heard, handle: Handle, screen: Screen, case: str) -> float:
    """Milliseconds of the processor, with the threads that read the database."""
    asked, number = screen.ask(case), next(NUMBERS)
    if isinstance(asked, str):
        update = said(number, screen.chat, asked)
    else:
        update = pressed(number, screen.chat, 1, asked.pack())
    line.words.clear()
    begin = time.process_time()
    await handle(kept(update))
    spent = (time.process_time() - begin) * 1000
    # Refused, a screen would be quick, and the figure wrong.
    if not any(screen.shows in words for words in line.words):
        raise WentWrong(f"{screen.what}: {line.words}")
    return spent


async def _beside(city: cities.City, count: int) -> None:
    """What else there is of the last `count` cases."""
    newest = select(CaseFile.id, CaseFile.organisation_id).where(CaseFile.stage == "activist")
    async with city.database.write() as session:
        cases = (await session.exec(newest)).all()[-count:]
        ids = [one for one, _ in cases]
        director = (await city.services.people.known(DIRECTOR)).person_id
        await cities.put(session, BreachRow, map(_breach, ids[::BREACHES]))
        planned = (
            PlanRow(case_id=one, year=TODAY.year, proposed_on=TODAY, proposed_by=director)
            for one in ids[::PLANNED]
        )
        await cities.put(session, PlanRow, planned)
        await cities.put(session, ReportRow, (_report() for _ in ids[::REPORTED]))
        people = [_person(place) for place in dict.fromkeys(place for _, place in cases)]
        await cities.put(session, Person, people)
        await cities.put(session, PostRow, map(_post, people))


def _breach(case: str) -> BreachRow:
    return BreachRow(
        case_id=case,
        step="6a",
        number=0,
        code="too_late",
        rule="every_half_year",
        source="N13",
        day=TODAY - timedelta(days=9),
        body="secretary",
        found_on=TODAY,
    )


def _person(place: str) -> Person:
    person = Person(organisation_id=place)
    person.name = "某人"
    return person


def _post(person: Person) -> PostRow:
    place, role = person.organisation_id, Role.SECRETARY.value
    return PostRow(person_id=person.id, organisation_id=place, role=role, since=cities.MORNING)


def _report() -> ReportRow:
    report = ReportRow(
        channel=Channel.PHONE, received_on=TODAY, answer_by=TODAY + timedelta(days=20)
    )
    report.notes, report.text = [], "家访时没有见到人。"
    return report
