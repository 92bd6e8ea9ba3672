"""A guide is understood at first reading: short sentences, times with articles, both layers."""

import re

import pytest

from domain.case.answers import shown_fields
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Step, Text
from domain.rulebook.validation.conflicts import bodies_asked
from handlers.staff.form import texts as form_texts
from handlers.staff.shared import guide_texts
from services.cases.views import Preview
from services.core.i18n import speak

CITY = load("yakeshi")
STEPS = pytest.mark.parametrize("step", CITY.steps, ids=[step.id for step in CITY.steps])
LONGEST = 44
"""Chinese characters of one sentence: one breath."""


def said(step: Step) -> list[Text]:
    assert step.guide is not None
    guide = step.guide
    return [guide.purpose, *guide.prepare, *guide.acts, *guide.faults]


@STEPS
def test_each_sentence_is_short_and_calm(step: Step) -> None:
    assert step.guide is not None
    assert step.guide.acts
    assert step.guide.faults
    for text in said(step):
        for sentence in re.split("[。；：]", text.zh):
            assert len(sentence) <= LONGEST, sentence
        assert not re.search("[!！]", text.zh + text.en)
        assert re.search("[a-z]", text.en)


@STEPS
def test_a_guide_names_every_time_and_share_with_its_source(step: Step) -> None:
    with speak("zh", CITY.city):
        shown = "\n".join(guide_texts.guide(step))
    for rule in (*step.limits, *step.ballot):
        assert rule.text.zh in shown
    if any(limit.source.startswith("N") for limit in step.limits):
        assert "《细则》第" in shown


def test_the_guide_of_the_vote_names_articles_and_both_layers() -> None:
    with speak("zh", CITY.city):
        shown = "\n".join(guide_texts.guide(CITY.step("15")))
        body = "\n".join(guide_texts.guide(CITY.step("23")))
    assert "预审合格后一个月内开支部大会（《细则》第19条）" in shown
    assert "国家和牙克石市规定不一样" in shown
    assert "按国家的办" in shown
    assert "两样都算，按更严的办" in body
    assert "延长或者取消：支委会决定（牙克石市规定）。按国家的办" in body
    with speak("en", CITY.city):
        assert "the stricter one decides" in "\n".join(guide_texts.guide(CITY.step("23")))


def test_a_public_notice_says_both_lengths() -> None:
    with speak("zh", CITY.city):
        shown = "\n".join(guide_texts.guide(CITY.step("8a")))
    assert "不少于5个工作日（《细则》第13条）" in shown
    assert "公示15天（牙克石市规定）" in shown


def test_the_summary_says_where_two_layers_name_different_bodies() -> None:
    """Only where it is asked who decided: at an extension, not at a membership on time."""
    step = CITY.step("23")
    for conclusion, said in (("extend", True), ("on_time", False)):
        asked = shown_fields(step, {"conclusion": conclusion})
        preview = Preview(asked, (), bodies=bodies_asked(step, asked))
        with speak("zh", CITY.city):
            shown = "\n".join(form_texts.findings(preview))
        assert ("由谁决定，两级规定不一样。" in shown) is said
        assert ("《细则》第31条" in shown) is said
        assert ("支委会决定（牙克石市规定）。按国家的办" in shown) is said
