"""The one patch of a library: it defers building aiogram's validators, and changes nothing else."""

import os
import subprocess
import sys

import pytest

from bot.app.deferred_validators import VARIABLE

LOOK = """
from pydantic import BaseModel
rebuild, config = BaseModel.model_rebuild, dict(BaseModel.model_config)
from bot.app.deferred_validators import load_aiogram
load_aiogram()
from aiogram import methods, types
assert BaseModel.model_rebuild == rebuild, "the patch outlives aiogram's import"
assert BaseModel.model_config == config
found = [
    each for module in (types, methods) for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, BaseModel)
]
print(len(found), sum(each.__pydantic_complete__ for each in found))
{then}
"""
BUILD_ALL = """
from typing import Union
from pydantic import TypeAdapter
built = TypeAdapter(Union[tuple(found)])
print(built.pydantic_complete or built.rebuild(raise_errors=True))
"""
"""All at once: one by one, what many of them hold is built for each, in seven times the time. What
can't be built is named by pydantic's error."""


def looked(then: str = "", **given: str) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", LOOK.format(then=then)],
        env=os.environ | given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout.split("\n")


def test_no_type_is_built_at_import_and_every_one_can_be_built_later() -> None:
    counted, complete, _ = looked(BUILD_ALL)
    total, built = map(int, counted.split())
    assert total > 400, "aiogram's types aren't where they were"
    assert built == 0, "aiogram builds its validators in another way: the deferral is of no use"
    assert complete == "True"


@pytest.mark.slow
@pytest.mark.parametrize("given", [{VARIABLE: "1"}])
def test_switched_off_aiogram_builds_them_itself(given: dict[str, str]) -> None:
    total, built = looked(**given)[0].split()
    assert total == built
