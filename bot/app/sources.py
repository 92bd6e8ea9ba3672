"""Where the staff bot's updates come from beside the first messenger: gateways, each with its own
address of the Bot API."""

import re
from dataclasses import dataclass

KINDS = ("matrix", "wecom", "feishu", "dingtalk", "mattermost", "web")
"""In the order of their numbers, which stand in every stored chat: only ever add at the end."""
NAME = re.compile(rf"({'|'.join(KINDS)})([2-9]?)")
LOCAL = ("https://", "http://127.0.0.1", "http://localhost")
"""The token goes along with every request."""


@dataclass(frozen=True)
class Source:
    """`name` stands with its updates in the inbox, `number` in the number of its chats
    (`services.messages.chats`); both stay what they are when others come or go."""

    name: str
    api: str

    @property
    def number(self) -> int:
        """1 to 86: matrix 1, wecom 2, a second wecom 12."""
        found = NAME.fullmatch(self.name)
        assert found is not None  # read below
        return KINDS.index(found[1]) + 1 + 10 * (int(found[2] or 1) - 1)


def read(text: str) -> tuple[Source, ...]:
    """`matrix=http://127.0.0.1:8091 wecom=https://…`, parted by blanks. Raises ValueError."""
    found = []
    for part in text.split():
        name, _, address = part.partition("=")
        if NAME.fullmatch(name) is None:
            known = ", ".join(KINDS)
            raise ValueError(f"{name}: expected one of {known}, and wecom2 for a second one")
        if not address.startswith(LOCAL):
            raise ValueError(f"{name}: expected NAME=ADDRESS, https:// or on this machine")
        found.append(Source(name, address.rstrip("/")))
    for one in ([source.name for source in found], [source.api for source in found]):
        if len(set(one)) < len(one):
            raise ValueError("expected each name and each address once")
    return tuple(found)
