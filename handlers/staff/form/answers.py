"""The answers of a conversation, kept as JSON so that a restart finds them again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from domain.case.answers import check_given, following, is_missing, lacking
from domain.case.facts import Answers, Value
from domain.rulebook.schema import Field, Text
from handlers.staff.form.buttons import ONWARD
from services.cases.views import Form, Preview
from services.people.views import PersonChoice

Json = str | int | bool | list[str] | dict[str, str]


def to_json(value: Value) -> Json:
    # A table, since a text that looks like a day has to stay a text.
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def from_json(value: Json) -> Value:
    if isinstance(value, dict):
        return date.fromisoformat(value["day"])
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class FormData:
    """A view of the dialog's data: which step of whom, what was answered, where we are.

    `at`: id of the field being asked. `changing`: one answer of the summary is being changed.
    `reading`: ballot numbers read from one line, not yet confirmed, by field id. `month`: the
    first of the month a calendar shows. `page`: of a list of people.
    """

    data: dict[str, Any]

    @classmethod
    def begin(
        cls, data: dict[str, Any], form: Form, kind: str = "step", of: str = ""
    ) -> "FormData":
        """`kind`: which source asks; `of`: the id it knows its row by."""
        data.update(
            kind=kind,
            of=of,
            case=form.case_id,
            step=form.step.id,
            # In both languages: the reader may choose the other one while the form is open.
            title=[form.step.title.zh, form.step.title.en],
            person=form.person,
            corrects=form.corrects,
            answers={key: to_json(value) for key, value in {**form.known, **form.answers}.items()},
            known=[key for key in form.known if key not in form.answers],
            # Lists, as JSON gives them back after a restart.
            people={
                field: [[choice.person_id, choice.name] for choice in choices]
                for field, choices in form.choices.items()
            },
        )
        return cls(data)

    @classmethod
    def short(cls, kind: str, of: str, at: str, said: Sequence[str]) -> "FormData":
        """Of a source that is no step: nothing is answered, `at` is asked with what is `said`."""
        named = dict.fromkeys(("case", "step", "person"), "")
        draft = cls({**named, "kind": kind, "of": of, "at": at, "said": list(said)})
        draft.data.update(title=["", ""], corrects=None, answers={}, people={})
        return draft

    @property
    def said(self) -> list[str]:
        return list(self.data["said"])

    def offer(self, field: str, choices: Iterable[tuple[str, str]]) -> None:
        """Let `field` be answered with one of these ids, each with its name."""
        self.data["people"][field] = [list(choice) for choice in choices]

    @property
    def kind(self) -> str:
        return str(self.data.get("kind", "step"))

    @property
    def of(self) -> str:
        return str(self.data.get("of", ""))

    @property
    def case(self) -> str:
        return str(self.data["case"])

    @property
    def step(self) -> str:
        return str(self.data["step"])

    @property
    def title(self) -> Text:
        return Text(*self.data["title"])

    @property
    def person(self) -> str:
        return str(self.data["person"])

    @property
    def corrects(self) -> str | None:
        found = self.data["corrects"]
        return None if found is None else str(found)

    @cached_property
    def answers(self) -> dict[str, Value]:
        """To be changed by `answer` only, which changes the JSON along with it."""
        # What JSON keeps as it is, most answers, is spared the call.
        return {
            key: from_json(value) if isinstance(value, dict | list) else value
            for key, value in self.data["answers"].items()
        }

    def answer(self, field: str, value: Value | None) -> None:
        """None takes an answer back."""
        known = self.data.get("known", ())
        if field in known:
            known.remove(field)
        if value is None:
            self.answers.pop(field, None)
            self.data["answers"].pop(field, None)
        else:
            self.answers[field] = value
            self.data["answers"][field] = to_json(value)

    def follow(self, preview: Preview) -> bool:
        """Tick what is ticked along with another list, unless somebody has said otherwise. True if
        anything changed."""
        changed, asked = False, {field.id for field in preview.fields}
        for field in preview.fields:
            if field.known not in asked:
                continue
            ticked = following(field, preview.fields, self.answers)
            if field.id not in self.given and ticked != self.answers.get(field.id, ticked):
                self.answer(field.id, None)
                changed = True
            if ticked is not None and field.id not in self.answers:
                self.answer(field.id, ticked)
                self.data.setdefault("known", []).append(field.id)
                changed = True
        return changed

    @property
    def later(self) -> Mapping[str, int]:
        """Numbers of a ballot, by count, that were written along for the form after this one."""
        return dict(self.data.get("later", {}))

    @property
    def known(self) -> frozenset[str]:
        """Whose answers stood there already and are still as they were."""
        return frozenset(self.data.get("known", ()))

    @property
    def given(self) -> dict[str, Value]:
        """What somebody answered: known answers are known anew the next time."""
        known = self.known
        return {key: value for key, value in self.answers.items() if key not in known}

    def picked(self, field: str) -> list[str]:
        """The answer to a question for several."""
        value = self.answers.get(field)
        return list(value) if isinstance(value, tuple) else []

    def text(self, field: str) -> str:
        return str(self.answers.get(field, ""))

    def prune(self, preview: Preview) -> bool:
        """Forget answers to questions that are no longer asked, and options no longer offered.
        True if there were any."""
        asked = {field.id: field for field in preview.fields}
        moot = [
            key
            for key, value in self.answers.items()
            if key not in asked or (asked[key].options and not _offered(asked[key], value))
        ]
        # Behind the loop above, since an answer that goes changes what is looped over.
        for key in moot:
            self.answer(key, None)
        return bool(moot)

    @property
    def fingerprint(self) -> str:
        """Key of a cached preview: equal for equal answers to the same step of the same case, and
        for the same numbers written along, which a question shows."""
        said = self.data.get
        asked = [said("kind"), said("of"), said("case"), said("step"), said("corrects")]
        return json.dumps([asked, said("answers"), said("later")])

    def people(self, field: str) -> tuple[PersonChoice, ...]:
        return tuple(PersonChoice(*item) for item in self.data["people"].get(field, []))

    def names(self) -> Mapping[str, str]:
        """Names of everybody who can be chosen, by person id."""
        return {choice[0]: choice[1] for found in self.data["people"].values() for choice in found}

    @property
    def at(self) -> str | None:
        return self.data.get("at")

    def go(self, field: str | None) -> None:
        """Ask `field` next; what only the former question needed is forgotten."""
        self.data["at"] = field
        for key in ("month", "page", "reading", "alone", "listing"):
            self.data.pop(key, None)

    @property
    def onward(self) -> bool:
        """Whether what is confirmed is gone on from at once."""
        return bool(self.data.get(ONWARD))

    @property
    def alone(self) -> bool:
        """Whether one question of a screen is asked by itself: by a calendar, item by item."""
        return bool(self.data.get("alone"))

    def ask_alone(self, field: str) -> None:
        self.go(field)
        self.data["alone"] = True

    @property
    def changing(self) -> bool:
        return bool(self.data.get("changing"))

    def change(self, field: str) -> None:
        self.go(field)
        self.data["changing"] = True

    def settled(self) -> None:
        self.data["changing"] = False

    @property
    def reason(self) -> str:
        return str(self.data.get("reason", ""))

    @property
    def read(self) -> frozenset[str] | None:
        """The notes that stood on the screen that saves (`notes_of`); None where none was shown."""
        found = self.data.get("read")
        return None if found is None else frozenset(found)

    def shows(self, notes: Iterable[str]) -> None:
        self.data["read"] = sorted(notes)

    @property
    def reading(self) -> dict[str, int]:
        return dict(self.data.get("reading") or {})

    @property
    def page(self) -> int:
        return int(self.data.get("page", 0))

    @property
    def month(self) -> date | None:
        shown = self.data.get("month")
        return date.fromisoformat(shown) if shown else None


def _offered(field: Field, value: Value) -> bool:
    offered = field.option_ids
    return offered.issuperset(value) if isinstance(value, tuple) else value in offered


def missing(preview: Preview, answers: Answers) -> list[Field]:
    """Questions that must be answered and aren't, or not fully."""
    return [
        field
        for field in preview.fields
        if (not field.optional and is_missing(field, answers.get(field.id)))
        or (field.each and lacking(field, answers))
    ]


def screens(fields: Iterable[Field]) -> list[tuple[Field, ...]]:
    """The questions screen by screen, each screen where its first question stands."""
    found: dict[str, list[Field]] = {}
    for field in fields:
        # An id holds no blank, so no screen can be named like a question by itself.
        found.setdefault(field.together or f" {field.id}", []).append(field)
    return [tuple(group) for group in found.values()]


def place_of(groups: Sequence[tuple[Field, ...]], field: str) -> int | None:
    """The number of the screen that holds a question."""
    return next((n for n, group in enumerate(groups) if field in {one.id for one in group}), None)


def screen_of(fields: Iterable[Field], field: Field) -> tuple[Field, ...]:
    """The questions of the screen on which a question stands."""
    groups = screens(fields)
    return groups[place_of(groups, field.id) or 0]


def left_open(group: Iterable[Field], answers: Answers, today: date) -> list[Field]:
    """What has to be answered on a screen and isn't, or not enough: one photo of two."""
    return [field for field in group if not _enough(field, answers, today)]


def whole(group: Iterable[Field], answers: Answers, today: date) -> bool:
    """Whether nothing that has to be answered is left open on a screen."""
    return not left_open(group, answers, today)


def _enough(field: Field, answers: Answers, today: date) -> bool:
    value = answers.get(field.id)
    if value is None or (not value and is_missing(field, value)):
        return field.optional
    problem = check_given(field, value, answers, today)
    return problem is None or not problem.refuses


def parts_of(group: Sequence[Field]) -> list[Field]:
    """The texts of a screen that its rulebook numbers."""
    return [field for field in group if field.part]


def still_open(group: Sequence[Field], answers: Answers) -> list[Field]:
    """Of these texts those that nothing was written for yet."""
    return [field for field in parts_of(group) if is_missing(field, answers.get(field.id))]


def settled(group: Iterable[Field], draft: FormData, today: date) -> bool:
    """Whether what is known answers a screen: then it stands in the summary only."""
    return not draft.known.isdisjoint(field.id for field in group) and whole(
        group, draft.answers, today
    )


def first_open(preview: Preview, draft: FormData, today: date) -> str | None:
    """Where to take up a form: after the last answer, else the first that is missing."""
    groups, given = screens(preview.fields), draft.given
    begun = [n for n, group in enumerate(groups) if any(field.id in given for field in group)]
    # The last one was begun and isn't whole: a list with one photo of two.
    if begun and not whole(groups[begun[-1]], draft.answers, today):
        return groups[begun[-1]][0].id
    rest = groups[begun[-1] + 1 :] if begun else groups
    left = next((group for group in rest if not settled(group, draft, today)), None)
    if left is not None:
        return left[0].id
    lacking_still = missing(preview, draft.answers)
    return lacking_still[0].id if lacking_still else None


def after(preview: Preview, draft: FormData, today: date) -> str | None:
    """The question to ask behind this screen, past those that what is known answers."""
    groups = screens(preview.fields)
    here = place_of(groups, draft.at or "")
    rest = () if here is None else groups[here + 1 :]
    left = next((group for group in rest if not settled(group, draft, today)), None)
    return left[0].id if left else None


def before(preview: Preview, field: str) -> str | None:
    groups = screens(preview.fields)
    here = place_of(groups, field)
    return groups[here - 1][0].id if here else None
