"""Which branch, what name; then a case is opened, or a member is entered."""

from collections.abc import Sequence
from datetime import date

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.rulebook.schema import Field
from domain.writing.names import alike
from handlers import meant_texts
from handlers.staff.cases import opening_texts as texts
from handlers.staff.cases.callbacks import UndoOpeningCallback
from handlers.staff.cases.screens import card_rows, card_text
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import CardCallback, GoCallback
from handlers.staff.common.destinations import Destination, View
from handlers.staff.common.menu_keyboard import MenuButton
from handlers.staff.common.person_names import name_of, names_of
from handlers.staff.common.replies import Row, close, fit, show, tell
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.form.step_form import StepForm
from services.cases.views import CaseLine
from services.container import Services, services_of
from services.core.acts import Acts
from services.people.people import branches
from services.people.views import Actor, Post

CASE, MEMBER = "open_case", "add_member"
BRANCH, NAME, SAME = "branch", "name", "same"
SAME_PERSON, ANOTHER = "same", "another"
OPEN, ADD = "open", "member"
LINE = "\n"
"""Between the names of a list, each on a line of its own."""
MOST = 100
"""Members in one list: more is a sheet (`handlers.staff.sheets`)."""
SHOWN = 6
"""People who may be meant, with a button each."""


async def fields(session: FormSession) -> tuple[Field, ...]:
    """Only the name where there is one branch; whether it is the same person, where somebody of
    that name is there already."""
    found = [(post.organisation_id, post.organisation) for post in branches(session.actor)]
    asked: tuple[Field, ...] = (short_forms.text(NAME),)
    if len(found) != 1:
        asked = (short_forms.choice(BRANCH, found), *asked)
    if await known(session):
        offered = [(SAME_PERSON, texts.same_person()), (ANOTHER, texts.another_person())]
        return (*asked, short_forms.choice(SAME, offered))
    if people := await looked_for(session):
        name = str(session.draft.answers[NAME])
        opens = [(line.case_id, texts.opens(line)) for line in people]
        # A sentence that asks after somebody is nobody's name.
        anew = [] if meant_texts.asked(name) else [(ANOTHER, texts.enters(name))]
        return (*asked, short_forms.choice(SAME, [*opens, *anew]))
    return asked


async def looked_for(session: FormSession) -> list[CaseLine]:
    """Whose cases may be meant by what was written for a name: people whose name it is a part of,
    or whom it names. A search while this is asked is no new case."""
    name = session.draft.answers.get(NAME)
    if session.draft.kind != CASE or name is None:
        return []
    cases, actor, today = (
        services_of(session.data).cases,
        session.actor,
        session.today,
    )
    # What the act itself has just opened is nobody else, where its first answer was lost.
    if await cases.opened_by(session.act(OPEN)):
        return []
    page = await cases.search(actor, today, str(name))
    lines = [*page.lines, *await cases.mentioned(actor, str(name), today)]
    found = {line.case_id: line for line in lines if not alike(line.person, str(name))}
    return list(found.values())[:SHOWN]


async def known(session: FormSession) -> tuple[str, ...]:
    """Ids of those who are there under a name like this: running cases, or members."""
    post, name = chosen(session), session.draft.answers.get(NAME)
    # Of a list each name is looked at by itself.
    if post is None or name is None or LINE in str(name):
        return ()
    services, actor = services_of(session.data), session.actor
    if session.draft.kind == CASE:
        opening = session.act(OPEN)
        # With the act: handled again after a lost answer, the case just opened is no namesake of
        # itself.
        lines = await services.cases.namesakes(actor, str(name), session.today, opening)
        return tuple(line.case_id for line in lines)
    adding = session.act(ADD)
    people = await services.people.namesakes(actor, post.organisation_id, str(name), adding)
    return tuple(person.person_id for person in people)


def chosen(session: FormSession) -> Post | None:
    """The branch that was chosen, or the only one."""
    found = branches(session.actor)
    picked = session.draft.answers.get(BRANCH)
    meant = [post for post in found if post.organisation_id == picked]
    return next(iter(meant or (found if len(found) == 1 else ())), None)


def question(session: FormSession, field: Field) -> list[str]:
    post = chosen(session)
    if field.id == BRANCH or post is None:
        return [texts.ask_organisation()]
    if field.id == SAME:
        name = str(session.draft.answers[NAME])
        is_member = session.draft.kind == MEMBER
        if not is_member and field.options[0].id != SAME_PERSON:
            return texts.ask_meant(name)
        return texts.ask_same_member(name) if is_member else texts.ask_same_case(name)
    ask = texts.ask_member if session.draft.kind == MEMBER else texts.ask_name
    return ask(post.organisation)


def summary(session: FormSession) -> list[str]:
    """A last look before a case is opened: a stray word is no applicant."""
    name, post = str(session.draft.answers[NAME]), chosen(session)
    if _is_same(session):
        return texts.ask_open(name)
    if _meant(session):
        return texts.ask_to_open()
    return texts.ask_case(name, post.organisation if post else "")


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    opens = _is_same(session) or _meant(session)
    confirm = texts.open_case() if opens else texts.enter_case()
    if field:
        return {}
    said = {Verb.CONFIRM: confirm, Verb.AGAIN: texts.change_name()}
    return said if opens else {**said, Verb.NEXT: texts.enter_and_fill()}


async def open_case(event: Message | CallbackQuery, session: FormSession) -> None:
    person, branch = _answers(session)
    cases, actor, today = (
        services_of(session.data).cases,
        session.actor,
        session.today,
    )
    undo: list[Row] = []
    if _is_same(session):
        # None where it was undone or has ended meanwhile: that one isn't found any more.
        card = await cases.card(actor, next(iter(await known(session)), ""), today)
        said = texts.there_already()
    elif meant := _meant(session):
        card = await cases.card(actor, meant, today)
        said = texts.nothing_entered()
    else:
        card = await cases.open(session.act(OPEN), actor, person, branch)
        said = texts.opened()
        undo = [[(texts.undo(), UndoOpeningCallback(case=card.case_id))]]
    said = fit([said, "", card_text(card, today, View.SHORT)])
    rows = [*card_rows(card, actor, View.SHORT), *undo]
    first = card.progress.next
    if not session.draft.onward or not undo or first is None:
        await close(event, session.manager, said, rows)
        return
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    form = StepForm(session.manager, services_of(session.data), actor, today, session.update)
    await form.open_below(card.case_id, first.step.id)
    # After the form, which takes the buttons off the message above it.
    await show(event, said, rows)


async def undo_opening(
    query: CallbackQuery,
    callback_data: UndoOpeningCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
) -> None:
    """Ask, then take out again a case that was opened by an oversight."""
    case = callback_data.case
    if not callback_data.sure:
        card = await services.cases.card(actor, case, today)
        yes = (texts.undo(), UndoOpeningCallback(case=case, sure=True))
        rows: list[Row] = [[yes], [(texts.keep(), CardCallback(case=case))]]
        await show(query, texts.ask_undo(card.person), rows)
        return
    done = await services.cases.undo(act("undo_opening"), actor, case)
    if done:
        await show(query, texts.undone(), [[navigation.todo()]])
    else:
        await show(query, texts.not_undone(), [[(texts.to_case(), CardCallback(case=case))]])


def _members(text: str) -> str | None:
    """A name, or a list of them as it was sent; what of it is no name is said with the others."""
    if (name := name_of(text)) is not None:
        return name
    listed = names_of(text)
    return LINE.join(listed) if 1 < len(listed) <= MOST and any(map(name_of, listed)) else None


async def _add_all(session: FormSession, branch: str, names: Sequence[str]) -> str:
    """Add each of a list, and say line by line what became of it."""
    people, actor = services_of(session.data).people, session.actor
    lines: list[texts.Line] = []
    for number, said in enumerate(names, 1):
        name, act = name_of(said), session.act(f"{ADD}-{number}")
        if name is None:
            lines.append((said, texts.NO_NAME))
        elif await people.namesakes(actor, branch, name, act):
            # Whether it is the same person is asked for a single name only.
            lines.append((name, texts.THERE))
        else:
            await people.add_member(act, actor, branch, name)
            lines.append((name, texts.ADDED))
    return fit(texts.all_enrolled(lines))


async def add_member(event: Message | CallbackQuery, session: FormSession) -> None:
    person, branch = _answers(session)
    again: list[Row] = [[(texts.another(), GoCallback(place=Destination.MEMBER))]]
    if LINE in person:
        said = await _add_all(session, branch, person.split(LINE))
        await close(event, session.manager, said, again)
        return
    people, same = services_of(session.data).people, _is_same(session)
    if not same:
        await people.add_member(session.act(ADD), session.actor, branch, person)
    said = texts.enrolled_before(person) if same else texts.enrolled(person)
    await close(event, session.manager, said, again)


def _is_same(session: FormSession) -> bool:
    return session.draft.answers.get(SAME) == SAME_PERSON


def _meant(session: FormSession) -> str:
    """The case that was looked for, by its id; "" where somebody new is entered."""
    picked = str(session.draft.answers.get(SAME, ""))
    return "" if picked in (SAME_PERSON, ANOTHER) else picked


def _applicant(text: str) -> str | None:
    """A name, or a text that names somebody; a greeting is neither."""
    return None if meant_texts.greets(text) else name_of(meant_texts.without_signs(text))


def _answers(session: FormSession) -> tuple[str, str]:
    """The name and the branch's id; the service refuses who has no branch any more."""
    post = chosen(session)
    return str(session.draft.answers[NAME]), post.organisation_id if post else ""


SOURCES = {
    CASE: short_forms.source(
        fields, ShortForm(open_case, question, _applicant, texts.name_wanted, summary, labels)
    ),
    MEMBER: short_forms.source(
        fields, ShortForm(add_member, question, _members, texts.names_wanted)
    ),
}


async def new_case(
    event: Message | CallbackQuery, actor: Actor, dialog_manager: DialogManager
) -> None:
    await _begin(event, actor, dialog_manager, CASE)


async def new_member(
    event: Message | CallbackQuery, actor: Actor, dialog_manager: DialogManager
) -> None:
    await _begin(event, actor, dialog_manager, MEMBER)


async def _begin(
    event: Message | CallbackQuery, actor: Actor, manager: DialogManager, kind: str
) -> None:
    found = branches(actor)
    if not found:
        await tell(event, texts.not_for_you())
        return
    await short_forms.begin(event, manager, kind, NAME if len(found) == 1 else BRANCH)


def build() -> Router:
    router = Router(name="opening")
    router.message.register(new_case, or_f(Command("new"), MenuButton("new")))
    router.callback_query.register(new_case, GoCallback.filter(F.place == Destination.NEW))
    router.callback_query.register(undo_opening, UndoOpeningCallback.filter())
    router.message.register(new_member, Command("member"))
    router.callback_query.register(new_member, GoCallback.filter(F.place == Destination.MEMBER))
    return router
