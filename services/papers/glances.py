"""What is seen in one look: the way of a case and the week of a branch as pictures, the page of a
role."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import col, select

from domain.case.facts import OpenStep, Progress
from domain.case.progress import assess
from domain.case.urgency import RANK, Urgency, nearest, step_urgency
from domain.permissions import Permission
from domain.rulebook.schema import Rulebook, Step
from models import CaseFile
from models.in_values import among
from papers.glance import Point, Stretch, Walker, way, week
from papers.guides import guide_pages
from papers.processes.typesetting import Job, NoFonts, NotSet, typeset
from services.casefile.load import LoadedCase, load_sound, read_case
from services.casefile.procedure import Procedure
from services.cases.cases import OVER
from services.core.database import Database
from services.core.errors import NotAllowed
from services.papers import glance_texts as texts
from services.papers.views import BranchWeek, CannotPrint, Picture, file_name
from services.people.scope import allowed_at, branches_below, name_of
from services.people.views import Actor

DRAWN = 12
"""People in the picture of a branch: more of them can't be read on a phone."""


@dataclass(frozen=True)
class Glances:
    """Pictures for a phone. `fonts`: the folder in which to look for a Chinese font first."""

    database: Database
    procedure: Procedure
    fonts: Path | None = None

    async def way(self, actor: Actor, case_id: str, today: date) -> Picture:
        """Return all steps of a case in one picture: done, next, waiting for whom. Raises
        NotAllowed, CannotPrint."""
        async with self.database.read() as session:
            hand = await read_case(session, actor, case_id, self.procedure, Permission.SEE_CASE)
            branch = await name_of(session, hand.loaded.case.organisation_id)
        loaded = hand.loaded
        progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        drawn = tuple(_stretches(loaded.book, progress, today))
        content = await self._drawn(way(loaded.case.person, branch, drawn, today))
        return Picture(file_name(texts.WAY, loaded.case.person, "png"), content)

    async def guide(self, actor: Actor, today: date) -> Picture:
        """Return a page for each role of the actor, as a PDF to print. Raises CannotPrint."""
        job = guide_pages(actor.roles, self.procedure.current, today)
        return Picture(f"{texts.GUIDE}.pdf", await self._drawn(job))

    async def week(self, actor: Actor, organisation_id: str, today: date) -> BranchWeek:
        """Return where everybody of a branch stands, the most urgent first; without a picture where
        none can be made. Raises NotAllowed."""
        async with self.database.read() as session:
            if not await allowed_at(session, actor, organisation_id, Permission.SEE_CASE):
                raise NotAllowed(organisation_id)
            name = await name_of(session, organisation_id)
            here = await branches_below(session, organisation_id)
            statement = select(CaseFile).where(
                among(col(CaseFile.organisation_id), here), col(CaseFile.status).not_in(OVER)
            )
            cases = (await session.exec(statement)).all()
            read = [await load_sound(session, case.id, self.procedure) for case in cases]
        walkers = sorted((self._walker(one, today) for one in read if one), key=_first)
        people = [walker for _, walker in walkers]
        titles = [stage.title.zh for stage in self.procedure.current.stages]
        job = week(name, titles, people[:DRAWN], max(0, len(people) - DRAWN), today)
        try:
            content = await self._drawn(job)
        except CannotPrint:
            content = b""
        counts = {each: sum(one.urgency == each for one in people) for each in Urgency}
        return BranchWeek(
            name, len(people), counts, Picture(file_name(texts.WEEK, name, "png"), content)
        )

    def _walker(self, loaded: LoadedCase, today: date) -> tuple[date, Walker]:
        """Return somebody on the way, and the day by which to sort them."""
        progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        behind = [stage.id for stage in loaded.book.stages].index(progress.stage)
        following = progress.next
        if following is None:
            return date.max, Walker(loaded.case.person, behind, "", "", Urgency.LATER)
        limit = nearest(following.deadlines)
        hurry = step_urgency(following, today) if following.possible else Urgency.LATER
        walker = Walker(
            loaded.case.person, behind, following.step.title.zh, _when(following, today), hurry
        )
        return limit.on if limit else date.max, walker

    async def _drawn(self, job: Job) -> bytes:
        """Raises CannotPrint."""
        try:
            (content,) = await typeset([job], self.fonts)
        except (NoFonts, NotSet) as error:
            raise CannotPrint(fonts=isinstance(error, NoFonts)) from error
        return content


def _first(sorted_by: tuple[date, Walker]) -> tuple[int, date, str]:
    on, walker = sorted_by
    return RANK[walker.urgency], on, walker.person


def _stretches(book: Rulebook, progress: Progress, today: date) -> Iterator[Stretch]:
    """Yield the stages with the steps of this case. What nothing calls for isn't on its way."""
    opened = {item.step.id: item for item in progress.open}
    done: dict[str, list[date]] = {}
    for entry in progress.done:
        done.setdefault(entry.step, []).append(entry.done_on)
    later = {step.id for step in progress.later}
    following = progress.next.step.id if progress.next else ""
    for stage in book.stages:
        points: list[Point] = []
        for step in book.steps:
            if step.stage != stage.id or step.id not in (opened.keys() | done.keys() | later):
                continue
            number = step.id if step.id[:1].isdigit() else ""
            state, said = "later", ""
            if (item := opened.get(step.id)) is not None:
                state = "next" if step.id == following else "open"
                said = _waits(item, today)
            elif step.id in done:
                state, said = "done", _days(step, done[step.id])
            points.append(Point(number, step.title.zh, state, said))
        yield Stretch(stage.title.zh, tuple(points))


def _days(step: Step, days: Sequence[date]) -> str:
    return texts.done_on(days[-1], len(days) if step.repeats else 0)


def _waits(item: OpenStep, today: date) -> str:
    """Whom it waits for, and until when."""
    return " · ".join(part for part in (texts.waits_for(item.turn), _when(item, today)) if part)


def _when(item: OpenStep, today: date) -> str:
    until = [blocker.until for blocker in item.blockers if blocker.until]
    if until:
        return texts.from_day(max(until), today)
    limit = nearest(item.deadlines)
    if limit is None:
        return texts.possible() if item.possible and not item.waits_for else ""
    return texts.left((limit.on - today).days)
