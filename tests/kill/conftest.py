"""The seed of a kill run: printed, and given again by `--seed`."""

import time

import pytest


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    given: int | None = request.config.getoption("--seed")
    return given if given is not None else time.time_ns() % 1_000_000
