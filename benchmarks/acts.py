"""What entering a step costs in a case that has thirty entries: time of the processor, and how long
the act keeps others waiting on SQLite."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from benchmarks import city as cities
from benchmarks.rows import Row, row
from domain.case.facts import Value
from models.crypto import KeyRing
from sandbox.people import FILE, read
from sandbox.sample_answers import answers_for
from services.container import Services
from services.core.acts import Act
from services.people.views import Actor

ACTS, WARM = 200, 20
STEP = "21a"


async def rows(acts: int = ACTS, warm: int = WARM) -> Sequence[Row]:
    texts = read(FILE)["texts"]
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, acts + warm, texts, KeyRing.new())
        try:
            actor = await city.services.people.known(cities.FIRST_CHAT)
            found = [
                await _entered(city.services, actor, case, texts)
                for case in city.cases[cities.FIRST_CHAT]
            ][warm:]
        finally:
            await city.close()
    spent, whole = [one for one, _ in found], [one for _, one in found]
    what = "to enter a step in a case of thirty entries, time of the processor"
    return [
        row(what, spent, "ms", "<= 6", median(spent) <= 6),
        row("  from its beginning to its commit", whole, "ms", "<= 10", median(whole) <= 10),
    ]


async def _entered(
    services: Services, actor: Actor, case: str, texts: Mapping[str, str]
) -> tuple[float, float]:
    """Milliseconds, of the processor and in all. As in a chat, the form was read before, and its
    summary, on which the act was confirmed, has shown what would follow."""
    today = cities.MORNING.date()
    form = await services.steps.form(actor, case, STEP, today)
    answers: Mapping[str, Value] = answers_for(form, today, texts, {})
    await services.steps.preview(actor, case, STEP, answers, today)
    begin, spent = perf_counter(), process_time()
    act = Act(f"bench:{case}", cities.MORNING)
    await services.steps.record(act, actor, case, STEP, answers)
    return (process_time() - spent) * 1000, (perf_counter() - begin) * 1000
