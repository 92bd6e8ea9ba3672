"""A screen of several short questions: a line for each with its answer, and a row of buttons."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from domain.case.answers import is_missing, lacking
from domain.case.facts import Value
from domain.rulebook.schema import Field, FieldType
from domain.writing import parts as writing
from handlers.staff.form import texts
from handlers.staff.form.answers import FormData, left_open
from handlers.staff.form.buttons import DialogRow, FormPress, Verb
from handlers.staff.form.screens import calendar
from handlers.staff.form.session import FormSession
from handlers.staff.shared import answer_texts
from handlers.staff.shared import texts as words

SIGNS = writing.SIGNS
MOST_SEEN = 6
"""Questions that a small phone shows above their buttons."""
MOST_NUMBERS = 6
"""Numbers in the row of one question."""
WIDEST = ((4, 4.5), (3, 6.5), (2, 10.0))
"""So many buttons beside each other hold so many Chinese characters each on a small phone."""

WIDTHS = {" ": 0.3, "✓": 0.8}

Buttons = list[tuple[str, FormPress]]


def signed(group: Sequence[Field]) -> dict[str, str]:
    """A sign for each question, so that a button says which it answers; a ballot's numbers are
    written and need none."""
    asked = [field.id for field in group if not field.count]
    return {name: SIGNS[number % len(SIGNS)] for number, name in enumerate(asked)}


def attests(field: Field) -> bool:
    """Whether a question has a single answer that keeps its rule: 是, or everything ticked."""
    if field.optional:
        return False
    all_of_them = field.type is FieldType.CHECKLIST and field.minimum == len(field.options)
    return all_of_them or (field.type is FieldType.FLAG and field.expects is True)


def usual(field: Field) -> bool:
    """Whether one of the answers still offered is the one that is mostly meant."""
    return field.usual in {option.id for option in field.options}


def attested(field: Field) -> Value:
    return True if field.type is FieldType.FLAG else tuple(item.id for item in field.options)


def to_attest(group: Sequence[Field], draft: FormData) -> list[Field]:
    """What is left open of those on a screen."""
    left = [field for field in group if is_missing(field, draft.answers.get(field.id))]
    return [field for field in left if attests(field)]


def current(group: Sequence[Field], draft: FormData) -> Field | None:
    """The question that is to be answered next: the first that has to be and isn't."""
    left = [field for field in group if is_missing(field, draft.answers.get(field.id))]
    return next((field for field in left if not field.optional), None)


def lines(session: FormSession, group: Sequence[Field]) -> list[str]:
    draft, now = session.draft, current(group, session.draft)
    found, signs = [""], signed(group)
    counts = [field for field in group if field.count]
    if counts:
        found += texts.ballot(counts, draft.answers, draft.known)
    for field in group:
        if not field.count:
            value = draft.answers.get(field.id)
            found += _line(field, value, signs[field.id], field is now, session)
            found += for_each(group, field, draft)
    # How to answer, then what is missing; why this was no answer comes last of all, beside the
    # buttons: of a long screen a phone shows no more than its end.
    still = left_open(group, draft.answers, session.today)
    left = texts.left_open(group, draft.answers, signs) if len(signs) > MOST_SEEN else ""
    how = texts.several(group, still, draft.answers)
    said = (left, session.rejection) if session.rejection else (how, left)
    return [*found, "", *filter(None, said)]


def _line(
    field: Field, value: Value | None, sign: str, is_next: bool, session: FormSession
) -> list[str]:
    if not is_missing(field, value):
        draft = session.draft
        said = texts.summary_answer(field, draft.answers, draft.names())
        return [texts.answered(sign, field, said, field.id in draft.known)]
    items = field.options if field.type is FieldType.CHECKLIST else ()
    # What one press attests together is read before, with what explains it.
    return texts.unanswered(sign, field, items, is_next, hinted=is_next or attests(field))


def for_each(asked: Sequence[Field], field: Field, draft: FormData) -> list[str]:
    """What a list has to hold one for, once that was picked."""
    other = next((one for one in asked if field.each and one.id == field.each.of), None)
    if other is None or other.id not in draft.answers:
        return []
    picked = answer_texts.answer(other, draft.answers[other.id], draft.names())
    return [texts.for_each(picked, lacking(field, draft.answers))]


def rows(mark: str, session: FormSession, group: Sequence[Field]) -> list[DialogRow]:
    signs = signed(group)
    found: list[DialogRow] = []
    for field in group:
        value = session.draft.answers.get(field.id)
        sign = signs.get(field.id, "")
        found += packed(
            _offers(mark, session, field, sign)
            if field.type is FieldType.TEXT
            else buttons(mark, field, value, sign, session.today)
        )
    return found


def buttons(mark: str, field: Field, value: Value | None, sign: str, today: date) -> Buttons:
    """The buttons of one question; none where it is answered by writing."""
    if field.type is FieldType.FLAG:
        offered = [(texts.yes(), "1", value is True), (texts.no(), "0", value is False)]
    elif field.type is FieldType.DATE and not field.typed:
        return _days(mark, field, value, sign, today)
    elif field.type is FieldType.NUMBER and not field.count:
        numbers = field.likely or tuple(texts.numbers(field))[:MOST_NUMBERS]
        offered = [(str(number), str(number), number == value) for number in numbers]
    elif field.type is FieldType.CHECKLIST:
        return _checklist(mark, field, value, sign)
    else:
        picked = value if isinstance(value, tuple) else (value,)
        offered = [(words.plain(o.text), o.id, o.id in picked) for o in field.options]
    if field.button is not None:
        said = words.plain(field.button)
        offered = [(said.replace("{}", label), option, on) for label, option, on in offered]
    verb = Verb.TICK if field.type is FieldType.CHOICES else Verb.SET
    return [
        (_label(sign, label, chosen), _press(mark, verb, field, option))
        for label, option, chosen in offered
    ]


def _offers(mark: str, session: FormSession, field: Field, sign: str) -> Buttons:
    """What is known of the organisation, as the answer to a question for a text; none where it
    stands there already."""
    if field.id in session.draft.known:
        return []
    value = session.draft.answers.get(field.id)
    return [
        (_label(sign, one.name, one.name == value), _press(mark, Verb.SET, field, one.person_id))
        for one in session.draft.people(field.id)
    ]


def _days(mark: str, field: Field, value: Value | None, sign: str, today: date) -> Buttons:
    # A day ahead is seldom the same twice; what was done is mostly of these days.
    near = () if field.future else (calendar.YESTERDAY, calendar.TODAY)
    said = {calendar.YESTERDAY: texts.yesterday(), calendar.TODAY: texts.today()}
    days = {day: calendar.day_of(day, today) for day in near}
    other = value is not None and value not in days.values()
    return [
        *(
            (_label(sign, said[day], days[day] == value), _press(mark, Verb.SET, field, day))
            for day in near
        ),
        (_label(sign, texts.other_day(), other), _press(mark, Verb.ALONE, field)),
    ]


def _checklist(mark: str, field: Field, value: Value | None, sign: str) -> Buttons:
    done = isinstance(value, tuple) and len(value) == len(field.options)
    begun = value is not None and not done
    return [
        (_label(sign, texts.all_of_them(), done), _press(mark, Verb.SET, field, "*")),
        (_label(sign, texts.one_by_one(), begun), _press(mark, Verb.ALONE, field)),
    ]


def _label(sign: str, said: str, chosen: bool) -> str:
    return f"{sign} ✓ {said}" if chosen else f"{sign} {said}"


def _press(mark: str, verb: Verb, field: Field, option: str = "") -> FormPress:
    return FormPress(mark, verb, f"{field.id},{option}")


def packed(buttons: Buttons) -> list[DialogRow]:
    """Buttons in as few rows as a small phone shows whole."""
    found: list[DialogRow] = []
    widths = [width(label) for label, _ in buttons]
    first = 0
    while first < len(buttons):
        end = first + _room(widths[first : first + WIDEST[0][0]])
        found.append(buttons[first:end])
        first = end
    return found


def _room(widths: Sequence[float]) -> int:
    """How many buttons of these widths, from the first on, stand beside each other."""
    return next((n for n, widest in WIDEST if len(widths) >= n and max(widths[:n]) <= widest), 1)


@lru_cache(maxsize=4096)
def width(label: str) -> float:
    """In Chinese characters, of which other letters are half as wide, and a blank is narrower."""
    return sum(WIDTHS.get(letter, 1.0 if ord(letter) > 0x2000 else 0.55) for letter in label)
