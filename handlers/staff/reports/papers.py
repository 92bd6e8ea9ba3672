"""The papers of a report: choosing one, and the file."""

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.staff.common.replies import Row, send_file, show
from handlers.staff.reports import texts
from handlers.staff.reports.callbacks import (
    PrintReportCallback,
    ReportCallback,
    ReportPapersCallback,
)
from handlers.staff.shared import texts as words
from services.container import Services
from services.core.acts import Acts
from services.people.views import Actor


async def papers(
    query: CallbackQuery, callback_data: ReportPapersCallback, services: Services, actor: Actor
) -> None:
    report = callback_data.report
    found = await services.report_papers.of_report(actor, report)
    rows: list[Row] = [
        [(paper.title, PrintReportCallback(report=report, number=paper.number))] for paper in found
    ]
    await show(query, texts.papers(), [*rows, [(words.back(), ReportCallback(report=report))]])


async def one(
    query: CallbackQuery,
    callback_data: PrintReportCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    report, number = callback_data.report, callback_data.number
    # An act of its own, since each print of a report leaves an audit line.
    file = await services.report_papers.print(act("paper"), actor, report, number)
    back: Row = [(texts.to_report(), ReportCallback(report=report))]
    await send_file(query, file, texts.paper(file), [back])


def build() -> Router:
    router = Router(name="papers of reports")
    router.callback_query.register(papers, ReportPapersCallback.filter())
    router.callback_query.register(one, PrintReportCallback.filter())
    return router
