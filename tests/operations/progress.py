"""Hears how far long work is, and holds it to what a bar needs: never back, and to the end."""

from dataclasses import dataclass, field

from services.core.ports import Told


@dataclass
class Heard:
    """`parts`: what was said of each part, `(done, total)`."""

    parts: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def __call__(self, what: str) -> Told:
        said = self.parts.setdefault(what, [])

        async def told(done: int, total: int) -> None:
            said.append((done, total))

        return told

    def ended(self, what: str) -> int:
        """How many there were; every part was said in order, to its end."""
        said = self.parts[what]
        assert said == sorted(said)
        done, total = said[-1]
        assert done == total
        return total
