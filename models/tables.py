"""All tables of the staff database, so that none is missing when one is used."""

from sqlmodel import SQLModel

from models.cases import (
    AgendaRow,
    Attachment,
    BreachRow,
    CaseFile,
    CaseHelper,
    CaseWaiting,
    ClassPlace,
    ClassRow,
    DeadlineRow,
    Draft,
    EntryRow,
    FigureRow,
    HoldRow,
    MeetingRow,
    NoticeRow,
    OutlookRow,
    Signature,
)
from models.city_moves import ArrivalRow, DepartureRow
from models.core import AuditHead, AuditLine, Setting
from models.macs import Guarded
from models.messages import (
    ConversationState,
    InboxRow,
    OutgoingRow,
    SeenUpdate,
    SendPause,
    SendShare,
)
from models.papers import SheetPart, SheetRow, TemplateRow
from models.peers import OwnPeerRow, PeerMessage, PeerRow
from models.people import (
    HotlineRow,
    Invitation,
    Organisation,
    Person,
    PostRow,
    Preference,
    ResponsibleRow,
    Snooze,
)
from models.plans import DutyRow, GuidanceRow, InspectedRow, InspectionRow, PlanRow, QuotaRow
from models.reports import ReportCase, ReportRow
from models.totals import TotalsRow

__all__ = [
    "AgendaRow",
    "ArrivalRow",
    "Attachment",
    "AuditHead",
    "AuditLine",
    "BreachRow",
    "CaseFile",
    "CaseHelper",
    "CaseWaiting",
    "ClassPlace",
    "ClassRow",
    "ConversationState",
    "DeadlineRow",
    "DepartureRow",
    "Draft",
    "DutyRow",
    "EntryRow",
    "FigureRow",
    "GuidanceRow",
    "HoldRow",
    "HotlineRow",
    "InboxRow",
    "InspectedRow",
    "InspectionRow",
    "Invitation",
    "MeetingRow",
    "NoticeRow",
    "Organisation",
    "OutgoingRow",
    "OutlookRow",
    "OwnPeerRow",
    "PeerMessage",
    "PeerRow",
    "Person",
    "PlanRow",
    "PostRow",
    "Preference",
    "QuotaRow",
    "ReportCase",
    "ReportRow",
    "ResponsibleRow",
    "SeenUpdate",
    "SendPause",
    "SendShare",
    "Setting",
    "SheetPart",
    "SheetRow",
    "Signature",
    "Snooze",
    "TemplateRow",
    "TotalsRow",
]


def guarded_tables() -> tuple[type[Guarded], ...]:
    """Every table whose rows carry a MAC."""
    found = (globals()[name] for name in __all__)
    return tuple(table for table in found if issubclass(table, Guarded))


def tables_of_a_case() -> tuple[type[SQLModel], ...]:
    """Every table whose rows belong to one case, by its column `case_id`."""
    found = (globals()[name] for name in __all__)
    return tuple(table for table in found if "case_id" in table.model_fields)
