"""The README promises settings and commands: they are the ones there are."""

import re

from bot.app.settings import Settings
from bot.commands import parser
from services.container import procedure_of
from tests.house.test_house import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_every_setting_it_names_exists() -> None:
    fields = Settings.model_fields
    known = {"DATABASE_URL", *(f"YINLU_{name.upper()}" for name in fields)}
    named = set(re.findall(r"YINLU_[A-Z_]*[A-Z]|DATABASE_URL", README))
    assert named <= known
    assert len(named) > 15


def test_it_says_how_many_steps_there_are() -> None:
    procedure = procedure_of()
    national, city = (
        sum(not step.repeats for step in procedure.find(book).steps)
        for book in ("national_2026", "yakeshi")
    )
    assert f"国家规定{national}步（牙克石市{city}步）" in README


def test_every_command_it_names_exists() -> None:
    words = {word for action in parser()._actions for word in action.choices or ()}
    named = set(re.findall(r"yinlu ([a-z][a-z-]+)", README))
    assert named <= words
    assert {"init", "staff", "public"} <= named
