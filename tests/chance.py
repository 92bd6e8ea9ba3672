"""How many examples hypothesis tries: few in `make test`, many in `make test-slow`, both always the
same, so that no change fails by the luck of the draw; new ones where somebody looks for faults."""

from typing import Any

from hypothesis import HealthCheck, settings

MANY, NEW = "many", "new"
LEFT_OUT = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
"""The first measures the machine; the second is meant: a house is built once for all examples."""


def register() -> None:
    """`few` is what runs where no profile is asked for."""
    common: dict[str, Any] = {"deadline": None, "suppress_health_check": LEFT_OUT}
    settings.register_profile("few", max_examples=20, derandomize=True, database=None, **common)
    settings.register_profile(MANY, max_examples=100, derandomize=True, database=None, **common)
    settings.register_profile(NEW, max_examples=300, print_blob=True, **common)
    settings.load_profile("few")


def examples(few: int, many: int, **more: Any) -> settings:
    """For tests whose examples cost more or less than usual."""
    chosen = many if settings.get_current_profile_name() in (MANY, NEW) else few
    return settings(max_examples=chosen, **more)
