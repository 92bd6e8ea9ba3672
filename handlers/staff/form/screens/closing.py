"""The last answer of a step. While all the others stand on its screen, one press gives it and
saves: what is entered was read whole before, and the button says what it enters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.case.facts import Problem, ProblemCode, Value
from domain.rulebook.kinds import LISTS
from domain.rulebook.schema import Effect, Field, FieldType, Option
from domain.states import Status
from handlers.staff.form import texts
from handlers.staff.form.answers import FormData, missing, whole
from handlers.staff.form.buttons import FormPress, Verb
from handlers.staff.form.screens import question_list
from handlers.staff.form.session import FormSession
from handlers.staff.shared import finding_texts
from handlers.staff.shared import texts as words
from services.cases.views import Preview

USUAL = "+"
"""Behind the answer of a button that gives what is usual as well."""


@dataclass(frozen=True)
class SaveButton:
    """A button that saves. `answers`: what it answers before; `argument`: what it is known by.
    `said`, `sign`: the answer that is chosen, and the sign of its question; `true`, `signs`: what
    is attested along with it, and its signs; `more`: what that answer asks for besides, to be
    attested too; `beside`: the usual answers that it gives as well, in words."""

    label: str
    argument: str
    answers: Mapping[str, Value]
    said: str = ""
    true: tuple[Field, ...] = ()
    signs: str = ""
    more: tuple[Field, ...] = ()
    beside: tuple[str, ...] = ()
    sign: str = ""

    def press(self, mark: str) -> FormPress:
        # Without an answer of its own it is the button of the summary.
        return FormPress(mark, Verb.SAVE if self.answers else Verb.CONFIRM, self.argument)


async def ways(session: FormSession, preview: Preview, group: Sequence[Field]) -> list[SaveButton]:
    """What this screen may be saved with; nothing while something else is open, while another
    screen would follow from the answer, or while it would bring up what nobody has read yet."""
    found = [
        await _settled(session, preview, group, way) for way in _possible(session, preview, group)
    ]
    return [way for way in found if way is not None]


async def way(
    session: FormSession, preview: Preview, group: Sequence[Field], argument: str
) -> SaveButton | None:
    """The one that a button is known by, where this screen may be saved with it."""
    possible = _possible(session, preview, group)
    found = next((one for one in possible if one.argument == argument), None)
    return await _settled(session, preview, group, found) if found else None


def _said(preview: Preview) -> tuple[Problem, ...]:
    """What is wrong with what was answered, not with what is still to be."""
    return tuple(one for one in preview.problems if one.code is not ProblemCode.REQUIRED)


def _possible(session: FormSession, preview: Preview, group: Sequence[Field]) -> list[SaveButton]:
    """What may be the last answer; whether anything follows from it isn't looked at yet."""
    draft, here = session.draft, {field.id for field in group}
    if draft.changing or draft.corrects is not None or draft.reading:
        return []
    if any(problem.refuses for problem in _said(preview)) or _turns(preview, draft):
        return []
    left = missing(preview, draft.answers)
    if any(field.id not in here for field in left):
        return []
    if not left:
        listed = any(field.type in LISTS for field in group)
        ready = (
            listed and _is_last(preview, here, draft) and whole(group, draft.answers, session.today)
        )
        return [SaveButton(texts.confirm(), "", {})] if ready else []
    signs = question_list.signed(group) if len(group) > 1 else {}
    if all(question_list.attests(field) for field in left):
        return [_all_true(left, signs)]
    attested = [field for field in left if question_list.attests(field)]
    chosen = [field for field in left if field not in attested]
    # The last of them is answered, even where its own usual answer is known.
    usual = [field for field in chosen if question_list.usual(field)][: len(chosen) - 1]
    chosen = [field for field in chosen if field not in usual]
    if len(chosen) > 1 or chosen[0].type not in (FieldType.CHOICE, FieldType.FLAG):
        return []
    # 是 to what may be otherwise, in one press with other answers, could be read amiss.
    if chosen[0].type is FieldType.FLAG:
        return [] if attested or usual else _either(chosen[0], signs.get(chosen[0].id, ""))
    return _answers(chosen[0], attested, usual, signs)


def _turns(preview: Preview, draft: FormData) -> bool:
    """Whether an answer turns the case back, holds or ends it: that is looked over once more."""
    return any(
        not _goes_on(option) and option.id == draft.answers.get(field.id)
        for field in preview.fields
        for option in field.options
    )


def _goes_on(option: Option) -> bool:
    """Whether a case goes on, or has come to its good end."""
    return option.effect is Effect.DONE or option.status == Status.ARCHIVED


def _is_last(preview: Preview, here: set[str], draft: FormData) -> bool:
    """Whether no screen follows that nobody has seen."""
    last = max(number for number, field in enumerate(preview.fields) if field.id in here)
    return all(field.id in draft.answers for field in preview.fields[last + 1 :])


def _all_true(left: Sequence[Field], signs: Mapping[str, str]) -> SaveButton:
    said = "".join(signs.get(field.id, "") for field in left)
    return SaveButton(
        texts.true_and_saved(said, left),
        "*",
        {field.id: question_list.attested(field) for field in left},
    )


def _either(field: Field, sign: str) -> list[SaveButton]:
    """`sign`: of the question, like on the other buttons of its screen."""
    return [
        SaveButton(texts.and_saved(said, sign), f"{field.id},{option}", {field.id: option == "1"})
        for said, option in ((texts.yes(), "1"), (texts.no(), "0"))
    ]


def _answers(
    field: Field, attested: Sequence[Field], usual: Sequence[Field], signs: Mapping[str, str]
) -> list[SaveButton]:
    """The ways of one choice, each with what is attested beside it and what is usual. Where a
    button can't say all of it, there is none."""
    true = "".join(signs.get(one.id, "") for one in attested)
    also = {one.id: question_list.attested(one) for one in attested}
    also |= {one.id: one.usual for one in usual}
    beside = tuple(f"{signs[one.id]} {words.plain(_usual(one).text)}" for one in usual)
    sign = signs.get(field.id, "")
    # Known apart: pressed once more after 不合适, a button that says 合适 saves nothing.
    more = USUAL if beside else ""
    # What doesn't simply go on is looked over once more before it is saved.
    found = [
        SaveButton("", f"{field.id},{o.id}{more}", {field.id: o.id, **also}, words.plain(o.text),
            tuple(attested), true, beside=beside, sign=sign)
        for o in field.options
        if _goes_on(o)
    ]  # fmt: skip
    return [_named(way) for way in found if not beside or texts.has_room(_whole(way))]


def _named(way: SaveButton) -> SaveButton:
    return replace(way, label=texts.and_saved(_whole(way)))


def _whole(way: SaveButton) -> str:
    """All that a way answers, as its button says it."""
    true = (*way.true, *way.more)
    # Behind what is only attested the choice needs no sign: there is no other.
    chosen = way.said if true and not way.beside else f"{way.sign} {way.said}".strip()
    return texts.at_once(way.signs, true, way.beside, chosen)


def _usual(field: Field) -> Option:
    return next(option for option in field.options if option.id == field.usual)


async def _settled(
    session: FormSession, preview: Preview, group: Sequence[Field], way: SaveButton
) -> SaveButton | None:
    """The way, where nothing is asked with its answers but what it attests as well, and nothing new
    is said of them; else None."""
    if not way.answers:
        return way
    after = await session.imagine(way.answers)
    if more := missing(after, {**session.draft.answers, **way.answers}):
        if not way.said or not all(question_list.attests(field) for field in more):
            return None
        way = _with(way, more, group)
        after = await session.imagine(way.answers)
    if after.refused or missing(after, {**session.draft.answers, **way.answers}):
        return None
    new = [one for one in after.problems if one not in preview.problems]
    return way if not new and after.called == preview.called else None


def _with(way: SaveButton, more: Sequence[Field], group: Sequence[Field]) -> SaveButton:
    """The way with what its choice calls for attested too, under signs that follow the screen's."""
    answers = {**way.answers, **{field.id: question_list.attested(field) for field in more}}
    signs = way.signs + "".join(_signs(more, group).values())
    return _named(replace(way, answers=answers, signs=signs, more=tuple(more)))


def _signs(more: Sequence[Field], group: Sequence[Field]) -> Mapping[str, str]:
    """Signs for what is asked with a choice, behind those of the screen's own questions."""
    # A question that stands by itself has none.
    used = len(question_list.signed(group)) if len(group) > 1 else 0
    return {field.id: question_list.SIGNS[used + n] for n, field in enumerate(more)}


def besides(ways: Sequence[SaveButton], group: Sequence[Field]) -> list[str]:
    """What each of these ways attests besides, so that it is read before it is pressed."""
    found: list[str] = []
    for way in ways:
        signs = _signs(way.more, group)
        found += ["", texts.with_it(way.said)] if way.more else []
        for field in way.more:
            items = field.options if field.type is FieldType.CHECKLIST else ()
            found += texts.unanswered(signs[field.id], field, items, False, hinted=True)
    return found


def above(session: FormSession, preview: Preview, group: Sequence[Field], said: bool) -> list[str]:
    """What was answered on the other screens, so that the record can be read whole here. `said`:
    the ballot's numbers stand there already."""
    draft, here = session.draft, {field.id for field in group}
    others = [f for f in preview.fields if f.id not in here and f.id in draft.answers]
    counts = [field for field in others if field.count]
    lines = [
        texts.answered(
            "·", field, texts.summary_answer(field, draft.answers, draft.names()),
            field.id in draft.known,
        )
        for field in others
        if not field.count
    ]  # fmt: skip
    if counts and not said:
        lines.append(texts.read_numbers(texts.numbers_of(counts, draft.answers, draft.known)))
    return ["", *lines] if lines else []


def below(session: FormSession, preview: Preview, group: Sequence[Field]) -> list[str]:
    """What follows from the answers, without what stands above a choice by itself."""
    found = replace(preview, problems=_said(preview))
    above_it = len(group) == 1 and group[0].type is FieldType.CHOICE
    said = texts.findings(replace(found, verdict=None) if above_it else found)
    said += words.called(preview.called, session.today)
    return said if above_it else said + finding_texts.whole(preview.whole, session.today)
