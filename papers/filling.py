"""A form and a case make what stands on the paper, and the list of what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.rulebook.schema import Step
from papers import sources
from papers.forms import LINK, Form, FormField
from papers.matter import Matter
from papers.values import BLANK

Row = Mapping[str, str]


@dataclass(frozen=True)
class Filled:
    """`values`: by field. `asked`: whether the rules ask for it at all. `missing`: labels of what
    isn't known yet. `rows`: of the lists that a paper may hold."""

    form: Form
    values: Mapping[str, str]
    asked: Mapping[str, bool]
    missing: tuple[str, ...]
    made: str
    rows: Mapping[str, tuple[Row, ...]]
    link: str = ""
    template: bytes | None = None
    """An organisation's own, in place of ours."""


def fill(
    form: Form,
    matter: Matter,
    here: Step | None,
    rows: Mapping[str, tuple[Row, ...]] | None = None,
    link: str = "",
    names: Iterable[str] | None = None,
) -> Filled:
    """Fill a paper of the step `here`; None for one about the whole case. `link`: where somebody
    gets who scans it. `names`: the fields that another template than ours asks for."""
    wanted = [name for name in names or () if name in form.fields]
    # Ours as well: where another template fails, ours takes its place.
    used = dict.fromkeys((*wanted, *form.used))
    asked = {name: sources.asked(form.fields[name].of, matter.book, here) for name in used} | {
        LINK: bool(link)
    }
    # For whoever types it: a workplace's app that scans knows who scanned.
    values: dict[str, str] = {LINK: link}
    missing: list[str] = []
    shown = form.shown(asked)
    for name in dict.fromkeys((*wanted, *shown)):
        field = form.fields[name]
        said = _said(field, matter, here) if asked[name] or field.by_stage else None
        # What an own template doesn't ask for isn't missing on it.
        told = name in (shown if names is None else wanted)
        if said is None and asked[name] and not field.optional and told:
            missing.append(field.label)
        values[name] = said or (BLANK if asked[name] else "")
    today, lacking = f"{matter.today:%Y-%m-%d}", tuple(dict.fromkeys(missing))
    return Filled(form, values, asked, lacking, today, rows or {}, link)


def _said(field: FormField, matter: Matter, here: Step | None) -> str | None:
    said = sources.read(field.of, matter, here)
    if said is not None or here is None:
        return said
    entered = matter.last(here.id) is not None
    return (field.none if entered else "") or field.by_stage.get(here.stage) or None
