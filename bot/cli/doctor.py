"""`yinlu doctor`: says what needs a person. It changes nothing and migrates nothing."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.app.clock import SystemClock
from bot.app.connections import room_of, server_of
from bot.app.database import database_for
from bot.app.engines import engine_for
from bot.app.keys import answers, opener, pepper, rings, sealer, signer
from bot.app.settings import FEWEST_CONNECTIONS, MATRIX, Settings, SettingsError
from bot.cli.backup import StoredDatabase, heads_in, parts
from domain.calendar.files import calendar_of
from domain.calendar.office_hours import day_of
from models.crypto import KeyProblem, install
from models.migrate import head, refuse_newer, revision_of
from papers.processes.typesetting import NoFonts, NotSet, fonts_used
from services.container import procedure_of
from services.core.database import Database
from services.core.ports import Progress, silent
from services.operations.doctor import Check, examine, older_copy
from services.operations.key_rotation import uses


async def check_up(
    settings: Settings, backup: Path | None = None, progress: Progress = silent
) -> tuple[Check, ...]:
    """`backup`: a file to compare the staff database with. Raises SettingsError, KeyProblem and
    NewerSchema where it can't even begin."""
    install(rings(settings))
    now = SystemClock().now()
    schemas = [await schema(part) for part in parts(settings)]
    found = [*schemas, key_files(settings), await fonts(settings)]
    found += await connections(settings)
    if settings.sources:
        found.append(await sources(settings))
    found += [await gateway(settings, name) for name in settings.gateways_here]
    # Without the schema of this version no other check could read a row.
    if schemas[0].needs:
        return tuple(found)
    database = database_for(settings.staff_database)
    try:
        await database.check_keys()
        found.append(await keys_in_use(settings, database))
        calendar = calendar_of(settings.calendar_file)
        procedure = procedure_of(settings.profile, calendar, settings.profiles)
        found += await examine(database, procedure, now, day_of(now), progress)
        if backup is not None:
            found.append(await older_copy(database, heads_in(settings, backup)))
    finally:
        await database.close()
    return tuple(found)


async def schema(part: StoredDatabase) -> Check:
    """Raises NewerSchema: this version can say nothing of such a database."""
    name, newest = f"schema of {part.name}", head(part.tree)
    if not part.there:
        return Check(name, True, "there is no such database; `yinlu init` makes it")
    engine = engine_for(part.url)
    try:
        async with engine.connect() as connection:
            revision = await connection.run_sync(revision_of)
    finally:
        await engine.dispose()
    refuse_newer(revision, part.tree)
    if revision == newest:
        return Check(name, False, f"{revision}, the newest")
    return Check(name, True, f"{revision}, expected {newest}: start this version of the bot once")


def key_files(settings: Settings) -> Check:
    """Whether all keys can be read, and by nobody else."""
    secret = settings.keys_path, settings.pepper_path, settings.report_key_path
    paths = (*secret, settings.receipt_key_path)
    wrong = [f"{path.name} can be read by others" for path in paths if _open_to_others(path)]
    for read in (sealer, opener, pepper, signer, answers):
        try:
            read(settings)
        except SettingsError as problem:
            wrong.append(str(problem))
    return Check("key files", bool(wrong), "to be put right" if wrong else "fine", tuple(wrong))


def _open_to_others(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & 0o077)


async def fonts(settings: Settings) -> Check:
    """What a PDF is set in here: without a Chinese font there is none."""
    try:
        used = await fonts_used(settings.fonts)
    except (NoFonts, NotSet):
        said = "no Chinese font: no PDF is made; put some into YINLU_FONTS"
        return Check("fonts", True, said)
    names = ", ".join(f"{purpose}: {family}" for purpose, family in used.items())
    return Check("fonts", False, names)


async def connections(settings: Settings) -> list[Check]:
    """Whether each PostgreSQL has room for the staff bot, beside those who are there now."""
    parts = {
        settings.staff_database: settings.staff_connections,
        settings.intake_database: settings.intake_connections,
    }
    found = []
    for server in dict.fromkeys(name for url in parts if (name := server_of(url))):
        here = {url: most for url, most in parts.items() if server_of(url) == server}
        room = await room_of(next(iter(here)), [make_url(url).database or "" for url in here])
        most = sum(here.values()) * settings.staff_processes
        # A cell opens fewer than its settings alone say, so that others who may need the rest are
        # told by `yinlu cell list`.
        short = most > room.lets_in or room.others + FEWEST_CONNECTIONS > room.lets_in
        said = f"{room.lets_in} let in, {room.others} open to others, {most} at most for this bot"
        more = ("raise max_connections of PostgreSQL, or set YINLU_CONNECTIONS lower",)
        found.append(Check(f"connections to {server}", short, said, more if short else ()))
    return found


async def sources(settings: Settings) -> Check:
    """Whether each messenger answers, where there are several."""
    from bot.app.probe import wrong_with

    places = {"YINLU_API": settings.api, **{one.name: one.api for one in settings.sources}}
    token = settings.token("staff")
    answers = {name: await wrong_with(api, token) for name, api in places.items()}
    wrong = [f"{name}: {said}" for name, said in answers.items() if said]
    said = "to be put right" if wrong else f"{', '.join(places)} answer"
    return Check("messengers", bool(wrong), said, tuple(wrong))


async def gateway(settings: Settings, name: str) -> Check:
    """Whether the gateway to a messenger is connected, and what it keeps can be read by it and by
    nobody else."""
    wrong, port = [], settings.gateway_port_of(name)
    if name == MATRIX and _open_to_others(settings.gateway_folder):
        wrong.append(f"{settings.gateway_folder.name} can be read by others")
    kept = StoredDatabase(name, "", settings.gateway_databases[name])
    if kept.there and (problem := await _rows_problem(settings, name)):
        wrong.append(problem)
    status = await health_of(settings, name)
    if status is None:
        wrong.append(f"it doesn't answer on port {port}: `yinlu gateway {name}`")
    elif status != 200:
        wrong.append("it runs, and can't reach the messenger")
    said = "to be put right" if wrong else "it is connected, and its rows open with these keys"
    return Check(f"gateway to {name}", bool(wrong), said, tuple(wrong))


async def health_of(settings: Settings, name: str) -> int | None:
    """What a gateway answers to `/healthz`; None where none runs here."""
    from aiohttp import ClientError, ClientSession, ClientTimeout

    from bot.app.probe import ANSWER_IN

    address = f"http://127.0.0.1:{settings.gateway_port_of(name)}/healthz"
    try:
        waits = ClientTimeout(ANSWER_IN)
        async with ClientSession(timeout=waits) as session, session.get(address) as answer:
            return answer.status
    except (ClientError, TimeoutError):
        return None


async def _rows_problem(settings: Settings, name: str) -> str:
    """What keeps a gateway from reading its rows; "" for nothing."""
    from bot.processes.gateway import store_for

    store = store_for(settings, name)
    try:
        await store.anybody()
        await store.updates()
        await store.recall("login")
    except KeyProblem:
        return "its rows don't open with these keys: bring back the key file it began with"
    except (OSError, DBAPIError) as error:
        cause = getattr(error, "orig", None) or error
        return f"its database can't be read ({type(cause).__name__}): look at YINLU_GATEWAY_STORE"
    finally:
        await store.transactions.close()
    return ""


async def keys_in_use(settings: Settings, database: Database) -> Check:
    """Whether every sealed value has its key, and whether a rotation was broken off."""
    found, ids = await uses(database), settings.ring().ids
    missing = [f"key {key.hex()} is missing, {found[key]} values" for key in found.keys() - {*ids}]
    older = [f"key {key.hex()} still seals {found[key]} values" for key in ids[1:] if key in found]
    if missing or older:
        said = "bring back the missing key" if missing else "end the rotation: yinlu keys rotate"
        return Check("keys in use", True, said, (*missing, *older))
    return Check("keys in use", False, f"{sum(found.values())} values, all with the newest key")


def as_text(found: Sequence[Check]) -> str:
    """A line for each check; `!!` before what needs a person, and below it what in particular."""
    lines = []
    for finding in found:
        lines.append(f"{'!!' if finding.needs else 'ok'}  {finding.check}: {finding.said}")
        lines += [f"      {item}" for item in finding.items]
    return "\n".join(lines)


def as_json(found: Sequence[Check]) -> str:
    needs = any(finding.needs for finding in found)
    said = {"needs_a_person": needs, "checks": [asdict(finding) for finding in found]}
    return json.dumps(said, ensure_ascii=False, indent=2)
