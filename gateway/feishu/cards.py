"""A part as a card (JSON 2.0), which can be changed later: texts alone are cards as well. Pure.

Feishu takes no field it doesn't know, at most 200 elements and 30 kB with the request around it.
"""

import json
from typing import Any

from botapi.markup import Said
from gateway import gateway_texts as texts
from gateway.feishu.markdown import written
from gateway.platform import Button, Content, Part

DATA, SAYS, DAY = "d", "s", "day"
"""What a button tells, what it says, and that a calendar was used."""
SUMMARY = 60
Json = dict[str, Any]


def card(part: Part) -> Json:
    plain = part.said.plain
    elements = [_text(part.said)] if plain.strip() else []
    elements += [_calendar(plain)] if part.dates else []
    elements += [_row(row) for row in part.buttons]
    first = next((line for line in plain.splitlines() if line.strip()), texts.said("pick"))
    config = {
        "update_multi": True,
        "enable_forward": False,
        "summary": {"content": first[:SUMMARY]},
    }
    return {"schema": "2.0", "config": config, "body": {"elements": elements}}


def as_text(told: Json) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def media(content: Content) -> tuple[str, str]:
    """Kind and content of a message with a file that was brought up."""
    kind = content.ref["type"]
    return kind, as_text({f"{kind}_key": content.ref["key"]})


def _text(said: Said) -> Json:
    if rich := written(said):
        return {"tag": "markdown", "content": rich}
    return {"tag": "div", "text": _plain(said.plain)}


def _plain(text: str) -> Json:
    return {"tag": "plain_text", "content": text}


def _row(row: tuple[Button, ...]) -> Json:
    """Side by side, and in the next line where there is no room."""
    if len(row) == 1:
        return _button(row[0])
    columns = [{"tag": "column", "elements": [_button(one)]} for one in row]
    return {"tag": "column_set", "flex_mode": "flow", "columns": columns}


def _button(button: Button) -> Json:
    if button.link:
        does = {"type": "open_url", "default_url": button.link}
    else:
        does = _tells({DATA: button.data} if button.data else {SAYS: button.says})
    return {"tag": "button", "text": _plain(button.text), "behaviors": [does]}


def _calendar(beside: str) -> Json:
    placeholder = _plain(texts.said("pick_day", beside))
    return {"tag": "date_picker", "placeholder": placeholder, "behaviors": [_tells({DAY: "1"})]}


def _tells(value: Json) -> Json:
    return {"type": "callback", "value": value}
