"""A house with a branch for everybody who talks; each has cases at a visit or at a ballot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.killing.conversations import Conversation
from domain.calendar.office_hours import ZONE
from domain.rulebook.schema import Role
from messenger.core.settings import user_id
from messenger.core.state import Person, State
from models import CaseFile, CaseHelper, EntryRow, Signature
from models.columns import new_id
from sandbox.cast import Cast, Play
from sandbox.people import FILE, people, read
from services.container import Services
from services.people.views import Actor

MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
HOME, COMMITTEE = "东山村党支部", "东山镇党委"
STEPS = {"21a": 750, "14a": 428}
"""Step of a conversation → days since its case began."""
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "春夏秋冬山川江河湖海"


@dataclass
class Branch:
    """`talker` enters steps there, `listener` only reads what comes."""

    talker: Person
    listener: Person
    place: str
    secretary: Actor
    introducer: Actor
    conversations: list[Conversation]


@dataclass
class Building:
    services: Services
    state: State
    cast: Cast

    async def branches(self, count: int, each: int) -> list[Branch]:
        """`count` branches, each with `each` conversations to hold."""
        templates = [await self._template(step, days) for step, days in STEPS.items()]
        made = [await self._branch(number) for number in range(count)]
        for number, branch in enumerate(made):
            for turn in range(each):
                step = list(STEPS)[(number + turn) % len(STEPS)]
                case = templates[(number + turn) % len(STEPS)]
                name = SURNAMES[turn % 10] + GIVEN[turn // 10 % 10] + GIVEN[number % 10]
                copied = await self._copy(case, branch, name)
                note = f"第{number}组第{turn}次：看了，问了，记了。"
                found = self.services.procedure.current.step(step)
                branch.conversations.append(Conversation(copied, name, found, note))
        return made

    async def _template(self, step: str, days: int) -> str:
        return await Play(
            self.cast, {"name": "陆样子", "branch": HOME, "at": step, "days": days}
        ).lead()

    async def _branch(self, number: int) -> Branch:
        people, cast = self.services.people, self.cast
        director = next(a for a in cast.people.values() if a.posts[0].role is Role.DIRECTOR)
        above = next(place for name, place in cast.places.items() if name in _committees(cast))
        place = await people.add_organisation(
            cast.act(), director, above, "branch", f"第{number}支部"
        )
        talker, secretary = await self._join(director, Role.SECRETARY, place, f"书记{number}")
        listener, introducer = await self._join(
            secretary, Role.INTRODUCER, place, f"介绍人{number}"
        )
        return Branch(talker, listener, place, secretary, introducer, [])

    async def _join(
        self, inviter: Actor, role: Role, place: str, name: str
    ) -> tuple[Person, Actor]:
        person = self.state.add_person(name, name, "zh-hans", ("staff",))
        person.chat("staff").started = True
        act = self.cast.act
        token = await self.services.people.invite(act(), inviter, role, place, name)
        return person, await self.services.people.join(act(), person.user_id, token, "zh")

    async def _copy(self, template: str, branch: Branch, name: str) -> str:
        """The case as it stands, of another branch: leading each there would take minutes."""
        async with self.services.database.write() as session:
            case = _again(await session.get_one(CaseFile, template))
            case.organisation_id, case.person = branch.place, name
            session.add(case)
            await session.flush()
            await _copy_entries(session, template, case.id, branch)
            session.add(
                CaseHelper(
                    case_id=case.id,
                    person_id=branch.introducer.person_id,
                    role=Role.INTRODUCER.value,
                    since=MORNING,
                )
            )
            return str(case.id)


async def _copy_entries(session: AsyncSession, old: str, new: str, branch: Branch) -> None:
    entries = (await session.exec(select(EntryRow).where(EntryRow.case_id == old))).all()
    made = {row.id: _again(row) for row in entries}
    for row in made.values():
        row.case_id, row.recorded_by = new, branch.secretary.person_id
    session.add_all(made.values())
    await session.flush()
    signed = select(Signature).where(col(Signature.entry_id).in_(made))
    for row in (await session.exec(signed)).all():
        signature = _again(row)
        signature.entry_id = made[row.entry_id].id
        session.add(signature)


def _again(row: Any) -> Any:
    """The same row under another id; what is sealed is sealed for its new place."""
    kind: type[SQLModel] = type(row)
    plain = {
        name: getattr(row, name)
        for name in kind.model_fields
        if name != "id" and not name.endswith("_sealed")
    }
    made = kind(id=new_id(), **plain)
    for name in _sealed(kind):
        value = getattr(row, name)
        if value is not None:
            setattr(made, name, value)
    return made


def _sealed(kind: type[SQLModel]) -> Iterable[str]:
    return [name.removesuffix("_sealed") for name in kind.model_fields if name.endswith("_sealed")]


def _committees(cast: Cast) -> set[str]:
    return {item["name"] for item in cast.data["committees"]}


def make_cast(services: Services) -> Cast:
    chats = {name: user_id(place) for place, name in enumerate(people())}
    return Cast(services, chats, MORNING, {**read(FILE), "cases": []})
