"""What axe-core finds wrong with a screen, in words that say where to look."""

from collections.abc import Mapping
from typing import Any, Literal

from axe_playwright_python.base import AxeResults

BARRING = ("serious", "critical")
ONLY_FAULTS = {"resultTypes": ["violations"]}
SCHEMES: Mapping[Literal["light", "dark"], dict[str, Any]] = {
    "light": ONLY_FAULTS,
    "dark": {**ONLY_FAULTS, "runOnly": ["color-contrast"]},
}
"""What axe is asked for: by day everything, by night what colours alone decide on."""


def faults(found: AxeResults) -> list[str]:
    """One line for each rule that shuts somebody out: how bad, which rule, the first place."""
    violations: list[dict[str, Any]] = found.response["violations"]
    return [
        f"{fault['impact']}: {fault['id']}: {fault['nodes'][0]['html'][:200]}"
        for fault in violations
        if fault["impact"] in BARRING
    ]
