"""Whether each PostgreSQL lets in all connections that the cells may open."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.app.connections import room_of, server_of
from bot.app.settings import SettingsError
from cells.plan import Plan, settings_of
from services.core.database import away

CONTROL = 2
"""Connections to the control database that a process opens at most."""


@dataclass(frozen=True)
class Short:
    """`server`: its host and port. `needed`: connections of all cells there; `lets_in`: fewer."""

    server: str
    cells: int
    needed: int
    lets_in: int

    def __str__(self) -> str:
        return (
            f"{self.server} lets in {self.lets_in} connections, and {self.cells} cells may open "
            f"{self.needed}: some will fail and be tried again. Raise max_connections of "
            "PostgreSQL, or lower `connections` of the file or YINLU_CONNECTIONS of a cell"
        )


async def short_of(plan: Plan, cells: Mapping[str, Path], processes: int = 1) -> list[Short]:
    """The servers that can't hold the cells of a file, with the control database of so many
    processes. What can't be read or reached is left out: that is told by the cell itself."""
    needed, count, addresses = Counter[str](), Counter[str](), dict[str, str]()
    for file in cells.values():
        with suppress(SettingsError):
            settings = settings_of(file, connections=plan.connections)
            parts = (
                (settings.staff_database, settings.staff_connections),
                (settings.intake_database, settings.intake_connections),
            )
            for url, most in parts:
                addresses.setdefault(server_of(url), url)
                needed[server_of(url)] += most
            count.update({server_of(url) for url, _ in parts})
    needed[server_of(plan.control)] += CONTROL * processes
    found = []
    for server, url in addresses.items():
        lets_in = await _lets_in(url) if server else None
        if lets_in is not None and needed[server] > lets_in:
            found.append(Short(server, count[server], needed[server], lets_in))
    return found


async def _lets_in(url: str) -> int | None:
    """None where the server can't be asked."""
    try:
        return (await room_of(url)).lets_in
    except Exception as error:
        if not (away(error) or isinstance(error, DBAPIError)):
            raise
        return None
