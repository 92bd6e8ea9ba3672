"""A report and its status by web forms: read, ask the same services as the chat, say."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import structlog
from aiohttp import web

from domain.calendar.office_hours import day_of
from domain.reports import Channel
from handlers.public import status_texts
from handlers.public import texts as chat
from handlers.public.error_location import location_of
from handlers.public.web import texts
from handlers.public.web.filings import Filing, Filings
from handlers.public.web.form_reader import FormData, read_form
from handlers.public.web.page import (
    FormValues,
    filed_page,
    guidance_page,
    handed_in_page,
    report_page,
    status_page,
)
from handlers.public.web.repeats import SentForm, SentForms
from handlers.public.web.tokens import FormTokens
from handlers.public.web.uploads import Upload, Uploads
from handlers.public.web.workplace import inside
from services.attachments.errors import Unusable
from services.attachments.formats import CleanFile
from services.attachments.previews import previews_of
from services.core.database import away
from services.intake.codes import BadCode, read_code
from services.intake.intake import (
    LEAST_TEXT,
    LONGEST_NAME,
    LONGEST_TEXT,
    ConfirmedReport,
    Intake,
    NeverFiled,
    RepeatedReport,
    ReportClosed,
)
from services.intake.invisible_characters import visible
from services.intake.notices import RunningNotice
from services.intake.rate_limits import Busy, Caller, TokenBucket
from services.intake.store import UnknownCode

VISITOR = Caller(page=True)
"""Nobody is told from anybody here: all share what the page has of the limits."""
STATUS_FIELDS = ("do", "code", "more", "sure")
WORDS_ALONE = 256 * 1024
"""Bytes of a form that can hold no more than words."""

log = structlog.get_logger()


class FormError(Exception):
    """`said`: what is told, one sentence each."""

    def __init__(self, *said: str) -> None:
        super().__init__()
        self.said = said


class Forms:
    """`now` gives an aware time."""

    def __init__(self, intake: Intake, now: Callable[[], datetime]) -> None:
        self.intake, self.now = intake, now
        self.tokens = FormTokens(now)
        self.filings, self.sent = Filings(intake, now), SentForms(now)
        self.forms = TokenBucket(burst=60, seconds=0.5)
        self.uploads = Uploads()

    @property
    def today(self) -> date:
        return day_of(self.now())

    async def show_report(self, request: web.Request) -> web.Response:
        notice = request.query.get("about", "")
        return await self._report(FormValues(notice, inside=_inside(request)))

    async def show_status(self, request: web.Request) -> web.Response:
        return html(status_page(self.tokens.give(), inside=_inside(request)))

    async def show_guidance(self, request: web.Request) -> web.Response:
        return html(guidance_page(await self.intake.guidance(self.today)))

    async def take_report(self, request: web.Request) -> web.StreamResponse:
        with self.uploads.begun() as upload:
            return await self._take_report(request, await self._given(request, upload))

    async def _take_report(self, request: web.Request, given: FormData) -> web.StreamResponse:
        about, text = given.field("about"), given.field("text")
        values = FormValues(given.field("notice"), about, text, _inside(request))
        number = given.field("token")
        said = (values.notice, values.about, values.text)
        filing = self.filings.of(number, said, given.files)
        async with filing.lock:
            handed_in = self.filings.handed_in(filing)
            if handed_in is not None:
                others = self.filings.other_files(handed_in, number, given.files)
                return html(handed_in_page(others))
            if filing.filed is None:
                refused = await self._file(given, values, filing)
                if refused is not None:
                    return refused
        return await self._show_code(request, filing, given)

    async def _file(
        self, given: FormData, values: FormValues, filing: Filing
    ) -> web.Response | None:
        """Files what the form says, as pending; gives the page that says why not."""
        number = given.field("token")
        try:
            self._check(given, "stale_report")
            # Before its files are cleaned: sent again meanwhile, the same form waits at its lock.
            self.filings.keep(number, filing)
            draft = await self._draft(given, values)
            filing.kept = tuple(file.media_type for file in draft.files)
            self.filings.hold(filing, await previews_of(draft.files))
            filing.filed = await self.intake.prepare(draft, self.today, self.now(), VISITOR)
        except RepeatedReport:
            return await self._again(given, values, [texts.repeated()], 409)
        except Busy:
            return await self._again(given, values, [status_texts.busy()], 429)
        except FormError as wrong:
            return await self._again(given, values, wrong.said, 400)
        except Exception as error:
            return await self._again(given, values, [said_away(error)], 503)
        finally:
            self.filings.drop(number, filing)
        return None

    async def _show_code(
        self, request: web.Request, filing: Filing, given: FormData
    ) -> web.StreamResponse:
        """The report counts once its code went out; where the line broke, the same form sent again
        shows the same code. The answer ends after that, so that whoever has all of it can ask
        after the report at once. `given`: what came this time."""
        assert filing.filed is not None
        by = texts.when(self.intake.answer_by(self.today))
        response = web.StreamResponse()
        response.content_type, response.charset = "text/html", "utf-8"
        await response.prepare(request)
        other_files = self.filings.other_files(filing, given.field("token"), given.files)
        page, pictures = filed_page(filing.filed, by, filing.kept, filing.previews, other_files)
        # In this order: confirmed before it was written, a broken line would leave a report whose
        # code nobody has; and what is slow to send comes after that.
        await response.write(page.encode())
        await self.filings.confirm(filing)
        await response.write_eof(pictures.encode())
        return response

    async def take_status(self, request: web.Request) -> web.Response:
        with self.uploads.begun() as upload:
            given = await self._given(request, upload)
        more, number = visible(given.field("more")), given.field("token")
        # What was brought is let go by now: nothing below needs the room of the uploads.
        form = self.sent.of(number, [given.field(name) for name in STATUS_FIELDS])
        try:
            async with form.lock:
                return await self._status(given, more, form)
        except Busy:
            wrong, status = status_texts.busy(), 429
        except UnknownCode:
            wrong, status = status_texts.unknown_code(), 404
        except NeverFiled:
            wrong, status = status_texts.not_filed(), 410
        except ReportClosed:
            wrong, status = status_texts.no_more_letters(), 409
        except BadCode as bad:
            wrong, status = status_texts.bad_code(bad.count), 400
        except FormError as problem:
            wrong, status = "".join(problem.said), 400
        except Exception as error:
            wrong, status = said_away(error), 503
        finally:
            self.sent.drop(number, form)
        withdrawing = given.field("do") == "withdraw"
        page = status_page(self.tokens.give(), wrong=[wrong], more=more, withdrawing=withdrawing,
                           inside=_inside(request))  # fmt: skip
        return html(page, status)

    async def _status(self, given: FormData, more: str, form: SentForm) -> web.Response:
        if form.said:
            return html(status_page(self.tokens.give(), said=form.said))
        self._check(given, "stale")
        # Kept by its token before it is carried out: sent twice, the second waits and repeats what
        # was said.
        self.sent.keep(given.field("token"), form)
        code, do, moment = read_code(visible(given.field("code"))), given.field("do"), self.now()
        if do == "more":
            if not 0 < len(more) <= LONGEST_TEXT:
                raise FormError(texts.wrong("no_more"))
            await self.intake.write_on(code, more, self.today, moment, VISITOR)
            form.said = texts.more_taken()
            return html(status_page(self.tokens.give(), said=form.said))
        if do == "withdraw":
            if given.field("sure") != "yes":
                raise FormError(texts.wrong("not_sure"))
            await self.intake.withdraw(code, self.today, moment, VISITOR)
            form.said = texts.taken_back()
            return html(status_page(self.tokens.give(), said=form.said))
        found = await self.intake.status(code, moment, VISITOR)
        return html(status_page(self.tokens.give(), found))

    async def _given(self, request: web.Request, upload: Upload) -> FormData:
        """What was sent. Words alone are always read, so that they are still there when too much
        comes at once; files then aren't read at all."""
        length = request.content_length
        if length is not None and length <= WORDS_ALONE:
            given = await read_form(request, upload)
            return given if self._in_budget() else replace(given, wrong="busy")
        if not self._in_budget():
            return FormData(wrong="crowded")
        return await read_form(request, upload)

    def _in_budget(self) -> bool:
        try:
            self.forms.take(self.now())
        except Busy:
            return False
        return True

    def _check(self, given: FormData, stale: str) -> None:
        """`stale`: what is said where its number isn't good any more. Raises FormError, Busy."""
        if given.wrong == "busy":
            raise Busy
        if given.wrong == "too_big":
            raise FormError(chat.unusable("too_big"))
        if given.wrong:
            raise FormError(texts.wrong(given.wrong))
        if not self.tokens.take(given.field("token")):
            raise FormError(texts.wrong(stale))

    async def _draft(self, given: FormData, values: FormValues) -> ConfirmedReport:
        """Check what a form says and clean its files. Raises FormError."""
        notice = await self.intake.notice(values.notice, self.today) if values.notice else None
        about = chat.notice_label(notice) if notice else visible(values.about)
        text = visible(values.text)
        # Twice: a notice's label holds an organisation beside the name.
        if not 0 < len(about) <= LONGEST_NAME * 2:
            raise FormError(texts.wrong("whom"))
        if len("".join(text.split())) < LEAST_TEXT:
            raise FormError(texts.wrong("too_short"))
        if len(text) > LONGEST_TEXT:
            raise FormError(texts.wrong("too_long"))
        files = await self._cleaned(given.files)
        return ConfirmedReport(notice.id if notice else "", about, text, files, Channel.PAGE)

    async def _cleaned(self, files: Sequence[bytes]) -> tuple[CleanFile, ...]:
        """All of them, or none. Raises FormError with what is wrong with each."""
        cleaned, wrong = [], []
        for number, content in enumerate(files, 1):
            try:
                cleaned.append(await self.intake.attachments.clean_here(content))
            except Unusable as problem:
                wrong.append(texts.file_wrong(number, chat.unusable(problem.reason)))
        if wrong:
            raise FormError(*wrong)
        return tuple(cleaned)

    async def _again(
        self, given: FormData, values: FormValues, wrong: Sequence[str], status: int
    ) -> web.Response:
        """The form once more with its words and what was wrong; a browser keeps no chosen files."""
        if given.attached:
            wrong = [*wrong, texts.choose_again()]
        elif values.about or values.text:
            wrong = [*wrong, texts.still_there()]
        return await self._report(values, wrong, status)

    async def _report(
        self,
        values: FormValues,
        wrong: Sequence[str] = (),
        status: int = 200,
    ) -> web.Response:
        notices: Sequence[RunningNotice] = await self.intake.running(self.today)
        days, time = self.intake.kept_days, self.intake.answer_time
        page = report_page(self.tokens.give(), notices, values, days, time, wrong)
        return html(page, status)


def said_away(error: Exception) -> str:
    """What is told where the database is away or its disk full: what was written is shown again,
    with its form. Raises `error` where it is anything else."""
    if not away(error):
        raise error
    log.warning("database_away", error=type(error).__name__, at=location_of(error))
    return texts.wrong("away")


def _inside(request: web.Request) -> bool:
    """Said on every page with something to write, before it and again where it has to be sent once
    more; what was taken is answered without it, since nothing can be done about it any more."""
    return inside(request.headers.get("User-Agent", ""))


def html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, content_type="text/html", status=status)
