"""Tables, their column types and migrations. Everything that names a column."""

from models.cases import (
    Attachment,
    CaseFile,
    CaseHelper,
    DeadlineRow,
    Draft,
    EntryRow,
    HoldRow,
    NoticeRow,
    Signature,
)
from models.delivery import ConversationState, InboxRow, OutgoingRow, SeenUpdate
from models.organisations import Invitation, Organisation, Person, PostRow
from models.records import AuditLine, ReportRow, Setting

__all__ = [
    "Attachment",
    "AuditLine",
    "CaseFile",
    "CaseHelper",
    "ConversationState",
    "DeadlineRow",
    "Draft",
    "EntryRow",
    "HoldRow",
    "InboxRow",
    "Invitation",
    "NoticeRow",
    "Organisation",
    "OutgoingRow",
    "Person",
    "PostRow",
    "ReportRow",
    "SeenUpdate",
    "Setting",
    "Signature",
]
