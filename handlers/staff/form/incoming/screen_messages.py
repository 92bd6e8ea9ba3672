"""What a message means on a screen of several questions: one of them, or several at once, numbered
or a line for each."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from aiogram.types import Message

from domain.case.answers import bare_numbers, check_totals, is_missing, only_totals, read_totals
from domain.case.dates import says_day
from domain.case.facts import Problem, Value
from domain.rulebook.schema import Field, FieldType
from domain.writing.parts import NumberedQuestion, lines, names_a_year, numbered, people_first
from handlers.staff.form import texts
from handlers.staff.form.answers import parts_of, still_open
from handlers.staff.form.incoming.reading import ballot_line, from_text, labelled, number
from handlers.staff.form.screens import question_list
from handlers.staff.form.session import FormSession

Found = Mapping[str, Value] | Problem | str
"""What a text answers, by field; what is wrong with it; or what is said of it."""


def people_of(group: Sequence[Field]) -> Field | None:
    """The question of how many, where a screen has a single one."""
    numbers = [field for field in group if field.type is FieldType.NUMBER and not field.count]
    return numbers[0] if len(numbers) == 1 else None


def in_parts(text: str, session: FormSession, group: Sequence[Field]) -> Found | None:
    """What stands behind each number; how many people were heard may stand before them. None where
    nothing is numbered, or a screen has but one text, which may hold a list of its own."""
    wanted = [field for field in group if field.type is FieldType.TEXT]
    before, parts = numbered(text)
    if len(wanted) < 2 or not parts:
        return None
    left = _to_write(session, group)
    if len(parts) == len(left) > len(wanted):
        # With the day or the number that they stand beside, as lines without numbers are.
        wanted = left
    many, rest = _people_before(before, group)
    found: dict[str, Value] = dict(many)
    for part, field in zip(parts, _meant(parts, group, wanted), strict=True):
        # What stands before the first number belongs to the first.
        said = f"{rest}\n{part.text}".strip() if part is parts[0] else part.text
        value = from_text(field, said, session.today) if field and said else None
        if isinstance(value, Problem):
            return value
        if field is None or field.id in found:
            return _not_told(wanted, len(parts), len(left))
        if value is not None:
            found[field.id] = value
    return found or _not_told(wanted, 0, len(left))


def _not_told(wanted: Sequence[Field], given: int, left: int) -> str:
    numbered_here = parts_of(wanted)
    if numbered_here:
        return texts.parts_wanted(numbered_here, given)
    return texts.too_many_parts(max(len(wanted), left), given)


def _people_before(before: str, group: Sequence[Field]) -> tuple[Mapping[str, Value], str]:
    """How many people were heard, by field, and the rest of what stands there."""
    asked = people_of(group)
    if asked is None:
        return {}, before
    many, rest = people_first(before)
    if many is None and (plain := number(before)) is not None:
        many, rest = plain, ""
    return ({} if many is None else {asked.id: many}), rest


def _meant(
    parts: Sequence[NumberedQuestion], group: Sequence[Field], wanted: Sequence[Field]
) -> list[Field | None]:
    """The question that each number names: its place among the texts, or its sign on the screen."""
    if [part.number for part in parts] == [*range(1, len(parts) + 1)]:
        return [_at(part.number, wanted) for part in parts]
    return [_named(part, group, wanted) for part in parts]


def _at(place: int, wanted: Sequence[Field]) -> Field | None:
    return wanted[place - 1] if place <= len(wanted) else None


def _named(part: NumberedQuestion, group: Sequence[Field], wanted: Sequence[Field]) -> Field | None:
    signs = question_list.signed(group)
    sign = question_list.SIGNS[part.number - 1 : part.number]
    signed = next((one for one in group if signs.get(one.id) == sign), None)
    if signed is not None and signed not in wanted:
        # ③ 8 answers the third question; ③ with words is the third of the texts.
        is_many = signed is people_of(group) and number(part.text) is not None
        signed = signed if part.sign and is_many else None
    at = _at(part.number, wanted)
    return (signed or at) if part.sign else (at or signed)


def by_line(text: str, session: FormSession, group: Sequence[Field]) -> Found:
    """A line for each of the texts that a rulebook numbers, or for each that is still open. Any
    other number of lines could be meant for several of them, and is asked back."""
    wanted = parts_of(group)
    head, *rest = lines(text)
    many, left = _people_before(head, group)
    if many and not left and not rest:
        return many
    said = [*([left] if left else []), *rest]
    left_open = still_open(group, session.draft.answers)
    fields = next((one for one in (wanted, left_open) if len(one) == len(said)), None)
    if fields is None:
        return texts.parts_wanted(wanted, len(said))
    found: dict[str, Value] = dict(many)
    for field, line in zip(fields, said, strict=True):
        value = from_text(field, line, session.today)
        if isinstance(value, Problem):
            return value
        found[field.id] = value
    return found


def number_again(text: str, session: FormSession, group: Sequence[Field]) -> str | None:
    """What is said of a plain number where the question for one is answered: it may be a slip of
    the pen in a note."""
    asked = people_of(group)
    if asked is None or asked.id not in session.draft.answers or number(text) is None:
        return None
    return texts.number_again(asked, question_list.signed(group)[asked.id])


WRITTEN = (FieldType.TEXT, FieldType.NUMBER, FieldType.DATE)
"""What is answered with words of one's own."""
LABELLED = (FieldType.FLAG, FieldType.CHOICE)
"""What is answered with the words of a button."""


async def written(message: Message, session: FormSession, group: Sequence[Field]) -> None:
    """Take what a text answers, all of it or none."""
    text = (message.text or "").strip()
    if not text:
        session.reject(texts.not_here(_asked(session, group)))
        return
    if any(field.count for field in group):
        if len(read_totals(text)) > 1 or only_totals(text):
            await read_ballot(text, session)
            return
        if bare_numbers(text) > 1:
            session.reject(await unnamed(session))
            return
    if says_day(text):
        await take_found(_day(text, session, group), session, group)
        return
    found = in_parts(text, session, group)
    if found is None and parts_of(group):
        found = _note(text, session, group)
    elif found is None:
        found = _rows(text, session, group) or _one(text, session, group)
    await take_found(found, session, group)


async def take_found(found: Found, session: FormSession, group: Sequence[Field]) -> None:
    """Take what was read, or say why nothing was."""
    if isinstance(found, str):
        session.reject(found)
    elif isinstance(found, Problem):
        session.reject(texts.rejected(found, {field.id: field for field in group}))
    else:
        await session.take(found)


def _asked(session: FormSession, group: Sequence[Field]) -> Field:
    return question_list.current(group, session.draft) or group[0]


async def unnamed(session: FormSession) -> str:
    """What is said of numbers without names: a line that would be right, with what is known."""
    counts = [field for field in (await session.preview()).fields if field.count]
    return texts.name_numbers(counts, session.draft.answers)


async def ballot_again(text: str, session: FormSession) -> bool:
    """Take a ballot line that is written where its numbers aren't asked any more: it replaces the
    one before. False for any other text."""
    asked = [field for field in (await session.preview()).fields if field.count]
    if not asked or await _asks_counts(session) or not only_totals(text):
        return False
    await read_ballot(text, session)
    return True


async def read_ballot(text: str, session: FormSession) -> None:
    """The numbers of a ballot in one line. Those that can't be are said at once and not kept."""
    preview = await session.preview()
    reading, unknown = ballot_line(preview, text)
    later = await _later(text, unknown, session)
    counts = {field.count: field.id for field in preview.fields if field.count}
    known = {**session.draft.answers, **reading}
    totals = {count: known[name] for count, name in counts.items() if name in known}
    given = {key: value for key, value in totals.items() if isinstance(value, int)}
    if wrong := check_totals({**later, **given}):
        session.reject(texts.rejected(wrong[0], {field.id: field for field in preview.fields}))
        return
    if not reading and not later:
        session.reject(texts.nothing_read())
        return
    if later:
        session.draft.data["later"] = later
    await session.take(dict(reading))
    unknown = tuple(count for count in unknown if count not in later)
    if unknown and not session.rejection:
        session.reject(texts.not_read(unknown))
    elif later and not session.rejection and not await _asks_counts(session):
        # The question that shows them is behind us.
        session.reject(texts.read_later(later))


async def _asks_counts(session: FormSession) -> bool:
    """Whether the screen shown now asks for the numbers of a ballot."""
    group = (await session.screen())[1] if session.on_question else ()
    return any(field.count for field in group)


async def _later(text: str, unknown: Sequence[str], session: FormSession) -> dict[str, int]:
    """What the form after this one asks for, with what was written for it before."""
    if session.source.later is None:
        return {}
    totals = read_totals(text)
    more = {count: totals[count] for count in unknown}
    return {**session.draft.later, **await session.source.later(session, more)}


def _note(text: str, session: FormSession, group: Sequence[Field]) -> Found:
    """On a screen with texts that one message holds: a button's words, how many, or they."""
    return (
        number_again(text, session, group)
        or _fitted(text, session, group)
        or by_line(text, session, group)
    )


def _to_write(session: FormSession, group: Sequence[Field]) -> list[Field]:
    """The questions of a screen that are still to be answered in words of one's own."""
    asked = (field for field in group if field.type in WRITTEN and not field.count)
    return [field for field in asked if field.id not in session.draft.answers]


def _rows(text: str, session: FormSession, group: Sequence[Field]) -> Found | None:
    """A line for each question that is still to be written."""
    left = _to_write(session, group)
    needed, said = [field for field in left if not field.optional], lines(text)
    for wanted in (needed, left):
        if len(said) > 1 and len(said) == len(wanted):
            return _each(zip(wanted, said, strict=True), session)
    # All that is open, what has buttons too: as particulars stand on a sheet, one below the other.
    every = [field for field in group if field.type in (*WRITTEN, *LABELLED) and not field.count]
    every = [f for f in every if f.id not in session.draft.answers and not f.optional]
    if len(said) == len(every) > max(1, len(needed)):
        found = _each(zip(every, said, strict=True), session)
        # With no text open it may be one that is written anew, in several lines.
        return found if needed or isinstance(found, Mapping) else None
    if len(said) > 1 and sum(field.type is FieldType.TEXT for field in needed) > 1:
        # Taken for one of the texts, all of it would be measured by that one's length.
        return texts.lines_wanted(needed, len(said))
    return None


def _day(text: str, session: FormSession, group: Sequence[Field]) -> Found:
    """The question for a day that it answers, or why none; it is never an answer to another."""
    first: Problem | None = None
    for field in _in_order(session, group):
        # A day years back is written with its year: 昨天 is meant for another question.
        if field.type is FieldType.DATE and (names_a_year(text) or not field.typed):
            value = from_text(field, text, session.today)
            if not isinstance(value, Problem):
                return {field.id: value}
            first = first or value
    typed = next((field for field in group if field.type is FieldType.DATE), None)
    if first is not None:
        return first
    return texts.no_day_wanted(typed or _asked(session, group), wanted=typed is not None)


def _each(pairs: Iterator[tuple[Field, str]], session: FormSession) -> Found:
    found: dict[str, Value] = {}
    rows = list(pairs)
    for field, said in rows:
        if field.type is not FieldType.DATE and says_day(said):
            return texts.no_day_wanted(field, wanted=False)
        pressed = labelled(field, said) if field.type in LABELLED else None
        if pressed is None and field.type in LABELLED:
            return texts.not_here(field)
        value = from_text(field, said, session.today) if pressed is None else pressed
        if isinstance(value, Problem):
            return texts.lines_rejected(value, {one.id: one for one, _ in rows}, len(rows))
        found[field.id] = value
    return found


def _one(text: str, session: FormSession, group: Sequence[Field]) -> Found:
    """The question that a text answers by itself: the next that it fits, else the next text."""
    if fitted := _fitted(text, session, group):
        return fitted
    order = _in_order(session, group)
    wanted = next((field for field in order if field.type is FieldType.TEXT), None)
    asked = _asked(session, group)
    # Several numbers alone are none of the answers, and no opinion either.
    if wanted is None or bare_numbers(text) > 1:
        return _wrong(asked, text, session)
    # A day or a number that was meant for the question above is no text for the one below.
    if asked.type is not FieldType.TEXT and asked.type in WRITTEN and _plain(text):
        return _wrong(asked, text, session)
    number = people_of(group)
    is_open = number and is_missing(number, session.draft.answers.get(number.id))
    many, rest = people_first(text) if is_open else (None, text)
    found: dict[str, Value] = {wanted.id: rest}
    if number is not None and many is not None:
        found[number.id] = many
    return found


def _in_order(session: FormSession, group: Sequence[Field]) -> list[Field]:
    """Those that are open first, and of these those that have to be answered."""
    answers = session.draft.answers
    open_now = [field for field in group if is_missing(field, answers.get(field.id))]
    # A day with its year that is written once more is meant for the question that asks for one.
    done = [field for field in group if field not in open_now]
    return [
        *sorted(open_now, key=lambda field: field.optional),
        *sorted(done, key=lambda field: not field.typed),
    ]


def _fitted(text: str, session: FormSession, group: Sequence[Field]) -> Mapping[str, Value]:
    """What a text answers that is no text of its own: the words of a button, a number."""
    for field in _in_order(session, group):
        value = _fitting(field, text, session)
        if value is not None:
            return {field.id: value}
    return {}


def _plain(text: str) -> bool:
    """Whether a text has a digit and is as short as a day or a number."""
    return len(text) <= 12 and any(letter.isdigit() for letter in text)


def _wrong(field: Field, text: str, session: FormSession) -> Problem | str:
    if field.type in WRITTEN:
        value = from_text(field, text, session.today)
        if isinstance(value, Problem):
            return value
    return texts.not_here(field)


def _fitting(field: Field, text: str, session: FormSession) -> Value | None:
    """The answer that a text plainly gives to anything but a question for a text."""
    if field.type in LABELLED:
        return labelled(field, text)
    if field.type is FieldType.NUMBER:
        value = from_text(field, unicodedata.normalize("NFKC", text), session.today)
        return None if isinstance(value, Problem) else value
    return None
