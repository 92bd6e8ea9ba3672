"""Whoever has to act hears of a date by its ladder; the next level up at its last rung, and nobody
after it (docs/design.md § 5)."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from domain.case.facts import Deadline
from domain.case.urgency import ladder
from models import CaseFile, OutgoingRow, Person
from services.casefile.derive import rederive
from services.casefile.load import load_case
from services.core.database import Database
from services.messages.queue import DIGEST
from tests.cases.conftest import Lead
from tests.conversation.conftest import House

TALK = "2"
EVERYBODY = ("书记丙", "委员乙", "组织员庚", "主任甲")


async def talk(lead: Lead) -> Deadline:
    """The date of the talk after an application."""
    await lead.to(TALK)
    return next(d for d in (await lead.card()).progress.deadlines if d.step == TALK)


async def told(house: House, second: Database, day: date) -> set[str]:
    """Who is given something to read on a day, and reads it."""
    lead = Lead(house)
    lead.wait(day)
    await house.services.reminders.look(house.at)
    names = {house.posts[name].person_id: name for name in EVERYBODY}
    async with second.write() as session:
        waiting = select(OutgoingRow).where(
            OutgoingRow.kind == DIGEST, col(OutgoingRow.state) == "new"
        )
        rows = (await session.exec(waiting)).all()
        for row in rows:
            row.state, row.sent_at = "sent", house.at
    return {names[row.person_id] for row in rows}


async def test_the_last_rung_tells_the_next_level_up_and_nobody_hears_after_it(
    house: House, lead: Lead, second: Database
) -> None:
    rungs = ladder(await talk(lead))
    assert [rung.level for rung in rungs] == [*[0] * (len(rungs) - 1), 1]
    workday = house.services.procedure.calendar.nth_working_day
    heard = [await told(house, second, workday(rung.on, 1)) for rung in rungs]
    assert heard == [*[{"书记丙"}] * (len(rungs) - 1), {"书记丙", "委员乙"}]
    assert await told(house, second, workday(rungs[-1].on + timedelta(days=30), 1)) == set()


async def test_an_act_on_the_day_of_a_rung_takes_no_reminder_away(
    house: House, lead: Lead, second: Database
) -> None:
    """Before the office opens, or on a weekend, nobody has looked yet: what counts anew on that day
    still leaves the rung to be said, and the level above its word."""
    last = ladder(await talk(lead))[-1]
    async with house.services.database.write() as session:
        case = await session.get_one(CaseFile, lead.case)
        for day in (last.on, last.on + timedelta(days=1)):
            loaded = await load_case(session, case, house.services.procedure)
            await rederive(session, loaded, house.services.procedure, day)
    workday = house.services.procedure.calendar.nth_working_day(last.on + timedelta(days=1), 1)
    assert await told(house, second, workday) == {"书记丙", "委员乙"}
    assert await told(house, second, workday + timedelta(days=1)) == set()


async def test_where_nobody_can_be_reached_the_next_level_up_hears_at_once(
    house: House, lead: Lead, second: Database
) -> None:
    first = ladder(await talk(lead))[0]
    async with second.write() as session:
        person = await session.get_one(Person, house.posts["书记丙"].person_id)
        person.blocked_at = house.at
    day = house.services.procedure.calendar.nth_working_day(first.on, 1)
    assert await told(house, second, day) == {"书记丙", "委员乙"}


@pytest.mark.parametrize("name", ["书记丙", "委员乙"])
async def test_what_somebody_leaves_for_later_is_taken_out_of_a_message_that_waits(
    house: House, lead: Lead, name: str
) -> None:
    limit = (await talk(lead)).limit
    services, actor = house.services, house.posts[name]
    payload = {"items": [[lead.case, TALK, limit]]}
    assert len(await services.reminders.lines(actor, payload, lead.today)) == 1
    until = await services.preferences.snooze(house.act(), actor, lead.case, TALK, 3)
    assert await services.reminders.lines(actor, payload, lead.today) == ()
    assert len(await services.reminders.lines(actor, payload, until)) == 1
