"""Callback data of the to-do list, and where its lines lead."""

from aiogram.filters.callback_data import CallbackData

from handlers.staff.city_moves.callbacks import ArrivalCallback
from handlers.staff.common.callbacks import ToSignCallback
from handlers.staff.common.navigation import entrance
from handlers.staff.duties.callbacks import YearlyDutyCallback
from handlers.staff.inspections.callbacks import CheckBranchCallback
from handlers.staff.reports.callbacks import ReportCallback
from services.todo.views import TodoItem, TodoKind


class TodoCallback(CallbackData, prefix="t"):
    """A page of what waits for me. `first`: its first line, counted from 0."""

    first: int


def leads_to(item: TodoItem) -> CallbackData:
    """Into this very row's form or sheet: on the card the first step may be another one."""
    if item.kind is TodoKind.SIGN:
        return ToSignCallback(case=item.case_id, entry=item.entry_id or "")
    if item.duty is not None:
        place = item.duty.organisation_id
        return YearlyDutyCallback(duty=item.duty.duty_id, organisation=place)
    if item.kind is TodoKind.ARRIVAL:
        return ArrivalCallback(arrival=item.case_id)
    if item.kind is TodoKind.CHECK:
        return CheckBranchCallback(item=item.case_id)
    # Only a report has no step; its id stands where others have that of a case.
    if item.step is None:
        return ReportCallback(report=item.case_id)
    return entrance(item.case_id, item.step)
