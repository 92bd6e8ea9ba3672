"""Every screen of several questions fits a phone, and its buttons are read whole."""

import pytest

from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Field, FieldType, Step
from handlers.staff.form import texts
from handlers.staff.form.answers import left_open, screens
from handlers.staff.form.buttons import FormPress
from handlers.staff.form.screens import question_list
from services.core.i18n import use
from tests.domain.test_dates import TODAY

HIGHEST = {"zh": 12, "en": 16}
"""Rows of buttons; English words are longer."""
PRESS = 64 - 9
"""Bytes of callback data, without what the library puts before them."""


def on_screens() -> list[tuple[Step, tuple[Field, ...]]]:
    steps = load("yakeshi").steps
    found = [(step, group) for step in steps for group in screens(step.fields)]
    return [(step, group) for step, group in found if len(group) > 1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_screen_fits_a_phone(language: str) -> None:
    with use(language):
        for step, group in on_screens():
            signs = question_list.signed(group)
            shown = [field for field in group if field.shown_if is None]
            rows = [
                row
                for field in shown
                for row in question_list.packed(
                    question_list.buttons("1", field, None, signs.get(field.id, ""), TODAY)
                )
            ]
            assert len(rows) <= HIGHEST[language], (step.id, [field.id for field in shown])
            assert len(group) <= len(question_list.SIGNS), step.id


def test_a_press_of_a_screen_fits_what_a_button_may_carry() -> None:
    for step, group in on_screens():
        for field in group:
            for option in field.options:
                data = FormPress("99", "q", f"{field.id},{option.id}").pack()
                assert len(data.encode()) <= PRESS, (step.id, data)


def test_no_ballot_number_but_who_may_vote_stands_there_already() -> None:
    for name in ("national_2026", "yakeshi"):
        book = load(name)
        for step in (*book.steps, *book.plan):
            known = {field.count for field in step.fields if field.known and field.count}
            assert known <= {"entitled"}, step.id


def test_a_screen_is_said_to_be_whole_once_every_channel_has_its_photo() -> None:
    step = load("yakeshi").step("22a")
    group = next(one for one in screens(step.fields) if step.field("channels") in one)
    known = {
        "posted_on": TODAY,
        "both": tuple(item.id for item in step.field("both").options),
        "channels": ("board", "radio"),
        "contact": "0470-0000000",
    }
    wanted = "请发照片、PDF或Word文件"
    for proofs, begins in (((), wanted), (("a",), wanted), (("a", "b"), "可以往下走了")):
        answers = {**known, "proofs": proofs} if proofs else known
        said = texts.several(group, left_open(group, answers, TODAY), answers)
        assert said.startswith(begins), proofs
    begun = {name: value for name, value in known.items() if name != "both"}
    said = texts.several(group, left_open(group, begun, TODAY), begun)
    assert said.startswith(wanted)
    assert said.endswith("别的点一下。")


def test_a_list_of_names_takes_a_screen_of_its_own() -> None:
    for step, group in on_screens():
        assert not {FieldType.PERSON, FieldType.PERSONS} & {field.type for field in group}, step.id
