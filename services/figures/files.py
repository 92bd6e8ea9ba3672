"""The files that figures leave in: a picture, a sheet, the yearly report."""

import asyncio
from pathlib import Path

from papers.figures import picture
from papers.figures_sheet import sheet
from papers.filling import Filled
from papers.forms import forms
from papers.processes.typesetting import Job, NoFonts, NotSet, typeset
from papers.values import clean
from papers.word import document
from services.figures.block_texts import PICTURE, SHEET, bundle_of, report_rows
from services.figures.views import FigureFile, YearFigures
from services.papers.views import CannotPrint, file_name

REPORT = "yearly_report"


async def picture_of(found: YearFigures, fonts: Path | None, page: int) -> FigureFile:
    """Raises CannotPrint, where there is no Chinese font for one."""
    content = await set_picture(picture(bundle_of(found), page), fonts)
    return FigureFile(_named(found, PICTURE, "png"), content)


async def set_picture(job: Job, fonts: Path | None) -> bytes:
    """Raises CannotPrint, where there is no Chinese font for it."""
    try:
        (content,) = await typeset([job], fonts)
    except (NoFonts, NotSet) as error:
        raise CannotPrint(fonts=isinstance(error, NoFonts)) from error
    return content


async def sheet_of(found: YearFigures) -> FigureFile:
    """Return the figures of a year as a sheet with charts."""
    content = await asyncio.to_thread(sheet, bundle_of(found))
    return FigureFile(_named(found, SHEET, "xlsx"), content)


async def report_of(found: YearFigures) -> FigureFile:
    """Return the yearly report (N38) as Word; what isn't a number is left to be written by hand."""
    form = forms()[REPORT]
    values = {"organisation": clean(found.organisation), "year": str(found.year)}
    rows = report_rows(found)
    filled = Filled(form, values, {}, (), f"{found.today:%Y-%m-%d}", rows)
    content = await asyncio.to_thread(document, filled)
    return FigureFile(_named(found, form.title, "docx"), content)


def _named(found: YearFigures, title: str, kind: str) -> str:
    return file_name(f"{found.year}_{title}", found.organisation, kind)
