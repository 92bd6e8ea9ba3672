"""What the people do: enter a visit note or a ballot, each in a case of their own."""

from dataclasses import dataclass, field

from benchmarks.killing.talker import Talker
from domain.rulebook.schema import Field, FieldType, Step
from domain.writing.ballots import WORDS
from handlers.staff.form.screens.question_list import SIGNS

SUMMARY, CONFIRM, NEXT = "核对后保存", "确认，保存", "下一项"
MISSING = "还差："
NUMBERS = {"no": "0", "written": "0", "abstain": "0"}


@dataclass
class Conversation:
    """`note` is in every text and nowhere else. `typed`: what was answered, by field id."""

    case_id: str
    name: str
    step: Step
    note: str
    said_saved: bool = False
    typed: dict[str, object] = field(default_factory=dict)

    async def hold(self, talker: Talker) -> None:
        """Raises GivenUp where the bot doesn't answer any more."""
        await talker.says(self.name)
        await talker.until("下一步")
        shown = await talker.after("开始填写", *self._marks())
        while SUMMARY not in shown:
            shown = await self._answer(talker, shown)
        await talker.after(CONFIRM, "已保存")
        self.said_saved = True

    def _marks(self, asked: Field | None = None) -> tuple[str, ...]:
        return (SUMMARY, "\n①", *(f"\n{f.label.zh}" for f in self.step.fields if f is not asked))

    async def _answer(self, talker: Talker, shown: str) -> str:
        lines = shown.split("\n")
        if MISSING in shown:
            await talker.says(self._line())
            return await talker.until(*self._marks())
        if any(line[:1] in SIGNS for line in lines if line):
            return await self._on_screen(talker, lines)
        asked = next(f for f in self.step.fields if any(i.startswith(f.label.zh) for i in lines))
        marks = self._marks(asked)
        text = self._text(asked)
        if text is not None:
            await talker.says(text)
            return await talker.until(*marks)
        if asked.type in (FieldType.CHOICES, FieldType.CHECKLIST):
            label = asked.options[0].text.zh[:20]
            self.typed[asked.id] = (asked.options[0].id,)
            if f"✓ {label}" not in shown:
                await talker.after(label, f"✓ {label}")
            return await talker.after(NEXT, *marks)
        return await talker.after(self._label(asked, shown), *marks)

    def _line(self) -> str:
        """The numbers of a ballot in one line."""
        counts = [field for field in self.step.fields if field.count and not field.optional]
        for one in counts:
            self.typed[one.id] = int(NUMBERS.get(one.count or "", "20"))
        return " ".join(f"{WORDS[one.count or ''][0]}{self.typed[one.id]}" for one in counts)

    async def _on_screen(self, talker: Talker, lines: list[str]) -> str:
        """The first question of the screen that is still to be answered."""
        marks, open_now = self._marks(), self._open(lines)
        if not open_now:
            return await talker.after(NEXT, *marks)
        sign, asked = open_now[0]
        buttons = [line for line in lines if line.startswith(f"{sign} ")]
        offered = [
            o for o in asked.options if any(f"{sign} {o.text.zh[:15]}" in one for one in buttons)
        ]
        if asked.type is FieldType.TEXT:
            # Of texts that one message holds only this one is written: it says which it is.
            mark = f"{asked.part}. " if asked.part else ""
            await talker.says(f"{mark}{self._text(asked)}")
            return await talker.until(*marks)
        if asked.type is FieldType.FLAG:
            return await talker.after(f"{sign} 是", *marks)
        if asked.type is FieldType.CHECKLIST:
            return await talker.after(f"{sign} 全部点上", *marks)
        if offered:
            several = asked.type is FieldType.CHOICES
            self.typed[asked.id] = (offered[0].id,) if several else offered[0].id
            return await talker.after(f"{sign} {offered[0].text.zh[:15]}", *marks)
        await talker.says(str(self._text(asked)))
        return await talker.until(*marks)

    def _open(self, lines: list[str]) -> list[tuple[str, Field]]:
        return [
            (line[0], one)
            for one in self.step.fields
            for line in lines
            if line[:1] in SIGNS and line[2:] == one.label.zh and not one.optional
        ]

    def _text(self, asked: Field) -> str | None:
        """What is typed; None where a button is pressed."""
        if asked.optional:
            return None
        if asked.type is FieldType.TEXT:
            self.typed[asked.id] = self.note
            return self.note
        if asked.type is FieldType.NUMBER:
            number = NUMBERS.get(asked.count or "", "20")
            self.typed[asked.id] = int(number)
            return number
        return "今天" if asked.type is FieldType.DATE else None

    def _label(self, asked: Field, shown: str) -> str:
        if asked.optional:
            return "跳过"
        if asked.type is FieldType.FLAG:
            return "是"
        option = next(o for o in asked.options if o.text.zh[:20] in shown)
        self.typed[asked.id] = option.id
        return option.text.zh[:20]
