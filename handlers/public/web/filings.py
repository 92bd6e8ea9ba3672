"""Reports that came by the page a short while ago: each form's number leads to its code once more.

A browser whose answer was lost sends its form again, with the same number in its body. It gets the
same code, and nothing is filed twice. Kept in memory for half an hour, under a keyed hash of the
form's words: whoever changed them meanwhile isn't told that the new ones were filed. Files don't
tell one form from another, since a browser that loads a page again may have lost them:

    the form with a photo           filed, code 额建漂叠添食创抚
    loaded again, the photo empty   the same code, "one attachment was kept"
    sent again with another photo   the same code, and that the other photo wasn't taken

For a day the hashes alone are kept: a page loaded again then says that it was handed in, without
the code.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes

from domain.calendar.office_hours import day_of
from handlers.public.error_location import log_if_away
from handlers.public.web.repeats import digest_of
from services.intake.intake import Filed, Intake

KEPT = timedelta(minutes=30)
KNOWN = timedelta(hours=24)
"""How long a form that was handed in is known as such: a telephone loads its open pages again the
next morning."""
MOST_BYTES = 32 * 1024 * 1024
"""Of all previews that are held for forms sent again; beyond it the oldest forms show none."""


@dataclass
class Filing:
    """One form. `digest`: keyed hash of its number and words; `files`: of its number and each file
    it came with. `lock`: sent twice at once, the second waits for what the first comes to."""

    digest: bytes
    files: frozenset[bytes]
    since: datetime
    filed: Filed | None = None
    kept: tuple[str, ...] = ()
    """Media types of the files as they were kept."""
    previews: tuple[bytes, ...] = ()
    """Its pictures as they were kept, small, as JPEG."""
    shown: bool = False
    active: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Filings:
    """`now` gives an aware time."""

    def __init__(self, intake: Intake, now: Callable[[], datetime]) -> None:
        self.intake, self.now = intake, now
        self._key = token_bytes(32)
        self._by_number: dict[str, Filing] = {}
        self._handed_in: dict[bytes, Filing] = {}
        """Hash of a form whose code went out → the hashes of its files, and when it was handed
        in."""

    def of(self, number: str, fields: Sequence[str], files: Sequence[bytes]) -> Filing:
        """The filing of a form, a new one where its number or its words are new. Only `keep`
        remembers it."""
        digest = digest_of(self._key, [number.encode(), *(t.encode() for t in fields)])
        known = self._by_number.get(number)
        if known is not None and known.digest == digest and known.since > self.now() - KEPT:
            return known
        return Filing(digest, self._digests(number, files), self.now())

    def handed_in(self, filing: Filing) -> Filing | None:
        """What was handed in before by this very form, where its code can't be shown any more."""
        return self._handed_in.get(filing.digest) if filing.filed is None else None

    def other_files(self, filing: Filing, number: str, files: Sequence[bytes]) -> bool:
        """Whether there is a file among these that the filing hasn't been sent with."""
        return not self._digests(number, files) <= filing.files

    def _digests(self, number: str, files: Sequence[bytes]) -> frozenset[bytes]:
        # With the number, which nobody can guess: else whoever reads this memory could look whether
        # a photo that they have was handed in here, and when.
        # An empty one is what a browser sends of a file that it can't read any more.
        return frozenset(
            digest_of(self._key, [number.encode(), content]) for content in files if content
        )

    def keep(self, number: str, filing: Filing) -> None:
        self._by_number[number] = filing

    def drop(self, number: str, filing: Filing) -> None:
        """The form was refused: sent again it is looked at anew."""
        if self._by_number.get(number) is filing and filing.filed is None:
            del self._by_number[number]

    def hold(self, filing: Filing, previews: tuple[bytes, ...]) -> None:
        """Hold previews for as long as the code, so that a form sent again shows them again."""
        filing.previews = previews
        held = [one for one in self._by_number.values() if one is not filing and one.previews]
        room = MOST_BYTES - sum(map(len, previews))
        # The newest first: a dictionary keeps the order in which the forms came.
        for one in reversed(held):
            room -= sum(map(len, one.previews))
            if room < 0:
                one.previews = ()

    async def confirm(self, filing: Filing) -> None:
        """Activate a report once the page with its code went out. Where the database is away the
        sweep tries again."""
        filing.shown = True
        if filing.filed is None or filing.active:
            return
        try:
            filing.active = await self.intake.activate(filing.filed, self.now())
            if filing.active:
                self._handed_in[filing.digest] = Filing(filing.digest, filing.files, filing.since)
        except Exception as error:
            log_if_away(error)

    async def sweep(self) -> None:
        """Forgets the codes of half an hour ago; what nobody was shown is withdrawn."""
        limit, known = self.now() - KEPT, self.now() - KNOWN
        self._handed_in = {d: one for d, one in self._handed_in.items() if one.since > known}
        for number, filing in list(self._by_number.items()):
            # Tried at each sweep: the database may have been away when the page was confirmed.
            if filing.shown:
                await self.confirm(filing)
            if filing.since > limit:
                continue
            try:
                if filing.filed is not None and not filing.active:
                    await self.intake.abandon(filing.filed, day_of(self.now()))
            except Exception as error:
                log_if_away(error)
            else:
                del self._by_number[number]
