"""Leads a case through conversations, answering each question as a person would."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.case.facts import OpenStep
from domain.rulebook.schema import Field, FieldType, Role, Step
from handlers.staff.form.screens.question_list import SIGNS
from messenger.client import Person
from services.cases.views import CaseCard
from tests.conversation.people import picture
from tests.domain.walk import review
from tests.stories.conftest import City
from tests.stories.meeting import planned

SUMMARY, CONFIRM, NEXT = "核对后保存", "确认，保存", "下一项 ›"
MISSING, SAVED, WITH_IT = "还差：", "已保存", "\n选“"
WRITTEN = (FieldType.TEXT, FieldType.NUMBER, FieldType.DATE)
COUNTED = {
    "entitled": "有表决权", "due": "应到", "present": "实到", "written": "书面意见", "yes": "同意",
    "issued": "发出", "returned": "收回", "valid": "有效", "no": "不同意", "abstain": "弃权",
}  # fmt: skip
NUMBERS = {"entitled": "20", "due": "20", "present": "20", "yes": "20", "no": "0"}
DAYS = {"born_on": "1995-05-05", "began_on": "前天"}
PHOTO = picture(b"")
EMPLOYERS = {Role.SECRETARY: "secretary", Role.COMMITTEE: "committee"}
EMPLOYERS |= {Role.ORGANISER: "organiser", Role.INTRODUCER: "introducer"}
INTRODUCERS = {"巴特尔": "introducer", "李秀兰": "introducer2"}


@dataclass
class Walker:
    """`said`: answers for single questions by field id, in the place of the plain ones."""

    city: City
    case: str
    name: str
    said: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)

    async def take(self, step_id: str, **said: str) -> str:
        """Enters a step in the chat of who may; gives what is said when it is saved."""
        card = await self.city.card(self.case)
        step = card.rulebook.step(step_id)
        if step.planned:
            return await self._plan(step_id)
        person = await self.city.person(EMPLOYERS[step.actors[0]])
        shown = await self._begin(person, card, step)
        answers = {**self.said, **said}
        for _ in range(60):
            if SUMMARY in shown or SAVED in shown:
                break
            shown = await self.answer(person, step, shown, answers)
        if SAVED not in shown:
            await person.presses(CONFIRM)
            shown = await person.until([SAVED, "还不能", "没有保存", "现在不能"])
        self.taken.append(step_id)
        return shown

    async def _plan(self, step_id: str) -> str:
        names = [EMPLOYERS[role] for role in (Role.SECRETARY, Role.COMMITTEE, Role.ORGANISER)]
        said = await planned(*[await self.city.person(name) for name in names], self.name)
        self.taken.append(step_id)
        return said

    async def _begin(self, person: Person, card: CaseCard, step: Step) -> str:
        following = card.progress.next
        await person.says(self.name)
        await person.sees(self.name, "下一步")
        named = f"开始填写：{step.id} {step.title.zh}"
        await person.presses("开始填写" if following and following.step == step else named)
        return await person.until(marks(step))

    async def answer(self, person: Person, step: Step, shown: str, answers: dict[str, str]) -> str:
        # What a button that saves attests besides isn't asked yet.
        asks, _, besides = shown.partition(WITH_IT)
        buttons = besides.partition("\n[")[2]
        shown = f"{asks}\n[{buttons}" if besides else shown
        lines = shown.split("\n")
        if MISSING in shown or any(line.startswith("①") for line in lines):
            await self._on_screen(person, step, shown, answers)
            # With its buttons: an older screen that has just lost them is no answer, nor is what is
            # told meanwhile.
            return await person.sees(f"{self.name} · {step.id} {step.title.zh}", "\n[")
        asked = next(f for f in step.fields if any(i.startswith(f.label.zh) for i in lines))
        rest = [mark for mark in marks(step) if mark.strip() != asked.label.zh]
        given = answers.get(asked.id)
        if given is not None:
            await self._gives(person, asked, given)
        else:
            await self._plainly(person, asked, shown)
        return await person.until(rest)

    async def _on_screen(
        self, person: Person, step: Step, shown: str, answers: dict[str, str]
    ) -> None:
        """The next thing on a screen of several questions: the ballot's line, a tap, or one message
        for all that is written."""
        if MISSING in shown:
            await person.says(line_of(step, answers))
            return
        if "各一份，还差" in shown:
            await person.sends(PHOTO)
            return
        asked = [
            (one, sign)
            for one in step.fields
            if (sign := sign_of(one, shown)) and (not one.optional or one.id in answers)
        ]
        for one, sign in asked:
            if await self._taps(person, one, sign, shown, answers.get(one.id)):
                return
        written = [one for one, _ in asked if one.type in WRITTEN]
        if not written:
            await person.presses(NEXT)
            return
        await person.says("\n".join(self._said(one, answers) for one in written))

    async def _taps(
        self, person: Person, field: Field, sign: str, shown: str, given: str | None
    ) -> bool:
        """Answers one of its questions by buttons; False where it has to be written."""
        if field.type is FieldType.PROOF:
            await person.sends(PHOTO)
            return True
        wanted = given.split("，") if given else []
        if field.type is FieldType.FLAG:
            wanted = wanted or ["否" if field.id in ("objections", "leaving", "mobile") else "是"]
        elif field.type is FieldType.CHECKLIST:
            wanted = ["全部点上"]
        elif field.options:
            labels = [option.text.zh[:15] for option in field.options]
            here = [label for label in labels if f"{sign} {label}" in shown]
            assert wanted or here, shown
            wanted = wanted or here[:1]
        elif field.type is FieldType.DATE and field.id not in DAYS and not given:
            wanted = ["今天"]
        else:
            return False
        for label in wanted:
            await person.presses(f"{sign} {label}")
            if label != wanted[-1]:
                await person.sees(f"{sign} ✓ {label}")
        return True

    def _said(self, field: Field, answers: dict[str, str]) -> str:
        if field.part:
            # Only some of the texts that one message holds: each says which it is.
            return f"{field.part}. {answers.get(field.id, '情况属实，表现良好。')}"
        if field.id in answers:
            return answers[field.id]
        if field.type is FieldType.NUMBER:
            return self._number(field)
        return DAYS.get(field.id, "情况属实，表现良好。")

    async def _gives(self, person: Person, asked: Field, given: str) -> None:
        if asked.type in (FieldType.CHOICES, FieldType.PERSONS, FieldType.CHECKLIST):
            for item in given.split("，"):
                await person.presses(item)
                await person.sees()
            await person.presses(NEXT)
        else:
            await person.says(given)

    async def _plainly(self, person: Person, asked: Field, shown: str) -> None:
        """The first answer that moves a case on, of those offered."""
        if asked.optional:
            await person.presses("跳过")
        elif asked.type is FieldType.DATE:
            await person.says(DAYS.get(asked.id, "今天"))
        elif asked.type is FieldType.NUMBER:
            await person.says(self._number(asked))
        elif asked.type is FieldType.TEXT:
            await person.says("情况属实，表现良好。")
        elif asked.type is FieldType.FLAG:
            await person.presses("否" if asked.id in ("objections", "leaving", "mobile") else "是")
        elif asked.type in (FieldType.CHOICE, FieldType.PERSON):
            labels = [option.text.zh[:20] for option in asked.options] or ["巴特尔"]
            await person.presses(next(label for label in labels if label in shown))
        else:
            await self._several(person, asked, shown)

    def _number(self, asked: Field) -> str:
        if asked.id == "year":
            return str(self.city.today.year)
        return NUMBERS.get(asked.count or "", str(asked.minimum or 6))

    async def _several(self, person: Person, asked: Field, shown: str) -> None:
        if asked.type is FieldType.PROOF:
            await person.sends(PHOTO)
        elif asked.type is FieldType.CHECKLIST:
            await person.presses("全部点上")
        elif asked.type is FieldType.PERSONS:
            for name in [*INTRODUCERS][: asked.minimum or 1]:
                # Contacts stand there already as introducers, and a press would take them out.
                if f"✓ {name}" not in shown:
                    await person.presses(name)
                    last = name == [*INTRODUCERS][: asked.minimum or 1][-1]
                    if last and asked.minimum == asked.maximum:
                        # With as many as there may be it goes on by itself.
                        return
                    await person.sees(f"✓ {name}")
        else:
            await person.presses(asked.options[0].text.zh[:20])
        await person.sees()
        await person.presses(NEXT)

    async def signs(self, employer: str) -> str:
        person = await self.city.person(employer)
        await person.says("待办")
        await person.presses(f"{self.name} · 签字")
        await person.presses("核对无误，签字")
        return await person.sees("已签字")

    async def all_sign(self, card: CaseCard) -> None:
        """Whose signature the newest entry waits for, by post or by name."""
        line = next(entry for entry in reversed(card.entries) if entry.waits_for)
        for role in line.waits_for:
            asked = [INTRODUCERS[name] for one, name in line.asked if one is role]
            for employer in asked or [EMPLOYERS[role]]:
                await self.signs(employer)

    async def wait_for(self, following: OpenStep, again: tuple[Step, date] | None) -> None:
        """Lets the days pass that the rules ask for, with what comes again meanwhile."""
        untils = [blocker.until for blocker in following.blockers if blocker.until is not None]
        assert untils, following.blockers
        if again is None or again[1] > max(untils):
            await self.city.morning_of(max(untils))
            return
        await self.city.morning_of(again[1])
        await self.take(again[0].id)

    async def on(self, until: str = "") -> CaseCard:
        """Takes step after step, each on the next working day, until `until` is next or the end."""
        for _ in range(80):
            card = await self.city.card(self.case)
            following = card.progress.moving
            if following is None or following.step.id == until:
                return card
            if following.waits_for:
                await self.all_sign(card)
            elif not following.possible:
                await self.wait_for(following, review(card.progress))
            else:
                await self.city.morning_of(self.city.today + timedelta(days=1))
                said = await self.take(following.step.id)
                assert "已保存" in said, said
        raise AssertionError(f"no end in sight: {self.taken}")


def sign_of(field: Field, shown: str) -> str:
    """The sign of a question of the screen that isn't answered yet, "" where it is none."""
    ends = (f" {field.label.zh}", f" {field.label.zh}（可不填）")
    lines = (line for line in shown.split("\n") if line.endswith(ends))
    return next((line[0] for line in lines if line[:1] in SIGNS), "")


def line_of(step: Step, answers: dict[str, str]) -> str:
    """The numbers of a ballot as they are sent."""
    counts = [field for field in step.fields if field.count]
    given = {field.count: answers.get(field.id, NUMBERS.get(field.count or "")) for field in counts}
    said = [f"{COUNTED[count]}{number}" for count, number in given.items() if number and count]
    return " ".join(said)


def marks(step: Step) -> list[str]:
    """What begins a line of every screen of a step."""
    return [SUMMARY, "\n①", *(f"\n{field.label.zh}" for field in step.fields)]
