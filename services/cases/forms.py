"""A step before it is entered: its questions, what answers them already, each to be changed by a
tap, the people to choose from, drafts, and a preview."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.answers import by_rule, check_answer, fields_to_ask, following, verdict_of
from domain.case.entry_validation import barred_options, check_entry
from domain.case.facts import Answers, Problem, ProblemCode, Value, Verdict, WholeCase
from domain.case.progress import assess
from domain.case.public_notice import NoticePeriod
from domain.case.public_notice import notice_of as period_of
from domain.case.whole_case import closed, left_open, unsuited, whole_case
from domain.organisations import BRANCH
from domain.permissions import Permission, may
from domain.rulebook.kinds import Given
from domain.rulebook.schema import Field, FieldType, Role, Rulebook, Step, StepKind
from domain.rulebook.validation.conflicts import bodies_asked
from domain.rulebook.validation.screens import COUNT, HOTLINE, LAST, MEMBERS, OPTION, TODAY
from domain.writing.names import alike
from models import Attachment, CaseFile, EntryRow, Organisation
from services.attachments.formats import CleanFile
from services.casefile.case_cache import CaseCache
from services.casefile.load import CaseInHand, LoadedCase, read_case
from services.casefile.procedure import Procedure
from services.casefile.update_context import UpdateContext
from services.cases.drafts import HeldDraft, draft_of, drop, key_of
from services.cases.views import Form, Preview
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed
from services.people.hotlines import hotline_for
from services.people.people import members_of
from services.people.scope import case_for, committee_over
from services.people.views import Actor, PersonChoice

PEOPLE = (FieldType.PERSON, FieldType.PERSONS)


@dataclass
class Forms:
    """Questions, previews and drafts of steps; nothing here moves a case. `kept`: the cases read
    last, of all services over one database."""

    database: Database
    procedure: Procedure
    kept: CaseCache

    async def form(
        self,
        actor: Actor,
        case_id: str,
        step_id: str,
        today: date,
        update: UpdateContext | None = None,
    ) -> Form:
        """Return the questions of a step with the answers of the actor's draft. Raises
        NotAllowed."""
        async with self.database.look() as session:
            loaded = await self._case(session, actor, case_id, step_id, update)
            case, step = loaded.case, loaded.book.step_on(step_id, today)
            step = left_open(step, _whole(loaded, step, today, self.procedure, None))
            draft = await draft_of(session, key_of(actor, case_id, step_id))
            choices = await choices_of(session, case, step.fields)
            return Form(
                case_id=case.id,
                person=case.person,
                step=step,
                answers=draft.answers if draft else {},
                choices={**choices, **await _offered(session, case, step.fields)},
                known=await known_answers(session, loaded, step, choices, today),
            )

    async def correction(self, actor: Actor, entry_id: str, today: date) -> Form:
        """Return an entered step with its answers, to be corrected. Raises NotAllowed, also for an
        entry that was corrected before."""
        async with self.database.read() as session:
            hand, step, row = await entry_for(session, actor, entry_id, self.procedure)
            case = hand.loaded.case
            choices = await choices_of(session, case, step.fields, row)
            return Form(
                case_id=case.id,
                person=case.person,
                step=step,
                answers=row.answers,
                choices={**choices, **await _offered(session, case, step.fields)},
                corrects=entry_id,
            )

    async def preview(
        self,
        actor: Actor,
        case_id: str,
        step_id: str,
        answers: Answers,
        today: date,
        corrects: str | None = None,
        by_body: bool = False,
        update: UpdateContext | None = None,
    ) -> Preview:
        """Return what would follow from these answers; nothing is stored. `by_body`: a meeting
        decides the step, which nobody may enter alone. Raises NotAllowed."""
        calendar = self.procedure.calendar
        async with self.database.look() as session:
            loaded = await self._case(session, actor, case_id, step_id, update)
            book = loaded.book
            # By the text in force on the day entered, not today (docs/procedure.md § 6).
            step = book.step_on(step_id, answers.get(book.by_id[step_id].day))
            verdict = verdict_of(step, answers)
            alike_in = await _namesakes(session, loaded.case, step, answers)
            problems = await problems_of(
                session, loaded, step, answers, today, self.procedure, corrects, by_body, verdict
            )
        whole = _whole(loaded, step, today, self.procedure, corrects)
        barred = barred_options(book, loaded.facts, step.id, calendar) | closed(step, whole)
        asked = _asked(fields_to_ask(step, answers, barred, verdict), alike_in)
        called = assess(book, loaded.facts, today, calendar).called if step.body else ()
        notice = notice_of(step, answers, self.procedure)
        return Preview(
            asked,
            problems,
            verdict,
            notice,
            called,
            bodies_asked(step, asked) if step.bodies else (),
            whole,
        )

    async def keep_draft(
        self,
        act: Act,
        actor: Actor,
        case_id: str,
        step_id: str,
        answers: Answers,
        update: UpdateContext | None = None,
    ) -> None:
        """Store answers as a draft: in the commit that ends the update, at once without one. Raises
        NotAllowed."""
        draft = HeldDraft(key_of(actor, case_id, step_id), dict(answers), act.at)
        if update is not None and update.held is not None:
            # Checked now, though written later: the refusal must reach the person in the answer.
            if hand := update.cases.get(case_id):
                entering(actor, hand, step_id)
            else:
                async with self.database.look() as session:
                    await self._case(session, actor, case_id, step_id, update)
            update.held.append(draft)
            return
        async with self.database.write("draft") as session:
            await self._case(session, actor, case_id, step_id)
            await session.run_sync(lambda writing: HeldDraft.store(writing.connection(), [draft]))

    async def drop_draft(
        self,
        act: Act,
        actor: Actor,
        case_id: str,
        step_id: str,
        update: UpdateContext | None = None,
    ) -> None:
        """Delete the draft of a step, stored or still held back."""
        async with self.database.write("draft") as session:
            await drop(session, key_of(actor, case_id, step_id), update.held if update else None)

    async def _case(
        self,
        session: AsyncSession,
        actor: Actor,
        case_id: str,
        step_id: str,
        update: UpdateContext | None = None,
    ) -> LoadedCase:
        """Return the case, read once per update, if the actor enters this step there. For reads
        only: an act must not decide on a copy from before its lock. Raises NotAllowed."""
        cases = {} if update is None else update.cases
        if case_id not in cases:
            heads = update.heads.of(case_id, self.database.commits) if update else None
            cases[case_id] = await self.kept.look(
                session, actor, case_id, self.procedure, heads=heads
            )
        entering(actor, cases[case_id], step_id)
        return cases[case_id].loaded

    async def attach(self, act: Act, actor: Actor, case_id: str, file: CleanFile) -> str:
        """Store a proof of a case, sealed, and return its id. Raises NotAllowed."""
        async with self.database.act(act, actor, case_id) as work:
            if work.repeated:
                return str(work.result)
            case, _ = await case_for(work.session, actor, case_id, Permission.ENTER_STEP)
            row = Attachment(
                case_id=case.id,
                media_type=file.media_type,
                added_at=act.at,
                added_by=actor.person_id,
            )
            row.content = file.content
            work.session.add(row)
            await work.done("attach", row.id, chain=case.id)
            return row.id

    async def attachment(self, actor: Actor, attachment_id: str) -> CleanFile:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            row = await session.get(Attachment, attachment_id)
            if row is None:
                raise NotAllowed(attachment_id)
            await case_for(session, actor, row.case_id, Permission.SEE_CASE)
            return CleanFile(row.content, row.media_type)


def entering(actor: Actor, hand: CaseInHand, step_id: str) -> Step:
    """Return a step of a case, if the actor enters it there. Raises NotAllowed."""
    case, step = hand.loaded.case, hand.loaded.book.by_id.get(step_id)
    # Nobody enters by hand what the register of reports enters.
    if (
        step is None
        or step.by_report
        or not may(Permission.ENTER_STEP, actor.posts, hand.place, step.actors)
    ):
        raise NotAllowed(case.id)
    return step


async def entry_for(
    session: AsyncSession, actor: Actor, entry_id: str, procedure: Procedure
) -> tuple[CaseInHand, Step, EntryRow]:
    """Return an entry that isn't replaced and that the actor may correct. Raises NotAllowed."""
    row = await session.get(EntryRow, entry_id)
    if row is None or row.replaced_by is not None:
        raise NotAllowed(entry_id)
    hand = await read_case(session, actor, row.case_id, procedure)
    step = entering(actor, hand, row.step)
    if not may(Permission.CORRECT, actor.posts, hand.place):
        raise NotAllowed(entry_id)
    return hand, step, row


async def choices_of(
    session: AsyncSession,
    case: CaseFile,
    fields: Iterable[Field],
    corrected: EntryRow | None = None,
) -> Mapping[str, tuple[PersonChoice, ...]]:
    """Return the choices, by field id, of the fields that name somebody: full members of the
    branch, or another branch."""
    found: dict[str, tuple[PersonChoice, ...]] = {}
    for field in fields:
        if field.type in PEOPLE:
            found[field.id] = await members_of(session, case.organisation_id)
        elif field.type is FieldType.ORGANISATION and corrected is None:
            found[field.id] = await _other_branches(session, case)
        elif field.type is FieldType.ORGANISATION and corrected is not None:
            # A correction moves no case, so the branch named then is the only choice.
            found[field.id] = await _named_branch(session, str(corrected.answers[field.id]))
    return found


async def _other_branches(session: AsyncSession, case: CaseFile) -> tuple[PersonChoice, ...]:
    """Return every branch but the case's own, by name, with the committee above it: two branches
    may have one name."""
    statement = select(Organisation).where(Organisation.level == BRANCH)
    branches = [row for row in await session.exec(statement) if row.id != case.organisation_id]
    above = {row.parent_id for row in branches}
    parents = await session.exec(select(Organisation).where(col(Organisation.id).in_(above)))
    names = {row.id: str(row.name) for row in parents}
    found = [
        PersonChoice(row.id, f"{row.name} · {names.get(row.parent_id or '', '')}")
        for row in branches
    ]
    return tuple(sorted(found, key=lambda choice: choice.name))


async def _named_branch(session: AsyncSession, branch_id: str) -> tuple[PersonChoice, ...]:
    """Return the branch that an entry names, as its only choice."""
    row = await session.get(Organisation, branch_id)
    return (PersonChoice(row.id, row.name),) if row else ()


async def _offered(
    session: AsyncSession, case: CaseFile, fields: Iterable[Field]
) -> Mapping[str, tuple[PersonChoice, ...]]:
    """Return what is known of the organisation, by the questions for a text that offer it. Apart
    from `choices_of`: another text may be written as well."""
    found: dict[str, tuple[PersonChoice, ...]] = {}
    for field in fields:
        if field.offers is Given.HOTLINE:
            hotline = await hotline_for(session, case.organisation_id)
            said = hotline.line if hotline else ""
        elif field.offers is Given.COMMITTEE:
            above = await committee_over(session, case.organisation_id)
            said = str(above.name) if above else ""
        else:
            continue
        if said:
            found[field.id] = (PersonChoice(field.offers, said),)
    return found


async def problems_of(
    session: AsyncSession,
    loaded: LoadedCase,
    step: Step,
    answers: Answers,
    today: date,
    procedure: Procedure,
    corrects: str | None = None,
    by_body: bool = False,
    verdict: Verdict | None = None,
) -> tuple[Problem, ...]:
    """Return everything wrong with an entry: by the rules, and by what only the rows tell.
    `corrects`: the id of the entry it replaces. `verdict`: that of these answers, already
    computed."""
    row = loaded.row(corrects) if corrects else None
    book: Rulebook = loaded.book
    found = check_entry(
        book,
        loaded.facts,
        step.id,
        answers,
        today,
        procedure.calendar,
        replaces=row.number if row else None,
        verdict=verdict,
    )
    whole = unsuited(step, answers, _whole(loaded, step, today, procedure, corrects))
    foreign = await _foreign(session, loaded.case, step, answers, row)
    alike_in = await _namesakes(session, loaded.case, step, answers)
    unsaid = tuple(
        by_rule(Problem(ProblemCode.REQUIRED, field.id), field.rule)
        for field in _asked(step.fields, alike_in)
        if field.namesakes and answers.get(field.id) is None
    )
    # Nobody enters alone what the yearly plan decides (G三).
    alone = step.planned and not by_body and corrects is None
    planned = (Problem(ProblemCode.ONLY_BY_PLAN, source=step.source),) if alone else ()
    return (*planned, *foreign, *unsaid, *whole, *found)


def _whole(
    loaded: LoadedCase, step: Step, today: date, procedure: Procedure, corrects: str | None
) -> WholeCase | None:
    row = loaded.row(corrects) if corrects else None
    number = row.number if row else None
    return whole_case(loaded.book, loaded.facts, step, today, procedure.calendar, number)


async def _foreign(
    session: AsyncSession,
    case: CaseFile,
    step: Step,
    answers: Answers,
    corrected: EntryRow | None,
) -> tuple[Problem, ...]:
    """Return problems with people who aren't among the choices, and proofs of another case."""
    # Asked of the rows again: the ids come from buttons and drafts that may be old.
    answered = [field for field in step.fields if answers.get(field.id)]
    choices = await choices_of(session, case, answered, corrected)
    found = []
    for field in answered:
        value = answers[field.id]
        picked = value if isinstance(value, tuple) else (value,)
        if field.id in choices:
            known = {choice.person_id for choice in choices[field.id]}
            if not set(picked) <= known:
                found.append(Problem(ProblemCode.UNKNOWN_OPTION, field=field.id))
        elif field.type is FieldType.PROOF and picked:
            statement = select(Attachment.id).where(Attachment.case_id == case.id)
            if not set(picked) <= set((await session.exec(statement)).all()):
                found.append(Problem(ProblemCode.UNKNOWN_OPTION, field=field.id))
    return tuple(found)


async def _namesakes(
    session: AsyncSession, case: CaseFile, step: Step, answers: Answers
) -> frozenset[str]:
    """Return the questions whose picked people may be one person, or the person of the case, by the
    way their names are written."""
    found = set[str]()
    for name in (field.namesakes for field in step.fields if answers.get(field.namesakes)):
        value = answers[name]
        picked = set(value if isinstance(value, tuple) else (value,))
        people = await members_of(session, case.organisation_id)
        names = [case.person, *(one.name for one in people if one.person_id in picked)]
        if any(alike(one, other) for one, other in combinations(names, 2)):
            found.add(name)
    return frozenset(found)


def _asked(fields: tuple[Field, ...], alike_in: frozenset[str]) -> tuple[Field, ...]:
    """Whether they are different persons is asked where they may not be, and then has to be."""
    return tuple(
        replace(field, optional=False) if field.namesakes else field
        for field in fields
        if not field.namesakes or field.namesakes in alike_in
    )


def notice_of(step: Step, answers: Answers, procedure: Procedure) -> NoticePeriod | None:
    """Return the period of the notice that a step posts; None for a step that posts none."""
    day = answers.get(step.day)
    if step.kind is not StepKind.NOTICE or not isinstance(day, date):
        return None
    return period_of(step, day, procedure.calendar) if step.has_notice else None


FEWEST_MEMBERS = 3
"""Full members without whom a branch customarily discusses no admission (docs/procedure.md § 2): a
shorter list is one that isn't written to its end."""
AT_BRANCH = frozenset({Role.SECRETARY, Role.INTRODUCER, Role.CONTACT})


async def known_answers(
    session: AsyncSession,
    loaded: LoadedCase,
    step: Step,
    choices: Mapping[str, tuple[PersonChoice, ...]],
    today: date,
) -> Answers:
    """Return what answers a step's questions before anybody does, by field id. `choices`: who may
    be named now; somebody named at another step who isn't among them is left out."""
    found = await _stated(session, loaded, step, today)
    found |= await _carried(session, loaded.case, step, today)
    for name, people in choices.items():
        if isinstance(named := found.get(name), tuple):
            here = {person.person_id for person in people}
            found[name] = tuple(one for one in named if one in here)
    for field in step.fields:
        if (ticked := following(field, step.fields, found)) is not None:
            found[field.id] = ticked
    fields = {field.id: field for field in step.fields}
    # Two of the one or two who have to be named are a beginning; a number beyond its limit is none.
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, tuple) or check_answer(fields[name], value, today) is None
    }


async def _stated(
    session: AsyncSession, loaded: LoadedCase, step: Step, today: date
) -> dict[str, Value]:
    """What the rulebook says is known, question by question."""
    asked = [field for field in step.fields if field.known]
    given = await _of_branch(
        session, loaded, step, {known for f in asked for known in f.known_from}
    )
    found: dict[str, Value] = {}
    for field in asked:
        for known in field.known_from:
            value = given[known](field.id) if known in given else None
            if value is None:
                value = _of_case(known, field, loaded, today)
            if value is not None:
                found[field.id] = value
                break
    return found


def whole_list(members: int | None) -> int | None:
    """How many full members a branch has, by a list that is written to its end; None by one that
    isn't: fewer were only registered so far (national, step 15)."""
    return members if members is not None and members >= FEWEST_MEMBERS else None


async def _of_branch(
    session: AsyncSession, loaded: LoadedCase, step: Step, wanted: set[str]
) -> dict[str, Callable[[str], Value | None]]:
    """What the branch or its body has set, has, or answered last: by what `known` names, for a
    question. Only what is `wanted` is looked up."""
    place, found = loaded.case.organisation_id, dict[str, Callable[[str], Value | None]]()
    if LAST in wanted:
        found[LAST] = (await _last(session, loaded.case, step)).get
    if MEMBERS in wanted:
        number = whole_list(len(await members_of(session, place)))
        found[MEMBERS] = lambda _: number
    if HOTLINE in wanted:
        hotline = await hotline_for(session, place)
        found[HOTLINE] = lambda _: hotline.line if hotline else None
    return found


def _of_case(known: str, field: Field, loaded: LoadedCase, today: date) -> Value | None:
    """What follows from the day, the rulebook, or this case's own entries."""
    if known == TODAY:
        return today
    if known.startswith(OPTION):
        option = known.removeprefix(OPTION)
        return option == "true" if field.type is FieldType.FLAG else option
    entries = loaded.facts.entries
    if known.startswith(COUNT):
        step = known.removeprefix(COUNT)
        # None entered says nothing: they may lie in a folder.
        return sum(entry.step == step for entry in entries) or None
    step, _, name = known.partition(".")
    newest = next((entry for entry in reversed(entries) if entry.step == step), None)
    return newest.answers.get(name) if newest and name else None


async def _last(session: AsyncSession, case: CaseFile, step: Step) -> Answers:
    """Return what the same branch or body answered at its last such step, in whichever case."""
    places = select(Organisation.id).where(Organisation.id == case.organisation_id)
    if not AT_BRANCH & set(step.actors):
        parent = select(Organisation.parent_id).where(Organisation.id == case.organisation_id)
        places = select(Organisation.id).where(
            col(Organisation.parent_id) == parent.scalar_subquery()
        )
    statement = (
        select(EntryRow)
        .join(CaseFile, col(CaseFile.id) == col(EntryRow.case_id))
        .where(
            col(CaseFile.organisation_id).in_(places),
            EntryRow.step == step.id,
            col(EntryRow.replaced_by).is_(None),
        )
        .order_by(col(EntryRow.recorded_at).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    return row.answers if row else {}


async def _carried(
    session: AsyncSession, case: CaseFile, step: Step, today: date
) -> dict[str, Value]:
    """Return the answers that hold for several people, as the branch has given them last."""
    kept = {field.id: field.carried_over for field in step.fields if field.carried_over}
    if not kept:
        return {}
    statement = (
        select(EntryRow)
        .join(CaseFile, col(CaseFile.id) == col(EntryRow.case_id))
        .where(
            CaseFile.organisation_id == case.organisation_id,
            EntryRow.case_id != case.id,
            EntryRow.step == step.id,
            col(EntryRow.replaced_by).is_(None),
            EntryRow.done_on >= today - timedelta(days=max(kept.values())),
        )
        .order_by(col(EntryRow.recorded_at).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    if row is None:
        return {}
    old = (today - row.done_on).days
    return {name: row.answers[name] for name, days in kept.items()
            if old <= days and name in row.answers}  # fmt: skip
