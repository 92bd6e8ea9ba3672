"""Lays a profile over the rulebook it extends, both as read from TOML.

A profile adds steps (at `before`), and to existing steps fields, limits, ballot rules, conditions.
Nothing of the core can be taken away here; `domain.consistency` refuses what would weaken it.
"""

from typing import Any

LISTS = ("fields", "limits", "ballot", "papers", "after", "signed_by", "actors")
VALUES = ("notice_days", "notice_working_days", "gate")
GUIDE_LISTS = ("prepare", "acts", "faults")


def combine(core: dict[str, Any], profile: dict[str, Any]) -> dict[str, Any]:
    """Raises KeyError("adds[…]" or "steps[…].before") where a step isn't in the core."""
    steps = [dict(step) for step in core["steps"]]
    for step in profile.get("steps", ()):
        _insert(steps, dict(step))
    for addition in profile.get("adds", ()):
        _extend(_find(steps, addition.get("step"), "adds[{}]"), addition)
    known = {"steps", "adds", "stages"}
    rest = {key: value for key, value in profile.items() if key not in known}
    return {**rest, "stages": core["stages"] + list(profile.get("stages", ())), "steps": steps}


def _find(steps: list[dict[str, Any]], step_id: object, key: str) -> dict[str, Any]:
    for step in steps:
        if step.get("id") == step_id:
            return step
    raise KeyError(key.format(step_id))


def _insert(steps: list[dict[str, Any]], step: dict[str, Any]) -> None:
    before = step.pop("before", None)
    if before is None:
        steps.append(step)
        return
    place = _find(steps, before, f"steps[{step.get('id')}].before = {{}}")
    steps.insert(steps.index(place), step)


def _extend(step: dict[str, Any], addition: dict[str, Any]) -> None:
    for key, value in addition.items():
        if key == "step":
            continue
        if key == "fields":
            step["fields"] = _with_fields(step.get("fields", []), value)
        elif key in LISTS:
            step[key] = [*step.get(key, []), *value]
        elif key == "guide":
            step["guide"] = _with_guide(step.get("guide", {}), value)
        elif key in VALUES:
            step[key] = value
        else:
            raise KeyError(f"adds[{step['id']}].{key}")


def _with_fields(fields: list[Any], added: list[Any]) -> list[Any]:
    """An added field stands before the one named by its `before`, else at the end."""
    fields = list(fields)
    for item in added:
        field = dict(item)
        before = field.pop("before", None)
        ids = [known["id"] for known in fields]
        fields.insert(ids.index(before) if before in ids else len(fields), field)
    return fields


def _with_guide(guide: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    both = {key: [*guide.get(key, []), *added.get(key, [])] for key in GUIDE_LISTS}
    return {**guide, **both}
