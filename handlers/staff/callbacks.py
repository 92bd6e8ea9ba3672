"""What a button carries: ids only, 64 bytes at most. Old buttons stay pressable, so no state."""

from aiogram.filters.callback_data import CallbackData

from domain.rulebook.kinds import Body
from handlers.staff.places import Place as Place
from handlers.staff.places import View as View


class Go(CallbackData, prefix="g"):
    place: Place


class Todo(CallbackData, prefix="t"):
    """A page of what waits for me, counted from 0."""

    page: int


class Cases(CallbackData, prefix="l"):
    page: int
    text: str = ""


class Card(CallbackData, prefix="c"):
    case: str
    view: View = View.SHORT


class Guide(CallbackData, prefix="k"):
    case: str
    step: str


class Fill(CallbackData, prefix="f"):
    case: str
    step: str


class Drop(CallbackData, prefix="d"):
    """Throw a draft away."""

    case: str
    step: str


class Entries(CallbackData, prefix="e"):
    """The entries of a case, to choose one to correct."""

    case: str


class Check(CallbackData, prefix="ck"):
    """All dates of a case, looked at."""

    case: str


class Breaches(CallbackData, prefix="br"):
    page: int = 0


class Breach(CallbackData, prefix="b1"):
    breach: str


class Assign(CallbackData, prefix="b2"):
    """A breach is this situation of the catalogue; `place` is its place there."""

    breach: str
    place: int


class NoteReport(CallbackData, prefix="rn"):
    """What was found out while a report was checked."""

    report: str


class Fix(CallbackData, prefix="x"):
    entry: str


class ToSign(CallbackData, prefix="v"):
    """An entry to read before signing; without `entry` the first that waits for me."""

    case: str
    entry: str = ""


class Sign(CallbackData, prefix="s"):
    entry: str


class OnPaper(CallbackData, prefix="sp"):
    """Who can't be asked has signed an entry on paper."""

    entry: str


class Proof(CallbackData, prefix="a"):
    attachment: str


class Report(CallbackData, prefix="r"):
    report: str


class OpenReport(CallbackData, prefix="o"):
    """Show what it says, for a few minutes."""

    report: str


class Instruct(CallbackData, prefix="w"):
    """Name who checks it; without `organiser` ask whom."""

    report: str
    organiser: str = ""


class DecideReport(CallbackData, prefix="q"):
    report: str


class Anytime(CallbackData, prefix="an"):
    """What may be entered of a case whenever it happens."""

    case: str


class Resume(CallbackData, prefix="u"):
    """A case that was put off goes on."""

    case: str


class RandomCheck(CallbackData, prefix="rc"):
    """A random check."""

    check: str


class DrawCheck(CallbackData, prefix="cd"):
    """Draw so many branches of each committee."""

    each: int


class DrawAgain(CallbackData, prefix="ca"):
    """The same draw once more, to see that it gives the same."""

    check: str


class CheckBranch(CallbackData, prefix="cb"):
    """A branch of a check."""

    item: str


class EnterCheck(CallbackData, prefix="ce"):
    """What was found there."""

    item: str


class Circulate(CallbackData, prefix="cc"):
    """Tell the branches what is wanting."""

    check: str


class AnswerCheck(CallbackData, prefix="cw"):
    """What the branch put right."""

    item: str


class Speak(CallbackData, prefix="n"):
    language: str


class Morning(CallbackData, prefix="j"):
    """When the day's reminders come: minutes after midnight."""

    minutes: int


class Quiet(CallbackData, prefix="y"):
    """When nothing is said: minutes after midnight; twice 0 means never."""

    start: int
    end: int


class Later(CallbackData, prefix="zl"):
    """Say nothing of a step for some days; without `days` ask for how many."""

    case: str
    step: str
    days: int = 0


class Plan(CallbackData, prefix="py"):
    """The plan of a year."""

    year: int


class Propose(CallbackData, prefix="pp"):
    year: int


class CheckNames(CallbackData, prefix="pk"):
    """The first check, one name after the other; without `item` the first that waits."""

    year: int
    item: str = ""


class PassName(CallbackData, prefix="po"):
    item: str


class ReturnName(CallbackData, prefix="pr"):
    item: str


class Charge(CallbackData, prefix="pq"):
    """Which organiser looks after this committee."""

    organisation: str


class GiveTo(CallbackData, prefix="pg"):
    organisation: str
    organiser: str


class PlanPicture(CallbackData, prefix="pi"):
    year: int


class Convene(CallbackData, prefix="mc"):
    """Choose who is on the agenda of a body's meeting."""

    body: Body
    organisation: str


class Meeting(CallbackData, prefix="mt"):
    meeting: str


class OpenMeeting(CallbackData, prefix="mo"):
    """Count who is there, go through what comes before the vote."""

    meeting: str


class Adjourn(CallbackData, prefix="ma"):
    """The rest of the agenda comes before another meeting."""

    meeting: str
    sure: bool = False


class VoteOn(CallbackData, prefix="mv"):
    item: str


class CancelMeeting(CallbackData, prefix="mx"):
    """`sure`: asked once before."""

    meeting: str
    sure: bool = False
