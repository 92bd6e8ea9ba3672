"""The same people and the same kills with bots written as their frameworks' manuals show: a
conversation of four answers, its note stored at the end. It shows that the harness finds losses."""

import asyncio
import os
import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from benchmarks.killing.nursery import Nursery
from benchmarks.killing.talker import GivenUp, Talker
from benchmarks.killing.verdict import Verdict
from benchmarks.killing.victims import EndedByItself, Victim, asks, plan, surroundings
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import Running, running

API, DATABASE, MEMORY = "BARE_API", "BARE_DATABASE", "BARE_MEMORY"
TOKEN = BOTS["staff"][0]
PATIENCE = 2.5
"""Seconds of silence, while the bot works, after which a person begins again."""
UNHARMED = 60.0
"""The same where nothing is ended: on a busy machine it is only slow."""
BEGIN, DAY, HEARD, NOTE, CHECK, SAVE = "回访", "哪一天", "多少人", "看到什么", "核对", "确认"
SAVED = "已保存"


def keep(chat: int, note: str) -> None:
    """Called by the bots when a note is confirmed."""
    with sqlite3.connect(os.environ[DATABASE], timeout=10) as connection:
        connection.execute("INSERT INTO note VALUES (?, ?)", (chat, note))


@dataclass
class Held:
    note: str
    said_saved: bool = False

    async def hold(self, talker: Talker) -> None:
        moves = ((BEGIN, DAY), ("今天", HEARD), ("8", NOTE), (self.note, CHECK), (SAVE, SAVED))
        for said, mark in moves:
            await talker.says(said)
            await talker.until(mark)
        self.said_saved = True


async def bare_run(folder: Path, module: str, chats: int, kills: int, seed: int) -> Verdict:
    """`lost`: conversations that stopped, and notes that people were told are stored and aren't."""
    database = folder / "notes.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE note (chat INTEGER, note TEXT)")
    verdict = Verdict(seed, chats=chats)
    async with running(MessengerSettings(port=0)) as server:
        nursery = Nursery(module)
        await nursery.start()
        bot = server.state.bots["staff"]
        given = surroundings() | {API: server.url, DATABASE: str(database)}
        given |= {MEMORY: str(folder / "memory")}
        victim = Victim(nursery.spawn, given, folder / "bare.log", asks(bot))
        over, held = asyncio.Event(), list[Held]()
        patience = PATIENCE if kills else UNHARMED
        people = _talk(server, chats, over, seed, verdict, held, patience)
        talking = asyncio.create_task(people)
        try:
            for kill in plan(seed, kills, points=()):
                await victim.start()
                await victim.die(kill)
                verdict.kills += 1
            await victim.start()
            over.set()
            await talking
        except EndedByItself as problem:
            # It can't read what it had kept: whatever is said from now on is lost.
            verdict.problem(str(problem).splitlines()[-1])
            talking.cancel()
        await victim.end()
        await nursery.stop()
    _count(verdict, database, held)
    return verdict


async def _talk(
    server: Running,
    chats: int,
    over: asyncio.Event,
    seed: int,
    verdict: Verdict,
    held: list[Held],
    patience: float,
) -> None:
    """Everybody holds one conversation after the other until the kills are over."""

    async def one(number: int) -> None:
        person = server.state.add_person(f"p{number}", f"p{number}", "zh-hans", ("staff",))
        talker = Talker(server.state, server.state.bots["staff"], person, patience, pressable=False)
        dice, turn = random.Random(f"{seed}:{number}"), 0
        while turn == 0 or not over.is_set():
            turn += 1
            held.append(Held(f"第{number}组第{turn}次"))
            try:
                await held[-1].hold(talker)
            except GivenUp as problem:
                verdict.problem(str(problem))
            await asyncio.sleep(dice.uniform(0, 0.2))
        verdict.updates += talker.updates

    await asyncio.gather(*(one(number) for number in range(chats)))


def _count(verdict: Verdict, database: Path, held: list[Held]) -> None:
    with sqlite3.connect(database) as connection:
        notes = [note for (note,) in connection.execute("SELECT note FROM note")]
    verdict.conversations = len(held)
    verdict.lost = sum(not one.said_saved or one.note not in notes for one in held)
    verdict.twice = len(notes) - len(set(notes))
