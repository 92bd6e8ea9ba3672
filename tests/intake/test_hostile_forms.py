"""Whatever comes in place of a form is answered with a sentence, and nothing is stored."""

import pytest

from tests.intake.conftest import Stored
from tests.intake.forms import HOSTILE, KIND, NAMES, upload, whole
from tests.intake.visitors import Visitor, checked, token_of


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_form_gets_a_sentence_and_stores_nothing(
    browser: Visitor, stored: Stored, name: str
) -> None:
    sent = HOSTILE[name](token_of(await browser.opens()))
    headers = {"Content-Type": sent.kind}
    async with browser.client.post("/report", data=sent.body, headers=headers) as answer:
        assert 400 <= answer.status < 500
        assert sent.fits in await answer.text()
        checked(answer)
    assert await stored.nothing()
    await browser.reports()


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_is_taken_whatever_it_is_called(
    browser: Visitor, stored: Stored, name: str
) -> None:
    body = whole(token_of(await browser.opens()), upload(name))
    async with browser.client.post("/report", data=body, headers={"Content-Type": KIND}) as answer:
        assert answer.status == 200
    assert len(await stored.files()) == 1
