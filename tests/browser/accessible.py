"""What axe-core finds wrong with a screen, in words that say where to look."""

from typing import Any

from axe_playwright_python.base import AxeResults

BARRING = ("serious", "critical")


def faults(found: AxeResults) -> list[str]:
    """One line for each rule that shuts somebody out: how bad, which rule, the first place."""
    violations: list[dict[str, Any]] = found.response["violations"]
    return [
        f"{fault['impact']}: {fault['id']}: {fault['nodes'][0]['html'][:200]}"
        for fault in violations
        if fault["impact"] in BARRING
    ]
