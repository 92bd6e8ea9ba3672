"""Where a form's questions come from (`FieldSource`), and a form during one update (`FormSession`).

A session is made anew for every update. What outlives it is the draft: the dialog's data, as JSON.

Worked example, the approval of full membership (step 24) after a meeting that voted an extension;
the questions are approved_on (0), conclusion (1), and what the conclusion calls for (2):

    presses "1.p.send_back"          store: conclusion; forward: send_back_reason is asked now
    writes the reason                store; forward: that was the last one, so the summary
    presses "s.e.1"                  the second answer is being changed, and asked again
    presses "1.p.approve_extension"  store: send_back_reason is asked no more and pruned;
                                     forward: extension_months is missing, and asked
    presses "2.p.6"                  store; forward: nothing is missing, so the summary
    presses "s.s."                   source.confirm: one service method; the dialog is done

A button carries mark, verb and argument (`buttons.Press`). Pressed twice, "1.p.send_back" is of
another screen the second time, since by then the mark is 2.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode, StartMode

from domain.case.answers import check_given, is_missing
from domain.case.facts import NOT_OPEN, Problem, Value
from domain.rulebook.schema import Field, Step
from handlers.staff.common.replies import Row
from handlers.staff.form import texts
from handlers.staff.form.answers import FormData, after, missing, place_of, screens, whole
from handlers.staff.form.buttons import Verb
from handlers.staff.shared.refusals import NotOpened
from services.casefile.update_context import UpdateContext
from services.cases.views import Preview
from services.core.acts import Acts
from services.people.views import Actor

PREVIEW, REJECTION = "form_preview", "rejection"


class Filling(StatesGroup):
    """Where a conversation can stand; `reason`: of a correction, before its answers."""

    reason = State()
    asking = State()
    summary = State()


class Previews:
    """Cache, by person, day and answers, what followed from the answers when a question was shown.
    In this process only: losing it costs a query."""

    def __init__(self, most: int = 256) -> None:
        self.most = most
        self.known: OrderedDict[Hashable, Preview] = OrderedDict()

    def forget(self) -> None:
        """Somebody has changed a case since: what followed is worked out anew."""
        self.known.clear()

    def get(self, key: Hashable) -> Preview | None:
        return self.known.get(key)

    def keep(self, key: Hashable, preview: Preview) -> None:
        self.known[key] = preview
        self.known.move_to_end(key)
        if len(self.known) > self.most:
            self.known.popitem(last=False)


def _said_at_the_beginning(session: "FormSession", field: Field) -> list[str]:
    return session.draft.said


def _no_text(text: str) -> None:
    return None


def _form_words(session: "FormSession", field: Field | None) -> dict[Verb, str]:
    return {}


@dataclass(frozen=True)
class ShortForm:
    """Questions in words of a feature's own.

    `act`: what the last answer does; where there is a `summary`, the button below it. `read`: the
    answer that a text gives, None where it gives none; `refuse`: what is said then. `labels`: what
    the form's buttons are called here, below a question or, without one, below the summary. `find`:
    offers for an organisation's question what a text names, or rejects the text.
    """

    act: Callable[[Message | CallbackQuery, "FormSession"], Awaitable[None]]
    question: Callable[["FormSession", Field], list[str]] = _said_at_the_beginning
    read: Callable[[str], Value | None] = _no_text
    refuse: Callable[[], str] = texts.press_wanted
    summary: Callable[["FormSession"], list[str]] | None = None
    labels: Callable[["FormSession", Field | None], Mapping[Verb, str]] = _form_words
    find: Callable[["FormSession", str], Awaitable[None]] | None = None
    file: Callable[[Message, "FormSession"], Awaitable[None]] | None = None


@dataclass(frozen=True)
class FieldSource:
    """Where the questions of a conversation come from, and what becomes of its answers: a step of
    a case, what a meeting asks once, one candidate of it, a short form (docs/decisions/0028).

    `preview`: the fields to ask now, and what follows from the answers. `keep`: store the draft
    after each answer. `confirm`: enter the answers and end the dialog; a Refusal leaves it open.
    `left`: what is said on leaving early, with buttons. `given_up`: what is asked of who gives up;
    None where nothing can be thrown away. `later`: of a ballot line, by count, the numbers that the
    form after this one asks for; the draft holds them until then."""

    preview: Callable[["FormSession"], Awaitable[Preview]]
    keep: Callable[["FormSession"], Awaitable[None]]
    confirm: Callable[[CallbackQuery | Message, "FormSession"], Awaitable[None]]
    left: Callable[["FormSession"], Awaitable[tuple[str, list[Row]]]]
    given_up: Callable[["FormSession"], Awaitable[tuple[str, list[Row]]]] | None = None
    short: ShortForm | None = None
    later: Callable[["FormSession", Mapping[str, int]], Awaitable[Mapping[str, int]]] | None = None


@dataclass(frozen=True)
class FormSession:
    """The draft together with who is there, what day it is, and what has to be said above the
    question."""

    manager: DialogManager
    imagined: FormData | None = None
    """Answers that nobody has given, in the place of the dialog's own."""

    @cached_property
    def data(self) -> dict[str, Any]:
        """What stands beside the update."""
        return self.manager.middleware_data

    @cached_property
    def actor(self) -> Actor:
        found: Actor = self.data["actor"]
        return found

    @cached_property
    def act(self) -> Acts:
        found: Acts = self.data["act"]
        return found

    @cached_property
    def update(self) -> UpdateContext:
        found: UpdateContext = self.data["update_context"]
        return found

    @cached_property
    def today(self) -> date:
        found: date = self.data["today"]
        return found

    def reject(self, text: str) -> None:
        """Say `text` above the question, which stays."""
        # In the update's data, not in the dialog's: said once, and not again after a restart.
        self.data[REJECTION] = text

    async def look_again(self, text: str) -> None:
        """Say `text` above the summary as it is now, since somebody else has changed the case: no
        other screen is sure to show what is noted."""
        self.reject(text)
        self.forget()
        await self.ask(None)

    def forget(self) -> None:
        """Work out anew what follows from answers: a case has changed."""
        self.data.pop(PREVIEW, None)
        known: Previews = self.data["previews"]
        known.forget()

    @property
    def rejection(self) -> str:
        return str(self.data.get(REJECTION, ""))

    @cached_property
    def source(self) -> FieldSource:
        sources: Mapping[str, FieldSource] = self.data["sources"]
        return sources[self.draft.kind]

    @cached_property
    def draft(self) -> FormData:
        return self.imagined or FormData(self.manager.dialog_data)

    async def imagine(self, answers: Mapping[str, Value]) -> Preview:
        """What would follow, were these given as well; nothing is taken."""
        trial = FormSession(self.manager, FormData(deepcopy(self.draft.data)))
        for field, value in answers.items():
            trial.draft.answer(field, value)
        return await self.source.preview(trial)

    async def preview(self) -> Preview:
        """What follows from the answers so far; worked out once as long as they don't change.

        A question may rest on what followed when it was shown; a summary is always worked out
        anew, since others act on the same case.
        """
        form = self.draft.fingerprint
        # Only of these very answers: one update may close a form and open another.
        found: Preview | None = self.data.get(PREVIEW, {}).get(form)
        if found is None:
            known: Previews = self.data["previews"]
            # Not by answers alone: a limit passes at midnight, and a right belongs to one person.
            key = (self.actor.person_id, self.today, form)
            # Whom a short form offers may change with every update: it is cheap to ask anew.
            if self.on_question and self.source.short is None:
                found = known.get(key)
            if found is None:
                found = await self.source.preview(self)
                known.keep(key, found)
            self.data[PREVIEW] = {form: found}
        return found

    async def asked(self) -> tuple[Preview, Field | None]:
        """The question of the screen; None when it is no longer asked."""
        preview, at = await self.preview(), self.draft.at
        fields = [field for field in preview.fields if field.id == at]
        return preview, fields[0] if fields else None

    @property
    def on_question(self) -> bool:
        return self.manager.current_context().state == Filling.asking

    async def mark(self) -> str:
        """Which screen this is: the place of the question, or the state. A summary's is known
        without working out what follows: confirming does that inside its act."""
        if not self.on_question:
            return "s"
        preview, group = await self.screen()
        return str(preview.fields.index(group[0])) if group else "s"

    async def screen(self) -> tuple[Preview, tuple[Field, ...]]:
        """The questions of the screen: one, or several that belong together; none when the one
        asked isn't any more."""
        preview, field = await self.asked()
        if field is None or self.draft.changing or self.draft.alone:
            return preview, (field,) if field else ()
        groups = screens(preview.fields)
        return preview, groups[place_of(groups, field.id) or 0]

    async def store(self, answers: dict[str, Value | None]) -> None:
        """Take answers, drop what they make moot, and keep the draft."""
        draft = self.draft
        for field, value in answers.items():
            draft.answer(field, value)
        self.data.pop(PREVIEW, None)
        # Pruned before it is kept: a row never holds an answer to what isn't asked.
        if draft.prune(await self.preview()):
            self.data.pop(PREVIEW)
        if draft.follow(await self.preview()):
            self.data.pop(PREVIEW)
        # A correction is kept nowhere: a draft belongs to a step that is still to be entered.
        if draft.corrects is None:
            await self.source.keep(self)

    async def give(self, field: Field, value: Value) -> None:
        """Take a whole answer and go on, or say what is wrong with it."""
        problem = check_given(field, value, self.draft.answers, self.today)
        if problem is not None and problem.refuses:
            self.reject(texts.rejected(problem, {}))
            return
        # Taken before it is judged: the rules of a step look at its answers together.
        if await self._stands({field.id: None if is_missing(field, value) else value}):
            await self.forward()

    async def take(self, values: Mapping[str, Value]) -> None:
        """Take answers to questions of this screen, all or none; go on once it is whole."""
        fields = await self._fields()
        known = dict(self.draft.answers)
        for name, value in values.items():
            problem = check_given(fields[name], value, known, self.today)
            if problem is not None and problem.refuses:
                self.reject(texts.rejected(problem, fields))
                return
            known[name] = value
        if await self._stands(values):
            await self.advance()

    async def _stands(self, values: Mapping[str, Value | None]) -> bool:
        """Take answers. A written day with which a rule isn't kept gives way to what stood there
        before, and is said: a slip in a year is seen by whoever has just written it."""
        fields, known = await self._fields(), self.draft.answers
        days = {name: known.get(name) for name in values if name in fields and fields[name].typed}
        before = (await self.preview()).problems if days else ()
        await self.store(dict(values))
        wrong = await self._refused(before) if days else None
        if wrong is None:
            return True
        # The one that the rule is about, else the only one there mostly is.
        name = wrong.field if wrong.field in days else next(iter(days))
        await self.store(days)
        self.reject(texts.day_rejected(wrong, fields[name], values[name] or "", fields))
        return False

    async def _fields(self) -> dict[str, Field]:
        return {field.id: field for field in (await self.preview()).fields}

    async def advance(self) -> None:
        """On from a screen of several questions, once nothing is left open there."""
        _, group = await self.screen()
        if whole(group, self.draft.answers, self.today):
            await self.forward(group)

    async def _refused(self, before: Sequence[Problem]) -> Problem | None:
        """What refuses the answer just given, by the rules of its step: a limit may stand at
        another question, as the age at the day of the application."""
        problems = (await self.preview()).problems
        return next((one for one in problems if one.refuses and one not in before), None)

    async def forward(self, answered: tuple[Field, ...] = ()) -> None:
        """To the next question; to the summary after the last one or after a change there.
        `answered`: questions of which it is known that nothing is left open."""
        preview, draft = await self.preview(), self.draft
        if draft.changing:
            left = missing(preview, draft.answers)
            await self.ask(left[0].id if left else None)
        elif (around := self._around(preview)) != answered and not whole(
            around, draft.answers, self.today
        ):
            # One of several was asked by itself, or the answer calls for more on the same screen.
            await self.ask(draft.at)
        else:
            await self.ask(after(preview, draft, self.today))

    def _around(self, preview: Preview) -> tuple[Field, ...]:
        """The screen that holds the question asked now, as the answers make it."""
        groups = screens(preview.fields)
        here = place_of(groups, self.draft.at or "")
        return () if here is None else groups[here]

    async def ask(self, field: str | None) -> None:
        """Ask `field`, or show the summary; a short form without one acts instead."""
        event, short = self.manager.event, self.source.short
        last = field is None and short is not None and short.summary is None
        if short is not None and last and isinstance(event, Message | CallbackQuery):
            await short.act(event, self)
            return
        self.draft.go(field)
        if field is None:
            self.draft.settled()
        await self.manager.switch_to(Filling.summary if field is None else Filling.asking)


async def open_form(
    manager: DialogManager, draft: FormData, at: str | None, *, below: bool = False
) -> None:
    """Begin the conversation about what is drafted with the question `at`, or with the summary.
    `below`: under what was said just now, which stays."""
    draft.go(at)
    data = draft.data
    # One form at a time: stacked, an earlier one would come up again when this one ends.
    state = Filling.asking if at else Filling.summary
    mode = ShowMode.SEND if below else None
    await manager.start(state, data, mode=StartMode.RESET_STACK, show_mode=mode)
    # Shown already. Opened from another form, it would be shown again where both have one number:
    # aiogram-dialog makes it of the second and of one in a hundred.
    manager.show_mode = ShowMode.NO_UPDATE


def refuse_closed(preview: Preview, step: Step) -> None:
    """An old button may name a step that was done since, or is held. Raises NotOpened."""
    closed = tuple(problem for problem in preview.problems if problem.code in NOT_OPEN)
    if closed:
        raise NotOpened(step, closed)
