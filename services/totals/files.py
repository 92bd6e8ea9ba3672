"""The files that totals leave in: a picture, a sheet."""

import asyncio
from pathlib import Path

from papers.figures import picture
from papers.figures_sheet import sheet
from services.figures.files import set_picture
from services.figures.views import FigureFile
from services.papers.views import file_name
from services.totals.block_texts import PICTURE, SHEET, bundle_of
from services.totals.views import Gathered


async def picture_of(found: Gathered, fonts: Path | None, page: int) -> FigureFile:
    """Raises CannotPrint, where there is no Chinese font for one."""
    content = await set_picture(picture(bundle_of(found), page), fonts)
    return FigureFile(_named(found, PICTURE, "png"), content)


async def sheet_of(found: Gathered) -> FigureFile:
    content = await asyncio.to_thread(sheet, bundle_of(found))
    return FigureFile(_named(found, SHEET, "xlsx"), content)


def _named(found: Gathered, title: str, kind: str) -> str:
    return file_name(f"{found.year}_{title}", found.organisation, kind)
