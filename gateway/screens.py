"""Fits what the bot shows to what a platform can show: pure, with nothing remembered.

Where buttons don't fit they become lines, «A 张三», and are chosen by letter. Letters and never
digits: the bot asks for numbers, and a «22» typed as an answer would press the 22nd button.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from botapi.markup import MessageEntity, Said, units
from gateway import gateway_texts as texts
from gateway.platform import Abilities, Button, Content, Part

Rows = tuple[tuple[Button, ...], ...]
GRID_ROWS, GRID_COLUMNS, GRID_LABEL = 3, 5, 4
"""A grid has so many rows of so many buttons whose labels are no longer than this: a calendar, with
the month above it and a mark at today ([23])."""
WIDEST_LINE = 24
"""Characters of a line that holds several choices."""
ANY_BOT = r"\w+"
TOKEN = "{token}"
"""In the link of a platform that takes an invitation along."""


@dataclass(frozen=True)
class Screen:
    """What the bot wants seen: text, buttons under it, labels below the chat, a file."""

    said: Said
    rows: Rows = ()
    keys: tuple[tuple[str, ...], ...] = ()
    content: Content | None = None
    protected: bool = False


@dataclass(frozen=True)
class Fitted:
    """`menu`: letter → button, where letters are answered with. Parts are sent in this order; all
    of them are one message to the bot."""

    parts: tuple[Part, ...]
    menu: Mapping[str, Button]


def fit(
    screen: Screen, abilities: Abilities, link: str = "", skip: int = 0, bot: str = ""
) -> Fitted:
    """`link`: opens the chat with us on the platform, for whoever was given a start link of `bot`.
    `skip`: so many letters stand in other menus that can be answered now."""
    fitted = _fit(screen, abilities, link, skip, bot)
    if not screen.protected:
        return fitted
    return replace(fitted, parts=tuple(replace(one, protected=True) for one in fitted.parts))


def _fit(screen: Screen, abilities: Abilities, link: str, skip: int, bot: str) -> Fitted:
    said = with_joining(screen.said, link, bot)
    rows = screen.rows + tuple(tuple(Button(t, says=t) for t in row) for row in screen.keys)
    dates = abilities.dates and has_grid(rows)
    if dates:
        rows = without_grid(rows)
    if _native(rows, abilities) and not any(_is_written_out(b, abilities) for b in _flat(rows)):
        return Fitted(_parts(said, rows, screen.content, abilities, dates), {})
    rows = without_grid(rows)
    pressed = tuple(tuple(b for b in row if b.data or b.says) for row in rows)
    told = [line for button in _flat(rows) if (line := _told(button))]
    if _native(pressed, abilities):
        shown = _with_lines(said, told)
        kept = tuple(row for row in pressed if row)
        return Fitted(_parts(shown, kept, screen.content, abilities, dates), {})
    menu = dict(zip(_letters(skip), (b for row in pressed for b in row), strict=False))
    lines = [texts.said("choose", said.plain), *_lines(pressed, skip)]
    shown = _with_lines(_with_lines(said, told), lines)
    return Fitted(_parts(shown, (), screen.content, abilities, dates), menu)


def _flat(rows: Rows) -> Iterator[Button]:
    return (button for row in rows for button in row)


def _native(rows: Rows, can: Abilities) -> bool:
    """Whether the platform can show them as buttons, with their labels whole."""
    labels = [button.text for button in _flat(rows)]
    return len(labels) <= can.buttons and not (
        can.label and max(map(_columns, labels), default=0) > can.label
    )


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _is_written_out(button: Button, can: Abilities) -> bool:
    """Nothing puts a text on the clipboard but Telegram."""
    return bool(button.copies) or bool(button.link and not can.links)


def _told(button: Button) -> str:
    """What can't be pressed as a letter is written out."""
    target = button.link or button.copies
    return f"{button.text}：{target}" if target else ""


def has_grid(rows: Rows) -> bool:
    """Whether a calendar is among them."""
    return sum(map(_is_narrow, rows)) >= GRID_ROWS


def without_grid(rows: Rows) -> Rows:
    """Leave out calendars: what they ask for is typed, as the question says, or chosen on the
    platform's own. Blank labels too."""
    kept = tuple(row for row in rows if not _is_narrow(row)) if has_grid(rows) else rows
    return tuple(tuple(button for button in row if button.text.strip()) for row in kept)


def _is_narrow(row: Sequence[Button]) -> bool:
    return len(row) >= GRID_COLUMNS and all(len(b.text.strip()) <= GRID_LABEL for b in row)


LETTERS = (*ascii_uppercase, *(one + two for one in ascii_uppercase for two in ascii_uppercase))
"""A to Z, then AA to ZZ: more than a message has buttons."""


def _letters(skip: int) -> Iterator[str]:
    yield from LETTERS[skip:]


def letters_until(menu: Iterable[str]) -> int:
    """How many letters there are up to the last one of a menu."""
    return max((LETTERS.index(letter) + 1 for letter in menu), default=0)


def letters_before(menu: Iterable[str]) -> int:
    """How many letters a menu skips."""
    return min((LETTERS.index(letter) for letter in menu), default=0)


def _lines(rows: Rows, skip: int) -> list[str]:
    lines, letters = [], _letters(skip)
    for row in rows:
        choices = [f"{next(letters)} {button.text}" for button in row]
        joined = " · ".join(choices)
        lines += [joined] if len(joined) <= WIDEST_LINE else choices
    return [line for line in lines if line]


def letter_of(text: str) -> str:
    """The letter that somebody chose, in capitals; "" where the text is anything else."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    found = texts.SAYS_LETTER.fullmatch(plain)
    return found[1] if found else ""


def token_of(text: str) -> str:
    """The token in «加入 TOKEN», or in a start link; "" where there is none."""
    link = _start_link(ANY_BOT).search(text)
    joining = texts.JOIN.fullmatch(text.strip())
    return link[1] if link else joining[1] if joining else ""


def _start_link(bot: str) -> re.Pattern[str]:
    return re.compile(rf"https?://t\.me/{bot}\?start=([\w-]+)")


def with_joining(said: Said, link: str, bot: str) -> Said:
    """A start link of `bot` opens nothing here: say what to send instead. That of another bot, as
    the public one, is left as it is: it is for Telegram."""
    links = list(_start_link(re.escape(bot)).finditer(said.plain)) if bot else []
    if not links:
        return said
    name = "join_at" if link else "join"

    def told(match: re.Match[str]) -> str:
        if TOKEN in link:
            return link.replace(TOKEN, match[1])
        return texts.said(name, said.plain, token=match[1], link=link)

    plain, entities, end = "", list(said.entities), 0
    for match in links:
        plain += said.plain[end : match.start()]
        begun, was, new = units(plain), units(match.group()), told(match)
        entities = [_moved(one, begun, was, units(new)) for one in entities]
        plain, end = plain + new, match.end()
    return Said(plain + said.plain[end:], entities=tuple(entities))


def _moved(entity: MessageEntity, at: int, was: int, now: int) -> MessageEntity:
    """An entity after `was` units at `at` became `now` units."""
    start, end = entity.offset, entity.offset + entity.length
    start += now - was if start >= at + was else 0
    end += now - was if end >= at + was else 0
    return replace(entity, offset=start, length=max(end - start, 0))


def _with_lines(said: Said, lines: Sequence[str]) -> Said:
    if not lines:
        return said
    gap = "\n\n" if said.plain else ""
    return replace(said, plain=said.plain + gap + "\n".join(lines))


def _parts(
    said: Said, rows: Rows, content: Content | None, can: Abilities, dates: bool
) -> tuple[Part, ...]:
    pieces = [piece for piece in split(said, can.text_bytes) if piece.plain.strip()] or [said]
    head: list[Part] = []
    if content is not None:
        # The file first: its text, and what may be pressed, stand below it.
        head = [Part(Said(), content=content)]
        pieces = [piece for piece in pieces if piece.plain]
        if not pieces and not rows:
            return tuple(head)
    *above, last = pieces or [Said()]
    below = _with_buttons(last, rows, can)
    return (*head, *map(Part, above), *below[:-1], replace(below[-1], dates=dates))


def _with_buttons(said: Said, rows: Rows, can: Abilities) -> tuple[Part, ...]:
    if not rows or can.card is None:
        return (Part(said, rows),)
    of_title, of_rest = can.card
    lines = said.plain.strip().splitlines() or [texts.said("pick")]
    title, rest = lines[0], "\n".join(lines[1:]).strip("\n")
    if len(title) <= of_title and len(rest) <= of_rest and not _leads(said):
        return (Part(Said(f"{title}\n{rest}".rstrip("\n")), rows),)
    cut = title if len(title) <= of_title else f"{title[: of_title - 1]}…"
    return (Part(said), Part(Said(cut), rows))


def _leads(said: Said) -> bool:
    """Whether there is a link behind some words, which a card would lose."""
    return any(entity.type == "text_link" for entity in said.entities)


def split(said: Said, most: int) -> list[Said]:
    """Between lines, into texts of at most `most` bytes (at least 4); a line that is longer by
    itself is cut. Entities are cut along."""
    found, begin, plain = [], 0, said.plain
    while True:
        end = begin + _fits(plain[begin:], most)
        if end >= len(plain):
            found.append(_slice(said, begin, len(plain)))
            return found
        line = plain.rfind("\n", begin, end + 1)
        # The line break itself goes: two messages are apart anyway.
        cut, following = (line, line + 1) if line > begin else (end, end)
        found.append(_slice(said, begin, cut))
        begin = following


def _fits(text: str, most: int) -> int:
    """How many characters of a text are at most `most` bytes."""
    return len(text.encode()[:most].decode(errors="ignore"))


def _slice(said: Said, begin: int, end: int) -> Said:
    first, last = units(said.plain[:begin]), units(said.plain[:end])
    entities = []
    for entity in said.entities:
        start, stop = max(entity.offset, first), min(entity.offset + entity.length, last)
        if stop > start:
            entities.append(replace(entity, offset=start - first, length=stop - start))
    return Said(said.plain[begin:end], entities=tuple(entities))
