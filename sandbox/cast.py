"""The invented people and cases of `make run`, made by the same services as everybody's."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from sqlmodel import col, select

from domain.calendar.office_hours import ZONE, day_of
from domain.case.facts import DateKind, Value
from domain.rulebook.schema import FieldType, Role, Step
from messenger.core.settings import user_id
from models import AuditLine
from sandbox.people import FILE, people, read
from sandbox.sample_answers import answers_for, proofs_wanted
from services.attachments.formats import JPEG, CleanFile
from services.cases.views import CaseStanding, EntryLine, Form
from services.container import Services, build_services
from services.core.acts import Act
from services.core.errors import NotAllowed
from services.people.views import Actor

MORNING = time(10)
CASE, PLAYED = "case", "played"
THERE, PROPOSED = "there", "proposed"


async def gather(services: Services, now: datetime) -> None:
    """Invite the invented people; nobody where the installation was founded by somebody else."""
    with suppress(NotAllowed):
        await _city(services, now).gather()


async def play(services: Services, now: datetime) -> None:
    """Play their cases, and invite who is missing. Nothing where an earlier run has finished, or
    the installation was founded by somebody else."""
    city = _city(services, now)
    # The last act of all: without its line an earlier run was broken off, and is taken up where it
    # stopped.
    if not await city.done(PLAYED):
        with suppress(NotAllowed):
            await city.gather()
            await city.play()


def _city(services: Services, now: datetime) -> "Cast":
    chats = {name: user_id(place) for place, name in enumerate(people())}
    return Cast(build_services(services.database, services.procedure, tells=False), chats, now)


@dataclass
class Cast:
    """`chats`: person id of the local messenger → chat id."""

    services: Services
    chats: Mapping[str, int]
    now: datetime
    data: dict[str, Any] = field(default_factory=lambda: read(FILE))
    places: dict[str, str] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    _acts: "count[int]" = field(default_factory=lambda: count(1))
    _gathering: "count[int]" = field(default_factory=lambda: count(1))

    def act(self, on: date | None = None, key: str = "") -> Act:
        """`key`: what is done, so that a later run asks for this very act; without, the next
        number. It is stored as it is, and says nobody's name."""
        at = datetime.combine(on, MORNING, ZONE) if on else self.now
        return Act(f"cast:{key or next(self._acts)}", at)

    def _act(self) -> Act:
        """Of those that gather everybody: always the same ones in the same order."""
        return self.act(key=f"people:{next(self._gathering)}")

    async def done(self, key: str) -> bool:
        """Whether an act of ours was done, now or by an earlier run."""
        wanted = select(AuditLine.number).where(col(AuditLine.act_key) == self.act(key=key).key)
        async with self.services.database.read() as session:
            return (await session.exec(wanted)).first() is not None

    async def gather(self) -> None:
        """The organisations and everybody in them. Done again, it finds what is there. Raises
        NotAllowed where somebody else founded the house."""
        people, self._gathering = self.services.people, count(1)
        token = await people.found(self._act(), self.data["department"], self.data["director"])
        director = await self._join(token, "director", self.data["director"])
        self.places[self.data["department"]] = director.posts[0].organisation_id
        for item in self.data["organisers"]:
            await self._invite(director, Role.ORGANISER, self.data["department"], item)
        responsible = self.people[self.data["organisers"][0]["name"]].person_id
        for item in self.data["committees"]:
            await self._place(director, self.data["department"], "committee", item["name"])
            await self.services.responsible.give(
                self._act(), director, self.places[item["name"]], responsible
            )
            officer = {"name": item["officer"], **_person(item)}
            await self._invite(director, Role.COMMITTEE, item["name"], officer)
        for item in self.data["branches"]:
            await self._place(director, item["committee"], "branch", item["name"])
            secretary = {"name": item["secretary"], **_person(item)}
            await self._invite(director, Role.SECRETARY, item["name"], secretary)
            # A secretary who is only invited has no account yet, and can add nobody.
            if secretary["name"] in self.people:
                await self._members(self.people[secretary["name"]], item)

    async def _members(self, secretary: Actor, branch: dict[str, Any]) -> None:
        place = self.places[branch["name"]]
        for item in branch["introducers"]:
            await self._invite(secretary, Role.INTRODUCER, branch["name"], item)
        for name in branch["members"]:
            await self.services.people.add_member(self._act(), secretary, place, name)

    async def _place(self, director: Actor, above: str, level: str, name: str) -> None:
        self.places[name] = await self.services.people.add_organisation(
            self._act(), director, self.places[above], level, name
        )

    async def _invite(self, by: Actor, role: Role, place: str, item: dict[str, Any]) -> None:
        token = await self.services.people.invite(
            self._act(), by, role, self.places[place], item["name"]
        )
        if "person" in item:
            await self._join(token, item["person"], item["name"])

    async def _join(self, token: str, person: str, name: str) -> Actor:
        chat = self.chats[person]
        self.people[name] = await self.services.people.join(self._act(), chat, token, "zh")
        return self.people[name]

    async def play(self) -> None:
        """Leads every case to its gate; then branches are drawn for a random check. What an earlier
        run has led there stays as somebody may have gone on with it."""
        for number, item in enumerate(self.data["cases"], 1):
            if not await self.done(f"{CASE}{number}:{THERE}"):
                await Play(self, item, f"{CASE}{number}").lead()
        director = self.people[self.data["director"]]
        await self.services.inspections.draw(self.act(key=PLAYED), director, 1)


def _person(item: dict[str, Any]) -> dict[str, str]:
    return {"person": item["person"]} if "person" in item else {}


@dataclass
class Play:
    """One case on its way to its gate, one working day after the other. `key`: of its acts, where
    it may be played by several runs."""

    cast: Cast
    item: dict[str, Any]
    key: str = ""
    photos: int = 0
    """Of the step under way."""

    def act(self, on: date | None, what: str) -> Act:
        return self.cast.act(on, f"{self.key}:{what}" if self.key else "")

    async def lead(self) -> str:
        """Opens the case and takes it to its gate; gives its id. Nobody is reminded of it before it
        stands there."""
        cast = self.cast
        branch = next(b for b in cast.data["branches"] if b["name"] == self.item["branch"])
        secretary = cast.people[branch["secretary"]]
        self.actors = {
            Role.SECRETARY: secretary,
            Role.COMMITTEE: cast.people[self._officer(branch)],
            Role.ORGANISER: cast.people[cast.data["organisers"][0]["name"]],
        }
        for introducer in branch["introducers"]:
            if introducer["name"] in cast.people:
                self.actors.setdefault(Role.INTRODUCER, cast.people[introducer["name"]])
        today = self._workday(day_of(cast.now) - timedelta(days=self.item["days"]))
        place = cast.places[branch["name"]]
        # No dates are stored on the way: a look in between would remind of what is about to be
        # done.
        cases = replace(cast.services.cases, dates=False)
        begun = await cases.open(self.act(today, "open"), secretary, self.item["name"], place)
        card: CaseStanding = begun
        if begun.entries:
            for entry in begun.entries:
                await self._sign(card, entry)
            today = max(entry.done_on for entry in begun.entries)
            card = await cases.card(secretary, card.case_id, today)
        while (following := self._next(card, today)) is not None:
            step, today = following
            card = await self._take(card, step, today)
        if self.item.get("proposed") and any(step.planned for step in card.rulebook.steps):
            act, year = self.act(None, PROPOSED), day_of(cast.now).year
            await cast.services.plans.propose(act, secretary, year, (card.case_id,))
        await cast.services.steps.taken_over(self.act(today, THERE), secretary, card.case_id)
        return card.case_id

    def _officer(self, branch: dict[str, Any]) -> str:
        committees = self.cast.data["committees"]
        found = next(c for c in committees if c["name"] == branch["committee"])
        return str(found["officer"])

    def _workday(self, day: date) -> date:
        return self.cast.services.procedure.calendar.nth_working_day(day, 1)

    def _in_time(self, due: date, today: date) -> date:
        """The last working day before a date, so that holidays make nobody late."""
        return max(self.cast.services.procedure.calendar.move(due, -1), today)

    def _next(self, card: CaseStanding, today: date) -> tuple[Step, date] | None:
        """The step to take and its day: some days later, or when it should be taken at the
        earliest; what repeats comes first when it is due. None at the gate, or when the time
        is up."""
        main = card.progress.moving
        if main is None:
            return None
        earliest = [limit.on for limit in main.deadlines if limit.kind is DateKind.EARLIEST]
        day = self._workday(max([today + timedelta(days=1), *earliest]))
        for item in card.progress.open:
            due = min((limit.on for limit in item.deadlines), default=day)
            if item.step.repeats and due < day:
                main, day = item, self._in_time(due, today)
        over = main.step.id == self.item["at"] or day >= day_of(self.cast.now)
        return None if over else (main.step, day)

    async def _take(self, card: CaseStanding, step: Step, today: date) -> CaseStanding:
        cast, steps = self.cast, replace(self.cast.services.steps, dates=False)
        actor, self.photos = self.actors[step.actors[0]], 0
        form = await steps.form(actor, card.case_id, step.id, today)
        known: dict[str, Value] = {
            name: tuple([await self._photo(actor, card, step, today) for _ in range(number)])
            for name, number in proofs_wanted(step).items()
        }
        known |= self._helpers(step, form) | self._given(step, today)
        answers = answers_for(form, today, cast.data["texts"], known)
        act = self.act(today, f"{step.id}:{today}")
        done = await steps.record(act, actor, card.case_id, step.id, answers)
        return await self._sign(done.card, done.line)

    async def _sign(self, card: CaseStanding, entry: EntryLine) -> CaseStanding:
        """Everybody signs of whom it is asked, also for an entry of an earlier run that was broken
        off."""
        steps = replace(self.cast.services.steps, dates=False)
        asked = [name for _, name in entry.asked if name not in entry.on_paper]
        signers = {name: self.cast.people[name] for name in asked}
        roles = entry.waits_for - {role for role, _ in entry.asked}
        # Roles of whom nobody was asked by name: whoever holds them in the play.
        signers |= {role.value: self.actors[role] for role in roles}
        for name, actor in signers.items():
            act = self.act(entry.done_on, f"{entry.step.id}:{entry.done_on}:{name}")
            card = (await steps.sign(act, actor, entry.entry_id)).card
        if entry.on_paper:
            act = self.act(entry.done_on, f"{entry.step.id}:{entry.done_on}:paper")
            secretary = self.actors[Role.SECRETARY]
            card = (await steps.sign(act, secretary, entry.entry_id, paper=True)).card
        return card

    def _helpers(self, step: Step, form: Form) -> dict[str, Value]:
        """Who helps in a case are the branch's introducers, so that not the secretary alone signs
        for both."""
        branch = next(b for b in self.cast.data["branches"] if b["name"] == self.item["branch"])
        names = [introducer["name"] for introducer in branch["introducers"]]
        return {
            field.id: tuple(
                choice.person_id for choice in form.choices[field.id] if choice.name in names
            )
            for field in step.fields
            if field.appoints is not None and field.shown_if is None and names
        }

    def _given(self, step: Step, today: date) -> dict[str, Value]:
        """Answers that the case itself says, where the profile asks for them; a day as so many
        days from then."""
        given = self.item.get("answers", {}).get(step.id, {})
        kinds = {field.id: field.type for field in step.fields}
        return {
            name: today + timedelta(days=value)
            if kinds[name] is FieldType.DATE
            else tuple(value)
            if isinstance(value, list)
            else value
            for name, value in given.items()
            if name in kinds
        }

    async def _photo(self, actor: Actor, card: CaseStanding, step: Step, today: date) -> str:
        # Only when a case is played, so that the first answer doesn't wait for it.
        from PIL import Image

        self.photos += 1
        act, picture = self.act(today, f"{step.id}:{today}:photo{self.photos}"), BytesIO()
        Image.new("RGB", (640, 480), (226, 218, 200)).save(picture, "JPEG", quality=60)
        file = CleanFile(picture.getvalue(), JPEG)
        return await self.cast.services.steps.attach(act, actor, card.case_id, file)
