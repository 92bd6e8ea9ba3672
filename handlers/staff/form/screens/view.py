"""What the conversation shows: the question, the summary, the wish for a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiogram_dialog import DialogManager

from domain.case.answers import check_totals
from domain.case.facts import Problem, Value
from domain.rulebook.kinds import LISTS, Given
from domain.rulebook.schema import Field, FieldType
from handlers.staff.common.replies import fit, fits
from handlers.staff.form import texts
from handlers.staff.form.answers import FormData, missing, place_of, screens, still_open, whole
from handlers.staff.form.buttons import ONWARD, DialogRow, FormPress, Verb
from handlers.staff.form.screens import calendar, closing, question_list
from handlers.staff.form.session import Filling, FormSession, ShortForm
from handlers.staff.shared import answer_texts, finding_texts, guide_texts
from handlers.staff.shared import texts as words
from services.cases.views import Preview, notes_of

PEOPLE = 8
"""People, or branches, on one screen."""
SHORT_HEAD = 3
"""Lines above the first question, without the numbers of a ballot."""
LISTED = 6
"""So many questions have their buttons below the summary at once."""
NAMED = (FieldType.PERSON, FieldType.PERSONS, FieldType.ORGANISATION)


@dataclass(frozen=True)
class Screen:
    """A screen as it is shown. `notes`: what it says will be noted (`notes_of`), where one may save
    from here; else None."""

    text: str
    rows: Sequence[DialogRow]
    notes: frozenset[str] | None = None


async def shown(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    """`text` (HTML) and `rows` of the screen that is sent; its notes count as read from then on."""
    session = FormSession(dialog_manager)
    screen = await drawn(session)
    if screen.notes is not None:
        session.draft.shows(screen.notes)
    return {"text": screen.text, "rows": screen.rows}


async def drawn(session: FormSession) -> Screen:
    """The screen as it would be shown now; nobody has read it by that."""
    state = session.manager.current_context().state
    draw = {Filling.asking: _asking, Filling.summary: _summary}.get(state, _reason)
    return await draw(session)


async def buttons(session: FormSession) -> Sequence[DialogRow]:
    """The rows of the screen as it would be shown now."""
    if session.manager.current_context().state == Filling.summary:
        return await _below_summary(session)
    return (await drawn(session)).rows


async def _asking(session: FormSession) -> Screen:
    preview, group = await session.screen()
    if not group:
        # An answer given elsewhere may have ended the questions: then this screen is the summary.
        return await _summary(session)
    mark = await session.mark()
    if (short := session.source.short) is not None:
        (field,) = group
        said = fit([session.rejection, *short.question(session, field)])
        rows = [*_choices(mark, session, field), *_short_rows(mark, session, short, preview, field)]
        return Screen(said, rows)
    ways = await closing.ways(session, preview, group)
    shown, rows = _screen(mark, session, preview, group, ways)
    if ways and not fits(shown):
        # What one press may save stands there whole, or is looked over first.
        ways = []
        shown, rows = _screen(mark, session, preview, group, ways)
    return Screen(fit(shown), rows, notes_of(preview.problems) if ways else None)


def _screen(
    mark: str,
    session: FormSession,
    preview: Preview,
    group: Sequence[Field],
    ways: Sequence[closing.SaveButton],
) -> tuple[list[str], list[DialogRow]]:
    """The lines and buttons of a screen that may be saved in these `ways`."""
    # Of several questions it is said below them: above, it would be out of sight on a phone.
    above = session.rejection if len(group) == 1 else ""
    lines = [above, "", *_head(session.draft, preview, group[0])]
    if ways:
        lines += closing.above(session, preview, group, said=len(lines) > SHORT_HEAD)
    saving: list[DialogRow] = question_list.packed([(way.label, way.press(mark)) for way in ways])
    if len(group) > 1:
        lines += question_list.lines(session, group)
        rows = [*question_list.rows(mark, session, group), *saving]
        if not ways:
            rows += _all_true(mark, session, group)
            lines += _verdict(preview, group)
        rows += _onward(mark, session, preview, group)
    else:
        lines, rows = _one(mark, session, preview, group[0], lines, saving)
    if ways:
        lines += closing.below(session, preview, group) + closing.besides(ways, group)
        lines += ["", texts.saves_at_once(ways[0].label)]
    return lines, rows


def _verdict(preview: Preview, group: Sequence[Field]) -> list[str]:
    """What the numbers allow, where a body's conclusion is entered (docs/decisions/0001)."""
    if preview.verdict is None or all(field.type is not FieldType.CHOICE for field in group):
        return []
    return ["", *answer_texts.verdict(preview.verdict)]


def _all_true(mark: str, session: FormSession, group: Sequence[Field]) -> list[DialogRow]:
    """One button for all that is attested, where there is more than one."""
    left, signs = question_list.to_attest(group, session.draft), question_list.signed(group)
    if len(left) < 2:
        return []
    label = texts.all_true("".join(signs[field.id] for field in left))
    return [[(label, FormPress(mark, Verb.TRUE))]]


def _one(
    mark: str,
    session: FormSession,
    preview: Preview,
    field: Field,
    lines: list[str],
    saving: Sequence[DialogRow],
) -> tuple[list[str], list[DialogRow]]:
    """A question by itself, below `lines`; `saving`: the buttons that save with its answer."""
    draft = session.draft
    # Read back before they count: one number misread would decide a ballot.
    if draft.reading:
        read = [item for item in preview.fields if item.id in draft.reading]
        problems = _contradictions(preview, draft)
        lines += texts.read_back([(item, draft.reading[item.id]) for item in read], problems)
        return lines, _confirm_reading(mark, not problems)
    if field.type is FieldType.CHOICE:
        lines += finding_texts.whole(preview.whole, session.today)
    lines += _verdict(preview, [field])
    # A list that may be saved here names that button below, and one with nothing ticked has none.
    ticked = field.id in draft.answers or field.type is FieldType.CHECKLIST
    lines += texts.question(field, onward=ticked and not saving)
    if field.id in draft.answers:
        known = field.id in draft.known
        lines += ["", texts.current(field, draft.answers, draft.names(), known)]
    if field.type is FieldType.DATE and not field.typed:
        lines.append(words.bold(texts.month(_month(session, field))))
    lines += question_list.for_each(preview.fields, field, draft)
    if field.offers is Given.HOTLINE and not draft.people(field.id):
        lines += ["", texts.no_hotline()]
    if field.type in NAMED and not draft.people(field.id):
        lines += ["", texts.nobody()]
    below = [*saving, *_navigation(mark, session, preview, field)]
    return lines, [*_choices(mark, session, field), *below]


def _head(draft: FormData, preview: Preview, field: Field) -> list[str]:
    """Whose case, which step, which screen; and the ballot numbers read on the screen before."""
    groups = screens(preview.fields)
    here = place_of(groups, field.id) or 0
    place = texts.position(here + 1, len(groups))
    lines = [texts.head(draft.person, draft.step, draft.title, place)]
    earlier = [one for one in groups[here - 1] if one.count] if here else []
    if len(earlier) > 1 and any(one.id in draft.answers for one in earlier):
        # Read back as soon as it was written: one number misread would decide a ballot.
        lines.append(texts.read_numbers(texts.numbers_of(earlier, draft.answers)))
    return lines


def _contradictions(preview: Preview, draft: FormData) -> tuple[Problem, ...]:
    """Why the numbers read can't be, together with those given before."""
    known = {**draft.answers, **draft.reading}
    given = {field.count: known.get(field.id) for field in preview.fields if field.count}
    return check_totals({key: value for key, value in given.items() if isinstance(value, int)})


def _confirm_reading(mark: str, possible: bool) -> list[DialogRow]:
    wrong = (texts.wrong(), FormPress(mark, Verb.WRONG))
    # Numbers that contradict each other can only be written again.
    return [[(texts.right(), FormPress(mark, Verb.RIGHT)), wrong] if possible else [wrong]]


def _choices(mark: str, session: FormSession, field: Field) -> list[DialogRow]:
    """The buttons that answer."""
    value = session.draft.answers.get(field.id)
    if field.type is FieldType.FLAG:
        return [
            [
                (texts.yes(), FormPress(mark, Verb.PICK, "1")),
                (texts.no(), FormPress(mark, Verb.PICK, "0")),
            ]
        ]
    if field.typed:
        return []
    if field.type is FieldType.DATE:
        return calendar.rows(mark, field, _month(session, field), session.today)
    if numbers := texts.numbers(field):
        return _numbers(mark, numbers, value)
    if field.type in NAMED:
        return _people(mark, session, field)
    if field.type is FieldType.TEXT:
        people = session.draft.people(field.id)
        return [[(one.name, FormPress(mark, Verb.PICK, one.person_id))] for one in people]
    if field.type is FieldType.PROOF and value:
        return [[(texts.drop_last(), FormPress(mark, Verb.LAST_PROOF))]]
    verb = Verb.TOGGLE if field.type in LISTS else Verb.PICK
    rows: list[DialogRow] = [
        [(_marked(words.plain(option.text), option.id, value), FormPress(mark, verb, option.id))]
        for option in field.options
    ]
    # Gone once all are ticked, where it would do nothing.
    if field.type is FieldType.CHECKLIST and value != tuple(item.id for item in field.options):
        rows.append([(texts.all_of_them(), FormPress(mark, Verb.ALL))])
    return rows


def _month(session: FormSession, field: Field) -> date:
    """A day of the month that the calendar shows."""
    value = session.draft.answers.get(field.id)
    return session.draft.month or (value if isinstance(value, date) else session.today)


def _numbers(mark: str, numbers: range, value: Value | None) -> list[DialogRow]:
    buttons = [
        (f"✓ {number}" if number == value else str(number), FormPress(mark, Verb.PICK, str(number)))
        for number in numbers
    ]
    return [buttons[index : index + 4] for index in range(0, len(buttons), 4)]


def _marked(label: str, item: str, value: Value | None) -> str:
    chosen = item in value if isinstance(value, tuple) else item == value
    return f"✓ {label}" if chosen else label


def _people(mark: str, session: FormSession, field: Field) -> list[DialogRow]:
    draft, value = session.draft, session.draft.answers.get(field.id)
    people, short = draft.people(field.id), session.source.short is not None
    verb = Verb.TOGGLE if field.type is FieldType.PERSONS else Verb.PICK
    count = max(1, -(-len(people) // PEOPLE))
    # Any number may come with a press: callback data can be forged.
    page = min(draft.page, count - 1)
    buttons = [
        (_marked(person.name, person.person_id, value), FormPress(mark, verb, person.person_id))
        for person in people[page * PEOPLE : (page + 1) * PEOPLE]
    ]
    # Names of organisations, and what short forms offer, are long: two in a row would be cut on a
    # phone.
    wide = 1 if short or field.type is FieldType.ORGANISATION else 2
    rows: list[DialogRow] = [
        buttons[index : index + wide] for index in range(0, len(buttons), wide)
    ]
    if count > 1:
        following = FormPress(mark, Verb.PAGE, str((page + 1) % count))
        label = texts.people_pages(page, count)
        rows.append([(label if wide > 1 else f"{label} ›", following)])
    # Not for a single one, nor once all are ticked, where it would do nothing.
    if short and verb is Verb.TOGGLE and max(1, len(draft.picked(field.id))) < len(people):
        rows.append([(texts.all_of_them(), FormPress(mark, Verb.ALL))])
    return rows


def _onward(
    mark: str, session: FormSession, preview: Preview, group: Sequence[Field]
) -> list[DialogRow]:
    """Below several questions: back, and on once nothing has to be answered any more."""
    steps: list[tuple[str, FormPress]] = []
    first = preview.fields.index(group[0]) == 0
    if first and session.draft.kind == "step" and session.draft.corrects is None:
        steps.append((guide_texts.how(), FormPress(mark, Verb.HOW)))
    if not first:
        steps.append((texts.previous(), FormPress(mark, Verb.BACK)))
    if whole(group, session.draft.answers, session.today):
        steps.append((texts.following(), FormPress(mark, Verb.NEXT)))
    return [steps, _leaving(mark, session)]


def _navigation(mark: str, session: FormSession, preview: Preview, field: Field) -> list[DialogRow]:
    answered = field.id in session.draft.answers
    first = preview.fields.index(field) == 0 and not session.draft.alone
    steps: list[tuple[str, FormPress]] = []
    # How a step is taken concerns whoever is about to take it, not who corrects a slip.
    if first and session.draft.kind == "step" and session.draft.corrects is None:
        steps.append((guide_texts.how(), FormPress(mark, Verb.HOW)))
    if not first or session.draft.changing:
        steps.append((texts.previous(), FormPress(mark, Verb.BACK)))
    # A checklist may be left empty: nothing of it was met.
    if answered or field.type is FieldType.CHECKLIST:
        steps.append((texts.following(), FormPress(mark, Verb.NEXT)))
    elif field.optional:
        steps.append((texts.skip(), FormPress(mark, Verb.SKIP)))
    leave = _leaving(mark, session)
    # Behind the last question, and behind one that is changed, 下一项 and 跳过 lead there as well.
    onward = session.draft.changing or field.id == preview.fields[-1].id
    if not onward and not missing(preview, session.draft.answers):
        return [steps, [(texts.to_summary(), FormPress(mark, Verb.SUMMARY))], leave]
    return [steps, leave]


def _short_rows(
    mark: str, session: FormSession, short: ShortForm, preview: Preview, field: Field
) -> list[DialogRow]:
    labels, steps = short.labels(session, field), []
    if short.summary and preview.fields.index(field):
        steps.append((texts.previous(), FormPress(mark, Verb.BACK)))
    if field.optional:
        steps.append((labels.get(Verb.SKIP, texts.skip()), FormPress(mark, Verb.SKIP)))
    if field.id in session.draft.answers:
        steps.append((labels.get(Verb.NEXT, texts.following()), FormPress(mark, Verb.NEXT)))
    return [steps, [(texts.cancel(), FormPress(mark, Verb.CANCEL))]]


async def _summary(session: FormSession) -> Screen:
    if (short := session.source.short) is not None and short.summary is not None:
        said = fit([session.rejection, *short.summary(session)])
        return Screen(said, await _below_summary(session))
    preview, draft = await session.preview(), session.draft
    lines = [session.rejection, ""]
    lines.append(texts.head(draft.person, draft.step, draft.title, texts.summary_title()))
    if draft.reason:
        lines.append(texts.reason_line(draft.reason))
    lines += texts.summary(preview, draft.answers, draft.names(), draft.known)
    if (more := to_add(preview, draft)) is not None:
        lines += ["", texts.add_text(more)]
    elif left := parts_to_add(preview, draft):
        lines += ["", texts.add_parts(left)]
    lines += texts.findings(preview)
    lines += words.called(preview.called, session.today)
    lines += finding_texts.whole(preview.whole, session.today)
    return Screen(fit(lines), await _below_summary(session), notes_of(preview.problems))


async def _below_summary(session: FormSession) -> list[DialogRow]:
    if (short := session.source.short) is not None and short.summary is not None:
        return _short_summary_rows(session, short)
    preview, draft = await session.preview(), session.draft
    # No button that could only complain (docs/decisions/0028).
    first: Sequence[tuple[str, FormPress]] = ()
    if missing(preview, draft.answers):
        first = [(texts.fill_missing(), FormPress("s", Verb.MISSING))]
    elif not preview.refused:
        first = [(texts.confirm(), FormPress("s", Verb.CONFIRM))]
    return [first, *_changes(preview, draft), _leaving("s", session)]


def _changes(preview: Preview, draft: FormData) -> list[DialogRow]:
    """Each question by its name; many of them behind one button, so that 确认 stays in sight."""
    if len(preview.fields) > LISTED and not draft.data.get("listing"):
        return [[(texts.change_one(), FormPress("s", Verb.LISTING))]]
    buttons = [
        (texts.change(field), FormPress("s", Verb.CHANGE, str(number)))
        for number, field in enumerate(preview.fields)
    ]
    return question_list.packed(buttons)


def to_add(preview: Preview, draft: FormData) -> Field | None:
    """The only text that may still be written, where there is a single one."""
    left = [
        field
        for field in preview.fields
        if field.type is FieldType.TEXT and field.optional and field.id not in draft.answers
    ]
    return left[0] if len(left) == 1 and draft.corrects is None else None


def parts_to_add(preview: Preview, draft: FormData) -> list[Field]:
    """The texts that a message could still hold beside those that are there."""
    return [] if draft.corrects is not None else still_open(preview.fields, draft.answers)


def _short_summary_rows(session: FormSession, short: ShortForm) -> list[DialogRow]:
    labels = short.labels(session, None)
    # The same, and straight on with what follows from it.
    onward: DialogRow = (
        [(labels[Verb.NEXT], FormPress("s", Verb.CONFIRM, ONWARD))] if Verb.NEXT in labels else []
    )
    return [
        onward,
        [(labels.get(Verb.CONFIRM, texts.confirm()), FormPress("s", Verb.CONFIRM))],
        [(labels.get(Verb.AGAIN, texts.previous()), FormPress("s", Verb.AGAIN))],
        [(texts.cancel(), FormPress("s", Verb.CANCEL))],
    ]


def _leaving(mark: str, session: FormSession) -> DialogRow:
    """A correction is kept nowhere; what a meeting has counted isn't thrown away."""
    later = (texts.later(), FormPress(mark, Verb.LATER))
    cancel = (texts.cancel(), FormPress(mark, Verb.CANCEL))
    if session.draft.corrects is not None:
        return [cancel]
    return [later, cancel] if session.source.given_up else [later]


async def _reason(session: FormSession) -> Screen:
    draft = session.draft
    lines = [session.rejection, ""]
    lines += texts.ask_reason(draft.person, draft.step, draft.title)
    return Screen(fit(lines), [[(texts.cancel(), FormPress("s", Verb.CANCEL))]])
