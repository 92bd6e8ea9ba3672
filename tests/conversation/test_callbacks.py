"""64 bytes are what a button can carry."""

import json

from aiogram.filters.callback_data import CallbackData

from domain.states import EndReason
from handlers.staff.breaches.callbacks import AssignCallback
from handlers.staff.cases.callbacks import CasesCallback
from handlers.staff.cases.screens import QUERY, query
from handlers.staff.common.destinations import Destination, View
from handlers.staff.form.buttons import FormPress, Verb
from services.sheets.selection import Of
from tests.conversation.callback_types import callback_types

ID, STEP = "w" * 16, "22c"


def longest(kind: type[CallbackData]) -> CallbackData:
    known = {
        "arrival": ID, "case": ID, "entry": ID, "attachment": ID, "report": ID, "organiser": ID,
        "check": ID, "sheet": ID, "held": ID, "item": ID, "each": 9,
        "meeting": ID, "organisation": ID, "body": "organisers", "year": 2099,
        "sure": True, "breach": ID, "token": "w" * 24, "mine": True,
        "duty": "yearly_report", "paper": "committee_examination",
        "post": ID, "link": ID, "reason": EndReason.MISTAKE, "successor": ID,
        "step": STEP, "page": 99999, "first": 99999,
        "number": 9, "poster": True, "of": Of.OVERDUE,
        "text": "党" * QUERY, "language": "zh", "place": Destination.TODO,
        "view": View.DONE, "minutes": 1439, "start": 1439, "end": 1439, "days": 7,
    }  # fmt: skip
    if kind is AssignCallback:
        known["place"] = 99
    return kind(**{name: known[name] for name in kind.model_fields})


def test_every_button_fits_with_its_longest_values() -> None:
    kinds = callback_types()
    assert len(kinds) > 10
    assert len({kind.__prefix__ for kind in kinds}) == len(kinds)
    for kind in kinds:
        packed = longest(kind).pack()
        assert len(packed.encode()) <= 64
        assert kind.unpack(packed) == longest(kind)


def test_presses_of_a_dialog_fit_beside_their_conversation_id() -> None:
    for verb in Verb:
        packed = f"{'A' * 8}\x1db:{FormPress('99', verb, 'x' * 40).pack()}"
        assert len(packed.encode()) <= 64
    assert len({verb.value for verb in Verb}) == len(Verb)


def test_a_press_survives_its_own_separator() -> None:
    assert FormPress.unpack(FormPress("1", "p", "a.b").pack()) == FormPress("1", "p", "a.b")


def test_a_searched_name_never_breaks_a_button() -> None:
    for text in ("a:b:c", ":" * 50, "党" * 4096, " x "):
        assert CasesCallback(page=0, text=query(text)).pack()
        assert json.dumps(query(text))
