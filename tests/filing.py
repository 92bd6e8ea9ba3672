"""A report whose code reached its writer, for tests that begin after that."""

from datetime import date, datetime

from services.intake.intake import ConfirmedReport, Filed, Intake


async def file_report(
    intake: Intake, draft: ConfirmedReport, today: date, moment: datetime
) -> Filed:
    filed = await intake.prepare(draft, today, moment)
    assert await intake.activate(filed, moment)
    return filed
