"""What libraries and Python itself say is written as its kind and place, never in their words."""

import gc
import json
import logging
import warnings

import pytest
from aiohttp import BadContentDispositionHeader

from bot.app.logs import set_up

NAME = "举报某某.jpg"


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    said = capfd.readouterr()
    assert NAME not in said.out + said.err
    assert NAME.encode("unicode_escape").decode() not in said.out + said.err
    return [json.loads(line) for line in said.err.splitlines()]


def test_a_warning_is_reduced_to_its_kind(capfd: pytest.CaptureFixture[str]) -> None:
    set_up()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(BadContentDispositionHeader(f'form-data; filename="{NAME}'), stacklevel=1)
    [line] = lines(capfd)
    assert line["kind"] == "BadContentDispositionHeader"
    assert str(line["where"]).startswith(__file__)


class Stubborn:
    def __del__(self) -> None:
        raise ValueError(NAME)


def test_what_python_cannot_raise_is_reduced_too(capfd: pytest.CaptureFixture[str]) -> None:
    set_up()
    Stubborn()
    gc.collect()
    [line] = lines(capfd)
    assert (line["event"], line["error"]) == ("unraisable", "ValueError")


def test_what_a_library_repeats_is_written_once_a_minute(
    capfd: pytest.CaptureFixture[str],
) -> None:
    set_up()
    library = logging.getLogger("asyncio")
    for _ in range(1000):
        library.error("socket.accept() out of system resource %s", NAME)
    library.error("another %s", NAME)
    assert len(lines(capfd)) == 2
