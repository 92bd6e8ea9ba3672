"""Chats that outlive the process: people, what was said, files, and updates that wait for a bot."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from botapi.queue import Waiting
from messenger.core.state import TOASTS, Chat, Media, Person, State


class UnreadableChats(ValueError):
    """The file is damaged, or another version of the messenger wrote it."""


@dataclass
class Saved:
    """`waiting`: by bot and update id."""

    seq: int
    last_id: int
    people: dict[str, Person]
    waiting: dict[str, dict[int, Waiting]]


@cache
def _adapter() -> TypeAdapter[Saved]:
    # Made when it is needed first: building it would slow every start.
    return TypeAdapter(Saved)


def save(state: State, file: Path) -> None:
    """Write all at once: a process that is killed while it writes leaves the earlier file."""
    unsaved = state.settings.unsaved
    saved = Saved(
        state.seq,
        state.next_id(),
        {name: _without(person, unsaved) for name, person in state.people.items()},
        {name: bot.updates for name, bot in state.bots.items() if name not in unsaved},
    )
    written = file.with_suffix(".new")
    written.touch(0o600)
    written.write_bytes(_adapter().dump_json(saved))
    written.replace(file)


def _without(person: Person, unsaved: frozenset[str]) -> Person:
    chats = {name: chat for name, chat in person.chats.items() if name not in unsaved}
    return replace(person, chats=chats)


def restore(state: State, file: Path) -> None:
    """Take in what an earlier process saved; nothing where there is no file. Raises
    UnreadableChats, with the state as it was."""
    if not file.exists():
        return
    try:
        saved = _adapter().validate_json(file.read_bytes())
    except ValidationError as error:
        raise UnreadableChats(f"{file}: {error.error_count()} faults") from None
    state.seq = saved.seq
    state.continue_after(saved.last_id)
    for name, person in saved.people.items():
        # The chats that weren't saved are as this process began them.
        begun = state.people[name].chats if name in state.people else {}
        state.people[name] = replace(person, chats=begun | _here_again(person.chats))
    for name, waiting in saved.waiting.items():
        if bot := state.bots.get(name):
            bot.updates |= waiting
    state.files |= _files(saved.people)


def _here_again(chats: dict[str, Chat]) -> dict[str, Chat]:
    for chat in chats.values():
        # Of a clock that ended with its process, and lines that faded long ago.
        chat.typing_until, chat.toasts = 0, deque(maxlen=TOASTS)
    return chats


def _files(people: Mapping[str, Person]) -> dict[str, Media]:
    chats = [chat for person in people.values() for chat in person.chats.values()]
    found = [message.media for chat in chats for message in chat.messages.values()]
    return {media.file_id: media for media in found if media is not None}
