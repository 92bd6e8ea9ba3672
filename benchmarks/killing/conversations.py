"""What the people do: enter a visit note or a ballot, each in a case of their own."""

from dataclasses import dataclass, field

from benchmarks.killing.talker import Talker
from domain.rulebook.schema import Field, FieldType, Step

SUMMARY, CONFIRM, NEXT = "核对后保存", "确认，保存", "下一项"
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
        return (SUMMARY, *(f"\n{f.label.zh}" for f in self.step.fields if f is not asked))

    async def _answer(self, talker: Talker, shown: str) -> str:
        lines = shown.split("\n")
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
