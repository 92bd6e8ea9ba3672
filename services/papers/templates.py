"""Word templates of an organisation's own, in place of ours there and below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.permissions import Permission
from models import TemplateRow
from papers.forms import REPORT_FORMS, WORD, PaperForm, forms
from papers.office_templates.own_templates import Unfit, file_name, look
from papers.word import own
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound, Refusal
from services.papers.views import PaperFile, TemplateLine
from services.people.permitted import places_with
from services.people.scope import allowed_at, name_of, path_of
from services.people.views import Actor, Post


class TemplateUnfit(Refusal):
    """A template that isn't taken; nothing was stored. `reason`: of
    `papers.office_templates.own_templates`."""

    def __init__(self, unfit: Unfit) -> None:
        super().__init__(unfit.reason)
        self.reason, self.names = unfit.reason, unfit.names


@dataclass(frozen=True)
class OwnTemplates:
    database: Database

    async def places(self, actor: Actor) -> tuple[Post, ...]:
        """Return the posts by which the actor may set templates, one for each organisation. Raises
        NotAllowed where there is none."""
        async with self.database.read() as session:
            places = await places_with(session, actor, Permission.SET_TEMPLATE)
        if not places:
            raise NotAllowed(Permission.SET_TEMPLATE)
        return places

    async def of_place(self, actor: Actor, organisation_id: str) -> tuple[TemplateLine, ...]:
        """Return every paper with whose template holds at an organisation. Raises NotAllowed."""
        async with self.database.read() as session:
            await _allowed(session, actor, organisation_id)
            return await _lines(session, organisation_id, replaceable())

    async def one(self, actor: Actor, organisation_id: str, paper: str) -> TemplateLine:
        """Raises NotAllowed, NotFound for a paper that has no template."""
        async with self.database.read() as session:
            await _allowed(session, actor, organisation_id)
            (line,) = await _lines(session, organisation_id, [_form(paper)])
            return line

    async def file(self, actor: Actor, organisation_id: str, paper: str) -> PaperFile:
        """Return the template that holds at an organisation, to change it. Raises as `one`."""
        async with self.database.read() as session:
            await _allowed(session, actor, organisation_id)
            form = _form(paper)
            row = await template_for(session, await path_of(session, organisation_id), paper)
            content = row.content if row else own(form)
        return PaperFile("", "", form.title, file_name(form), content)

    async def put(
        self, act: Act, actor: Actor, organisation_id: str, paper: str, content: bytes
    ) -> TemplateLine:
        """Let a template take the place of ours. Raises as `one`, TemplateUnfit."""
        # Asked before a stranger's file is looked at, and again when it is stored.
        await self.one(actor, organisation_id, paper)
        form = _form(paper)
        try:
            looked = await look(form, content)
        except Unfit as unfit:
            raise TemplateUnfit(unfit) from unfit
        async with self.database.act(act, actor) as work:
            await _allowed(work.session, actor, organisation_id)
            if not work.repeated:
                row = await _row(work.session, organisation_id, paper) or TemplateRow(
                    organisation_id=organisation_id,
                    paper=paper,
                    added_on=day_of(act.at),
                    added_by=actor.person_id,
                )
                row.added_on, row.added_by = day_of(act.at), actor.person_id
                row.content, row.names = content, list(looked.names)
                work.session.add(row)
                await work.done("put_template", organisation_id)
        return await self.one(actor, organisation_id, paper)

    async def take_back(
        self, act: Act, actor: Actor, organisation_id: str, paper: str
    ) -> TemplateLine:
        """Take an organisation's own template away; whose holds above it, else ours, holds again.
        Raises as `one`."""
        async with self.database.act(act, actor) as work:
            await _allowed(work.session, actor, organisation_id)
            if not work.repeated:
                row = await _row(work.session, organisation_id, _form(paper).id)
                if row is not None:
                    await work.session.delete(row)
                await work.done("take_back_template", organisation_id)
        return await self.one(actor, organisation_id, paper)


def replaceable() -> tuple[PaperForm, ...]:
    """The papers whose template may be another's: not those of reports (docs/decisions/0032)."""
    known = forms().values()
    return tuple(form for form in known if form.made == WORD and form.id not in REPORT_FORMS)


async def template_for(
    session: AsyncSession, path: Sequence[str], paper: str
) -> TemplateRow | None:
    """Return the template of a paper that holds at the beginning of a path: the nearest one."""
    statement = select(TemplateRow).where(
        col(TemplateRow.organisation_id).in_(path), TemplateRow.paper == paper
    )
    rows = {row.organisation_id: row for row in await session.exec(statement)}
    return next((rows[here] for here in path if here in rows), None)


async def _allowed(session: AsyncSession, actor: Actor, organisation_id: str) -> None:
    if not await allowed_at(session, actor, organisation_id, Permission.SET_TEMPLATE):
        raise NotAllowed(organisation_id)


def _form(paper: str) -> PaperForm:
    found = next((form for form in replaceable() if form.id == paper), None)
    if found is None:
        raise NotFound(paper)
    return found


async def _row(session: AsyncSession, organisation_id: str, paper: str) -> TemplateRow | None:
    return await template_for(session, (organisation_id,), paper)


async def _lines(
    session: AsyncSession, organisation_id: str, asked: Iterable[PaperForm]
) -> tuple[TemplateLine, ...]:
    path = await path_of(session, organisation_id)
    found = []
    for form in asked:
        row = await template_for(session, path, form.id)
        fields = tuple((name, field.label) for name, field in form.fields.items())
        line = TemplateLine(organisation_id, form.id, form.title, fields)
        if row is not None:
            mine, whose = row.organisation_id == organisation_id, row.organisation_id
            line = TemplateLine(
                organisation_id, form.id, form.title, fields, mine, await name_of(session, whose)
            )
        found.append(line)
    return tuple(found)
