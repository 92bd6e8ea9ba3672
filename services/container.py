"""Build all services of the staff side over one database: the one place where packages of services
that may not import each other are joined. A service below a package takes its function as an
argument (`People` takes `enqueue`, `Posts` the handover of reports, `Outbox` the level above)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from domain.calendar.calendar import WorkCalendar
from domain.catalogue import Catalogue
from domain.rulebook.reading.reader import load
from services.attachments.process import AttachmentCleaner
from services.casefile.breaches import Breaches
from services.casefile.case_cache import CaseCache
from services.casefile.procedure import Procedure
from services.cases.cases import Cases
from services.cases.classes import Classes
from services.cases.for_all import ForAll
from services.cases.record import Steps
from services.city_moves.arrivals import MOVE_ANSWER, Arrivals, settle_arrival
from services.city_moves.departures import MOVE, Departures
from services.core.database import Database
from services.duties.duties import Duties
from services.figures.figures import Figures
from services.inspections.inspections import Inspections
from services.meetings.voting import Meetings
from services.messages.group_commit import Taking, as_it_comes
from services.messages.inbox import Inbox
from services.messages.outbox import Outbox
from services.messages.queue import enqueue
from services.messages.update_gaps import Gaps
from services.papers.archive import Archive
from services.papers.glances import Glances
from services.papers.papers import AS_USUAL, Papers, Printing
from services.papers.report_papers import ReportPapers
from services.papers.templates import OwnTemplates
from services.peers.receiving import Handler, PeerInbox
from services.peers.sending import PeerOutbox
from services.people.hotlines import Hotlines
from services.people.newcomers import Newcomers
from services.people.people import People
from services.people.posts import Posts
from services.people.responsible_organisers import Responsible
from services.plans.guidance import Guidances
from services.plans.plans import Plans
from services.plans.quotas import Quotas
from services.reminders.assigned import AssignedSituations
from services.reminders.escalation import tell_above
from services.reminders.preferences import Preferences
from services.reminders.reminders import Reminders
from services.reminders.week import Weeks
from services.reports.exchange import Exchange
from services.reports.handling import RETENTION, Reports
from services.reports.handover import hand_over_reports
from services.reports.schedule import ReportClock
from services.sheet_lines.sheet_acts import SheetActs
from services.sheets.sheets import Sheets
from services.todo.todo import Todo
from services.totals.totals import KIND as TOTALS
from services.totals.totals import YearTotals


@dataclass(frozen=True)
class Services:
    database: Database
    procedure: Procedure
    people: People
    newcomers: Newcomers
    posts: Posts
    cases: Cases
    steps: Steps
    classes: Classes
    inbox: Inbox
    outgoing: Outbox
    gaps: Gaps
    reminders: Reminders
    reports: Reports
    report_clock: ReportClock
    preferences: Preferences
    breaches: Breaches
    inspections: Inspections
    plans: Plans
    quotas: Quotas
    guidances: Guidances
    responsible: Responsible
    meetings: Meetings
    todo: Todo
    papers: Papers
    sheets: Sheets
    from_peers: PeerInbox
    attachments: AttachmentCleaner = field(default_factory=AttachmentCleaner)

    @property
    def for_all(self) -> ForAll:
        """Entering for everybody what is taken once for all."""
        return ForAll(self.database, self.procedure, self.steps)

    @property
    def departures(self) -> Departures:
        """Cases that go to other cities."""
        return Departures(self.database, self.procedure, self.steps)

    @property
    def arrivals(self) -> Arrivals:
        """Whoever comes from other cities."""
        return Arrivals(self.database, self.procedure)

    @property
    def archive(self) -> Archive:
        """A case packed for the archive."""
        return Archive(self.database, self.papers, self.papers.printing.largest)

    @property
    def hotlines(self) -> Hotlines:
        """The numbers on notices."""
        return Hotlines(self.database)

    @property
    def to_peers(self) -> PeerOutbox:
        """What waits for other installations."""
        return PeerOutbox(self.database)

    @property
    def templates(self) -> OwnTemplates:
        """Word templates of an organisation's own."""
        return OwnTemplates(self.database)

    @property
    def weeks(self) -> Weeks:
        """How a branch stands, told once a week."""
        return Weeks(self.database, self.procedure)

    @property
    def glances(self) -> Glances:
        """A case or a branch in one picture."""
        return Glances(self.database, self.procedure, self.papers.printing.fonts)

    @property
    def report_papers(self) -> ReportPapers:
        """What is printed of a report."""
        return ReportPapers(self.database, self.procedure)

    @property
    def figures(self) -> Figures:
        """What cases come to."""
        return Figures(self.database, self.procedure, self.papers.printing.fonts)

    @property
    def totals(self) -> YearTotals:
        """What goes up of a finished year, and what came from below."""
        return YearTotals(self.database, self.procedure, self.papers.printing.fonts)

    @property
    def duties(self) -> Duties:
        """What organisations do once a year."""
        return Duties(self.database, self.procedure)

    @property
    def assigned(self) -> AssignedSituations:
        """The time in which assigned situations are dealt with."""
        return AssignedSituations(self.database, self.procedure, self.breaches.catalogue)


def services_of(data: Mapping[str, Any]) -> Services:
    """Return the services that stand beside an update. A form's session doesn't hold them, so that
    a screen stands on what it shows and not on everything the bot can do."""
    found: Services = data["services"]
    return found


def procedure_of(
    profile: str = "yakeshi", calendar: WorkCalendar | None = None, folder: Path | None = None
) -> Procedure:
    """Load the rules of a city, whose own files are in `folder`. Raises FileError."""
    find = partial(load, folder=folder)
    return Procedure(find(profile), find, calendar or WorkCalendar())


def from_peers(database: Database, procedure: Procedure, steps: Steps) -> Mapping[str, Handler]:
    """Return who handles what other installations send, by its kind."""
    return {
        MOVE: Arrivals(database, procedure).arrived,
        MOVE_ANSWER: Departures(database, procedure, steps).answered,
        TOTALS: YearTotals(database, procedure).take,
    }


def build_services(
    database: Database,
    procedure: Procedure,
    tells: bool = True,
    exchange: Exchange | None = None,
    catalogue: Catalogue | None = None,
    retention: timedelta = RETENTION,
    printing: Printing = AS_USUAL,
    taking: Taking = as_it_comes,
) -> Services:
    """Build the services. `tells`: acts tell people; `retention`: of reports; `taking`: commits."""
    steps = Steps(database, procedure, kept := CaseCache(), tells, taken_in=settle_arrival)
    return Services(
        database=database,
        procedure=procedure,
        people=(people := People(database, enqueue)),
        newcomers=Newcomers(database),
        posts=Posts(database, hand_over_reports, enqueue),
        cases=Cases(database, procedure, kept),
        steps=steps,
        classes=Classes(database, procedure, steps),
        inbox=Inbox(database, taking),
        outgoing=Outbox(database, procedure.calendar, partial(tell_above, procedure)),
        gaps=Gaps(database, procedure.calendar),
        reminders=Reminders(database, procedure),
        reports=Reports(database, procedure, exchange, retention),
        report_clock=ReportClock(database, procedure, exchange),
        preferences=Preferences(database, procedure),
        breaches=Breaches(database, procedure, catalogue or Catalogue()),
        inspections=Inspections(database, procedure),
        plans=Plans(database, procedure),
        quotas=Quotas(database, procedure),
        guidances=Guidances(database, procedure),
        responsible=Responsible(database),
        meetings=Meetings(database, procedure, steps),
        todo=Todo(database, procedure),
        papers=Papers(database, procedure, exchange, printing),
        sheets=Sheets(database, procedure, people, SheetActs(database, procedure)),
        from_peers=PeerInbox(database, from_peers(database, procedure, steps)),
    )
