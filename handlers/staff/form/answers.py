"""The answers of a conversation, kept as JSON so that a restart finds them again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from domain.case.answers import is_missing, lacking
from domain.case.facts import Answers, Value
from domain.rulebook.schema import Field, Text
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
class Draft:
    """A view of the dialog's data: which step of whom, what was answered, where we are.

    `at`: id of the field being asked. `changing`: one answer of the summary is being changed.
    `reading`: ballot numbers read from one line, not yet confirmed, by field id. `month`: the
    first of the month a calendar shows. `page`: of a list of people.
    """

    data: dict[str, Any]

    @classmethod
    def begin(cls, data: dict[str, Any], form: Form, kind: str = "step", of: str = "") -> "Draft":
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
            answers={key: to_json(value) for key, value in form.answers.items()},
            carried={key: to_json(value) for key, value in form.carried.items()},
            # Lists, as JSON gives them back after a restart.
            people={
                field: [[choice.person_id, choice.name] for choice in choices]
                for field, choices in form.choices.items()
            },
        )
        return cls(data)

    @classmethod
    def short(cls, kind: str, of: str, at: str, said: Sequence[str]) -> "Draft":
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
        return {key: from_json(value) for key, value in self.data["answers"].items()}

    def answer(self, field: str, value: Value | None) -> None:
        """None takes an answer back."""
        if value is None:
            self.answers.pop(field, None)
            self.data["answers"].pop(field, None)
        else:
            self.answers[field] = value
            self.data["answers"][field] = to_json(value)

    @property
    def carried(self) -> dict[str, Value]:
        """Answers that hold for others as well, given before."""
        return {key: from_json(value) for key, value in self.data.get("carried", {}).items()}

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
            if key not in asked or not _offered(asked[key], value)
        ]
        # Behind the loop above, since an answer that goes changes what is looped over.
        for key in moot:
            self.answer(key, None)
        return bool(moot)

    @property
    def fingerprint(self) -> str:
        """Key of a cached preview: equal for equal answers to the same step of the same case."""
        asked = [self.kind, self.of, self.case, self.step, self.corrects]
        return json.dumps([asked, self.data["answers"]])

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
        for key in ("month", "page", "reading"):
            self.data.pop(key, None)

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
    # Texts, days and people come from no list of the rulebook that could become shorter.
    if not field.options:
        return True
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


def first_open(preview: Preview, answers: Answers) -> str | None:
    """Where to take up a form: after the last answer, else the first that is missing."""
    ids = [field.id for field in preview.fields]
    answered = [index for index, field in enumerate(ids) if field in answers]
    rest = ids[answered[-1] + 1 :] if answered else ids
    left = missing(preview, answers)
    # The last one was begun and isn't whole: a list with one photo of two.
    if answered and preview.fields[answered[-1]] in left:
        return ids[answered[-1]]
    if rest:
        return rest[0]
    return left[0].id if left else None


def after(preview: Preview, field: str) -> str | None:
    return _beside(preview, field, 1)


def before(preview: Preview, field: str) -> str | None:
    return _beside(preview, field, -1)


def _beside(preview: Preview, field: str, distance: int) -> str | None:
    ids = [item.id for item in preview.fields]
    if field not in ids:
        return None
    index = ids.index(field) + distance
    return ids[index] if 0 <= index < len(ids) else None
