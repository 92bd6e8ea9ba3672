"""What was lost and what was done twice, by the rows and by the messenger's own record."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from benchmarks.killing.house import Branch
from messenger.core.state import Bot
from models import AuditLine, EntryRow, InboxRow, OutgoingRow, Person
from services.container import Services


@dataclass
class Verdict:
    """`lost`: conversations without an end, notes without a row. `other`: notes whose answers
    aren't what was said. `restarted`: processes that ended by themselves. `certain`: kills at
    points that can't be missed; `at_points`: all that met theirs. `messages`: accepted by the
    messenger for people who only listen; `repeated`: of these, those of which nobody knew whether
    they had arrived."""

    seed: int
    chats: int = 0
    kills: int = 0
    restarted: int = 0
    at_points: int = 0
    certain: int = 0
    updates: int = 0
    conversations: int = 0
    lost: int = 0
    other: int = 0
    twice: int = 0
    silent: int = 0
    parked: int = 0
    messages: int = 0
    repeated: int = 0
    messages_lost: int = 0
    messages_unmarked: int = 0
    seconds: float = 0.0
    first_problem: str = ""

    def problem(self, text: str) -> None:
        self.first_problem = self.first_problem or text

    @property
    def line(self) -> str:
        return " ".join(f"{key}={value!r}" for key, value in asdict(self).items())


async def count_entries(verdict: Verdict, services: Services, branches: list[Branch]) -> None:
    async with services.database.read() as session:
        for branch in branches:
            for held in branch.conversations:
                verdict.conversations += 1
                statement = select(EntryRow).where(
                    EntryRow.case_id == held.case_id, EntryRow.step == held.step.id
                )
                rows = (await session.exec(statement)).all()
                verdict.twice += max(0, len(rows) - 1)
                wrong = _differing(held.typed, rows[0].answers) if rows else []
                verdict.other += bool(wrong)
                verdict.lost += not held.said_saved or not rows
                if wrong or not held.said_saved or not rows:
                    said = f"{len(rows)} rows, saved: {held.said_saved}, other answers: {wrong}"
                    verdict.problem(f"{held.note}: {said}")
        waiting = select(func.count()).select_from(InboxRow)
        verdict.parked = (await session.exec(waiting.where(col(InboxRow.parked)))).one()
        verdict.lost += (await session.exec(waiting.where(~col(InboxRow.parked)))).one()
        keys = (await session.exec(select(AuditLine.act_key))).all()
        verdict.twice += len(keys) - len(set(keys))
    assert await services.database.broken_chains() == ()


def _differing(typed: dict[str, object], stored: dict[str, Any]) -> list[str]:
    return [field for field, value in typed.items() if stored.get(field) != value]


async def count_messages(
    verdict: Verdict, services: Services, branches: list[Branch], bot: Bot
) -> None:
    """The messenger's record of what it accepted against the table (Q3)."""
    accepted = Counter(item["chat_id"] for item in bot.record)
    known = {item["message_id"] for item in bot.record}
    async with services.database.read() as session:
        for branch in branches:
            statement = select(OutgoingRow).where(
                OutgoingRow.person_id == branch.introducer.person_id
            )
            rows = (await session.exec(statement)).all()
            sent = {row.message_id for row in rows if row.state == "sent"}
            marked = sum(row.repeats for row in rows)
            extra = accepted[branch.listener.user_id] - len(sent)
            verdict.messages += accepted[branch.listener.user_id]
            verdict.repeated += max(0, extra)
            verdict.messages_unmarked += max(0, extra - marked)
            verdict.messages_lost += len(sent - known)
            verdict.messages_lost += sum(row.state not in ("sent", "moot") for row in rows)
        assert (await session.exec(select(func.count()).select_from(Person))).one() > 0
