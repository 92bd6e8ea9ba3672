"""A time limit, of a step or of one of its dates."""

from dataclasses import dataclass

from domain.rulebook.kinds import LimitKind, Strength, Text, Unit


@dataclass(frozen=True)
class Limit:
    """A time limit of a step: from which day, how long, how binding, when to remind."""

    id: str
    """Names the rule everywhere; a test names it too."""
    kind: LimitKind
    """`within`: at the latest. `not_before`: at the earliest. `every`: again and again."""
    of: str
    """The day it counts from. `"15"`: the day step 15 was done; `"8a.first_day"`: a date field of
    it; `"21c.call"`: the day of the entry that called for 21c; `"21c.call.help_until"`: a date
    field of that entry; `"6a.previous"`: the last time before that a repeating step was taken. Of
    several, separated by `|`, the first that exists."""
    value: int
    """How many; less than nothing for a time before that day."""
    unit: Unit
    """Of what."""
    strength: Strength
    """How binding it is: `legal` of the nation, `local` of a city, `advised` of neither."""
    source: str
    """Where it stands."""
    text: Text
    """What it says, as people read it."""
    ladder: tuple[int, ...] = ()
    """Days on which to remind, relative to the due day: 30 is before it, -1 after it."""
    extended_by: str = ""
    """Adds the months of every entry of this number field, or of several, separated by `|`."""
    minus_days: int = 0
    """Goes back so many calendar days from there."""
    plus_days: int = 0
    """Goes on so many calendar days from there."""
    rolls_over: bool = False
    """Where the target month has no such day: the first of the next one."""
    if_held: str = ""
    """Runs only while the step is held up by this option of its own."""
    unless_held: str = ""
    """Runs only while the step isn't held up by this option of its own."""
    setting: str = ""
    """The open point that may change it."""
    when: str = ""
    """Runs only once this step was entered."""
    refuses: bool | None = None
    """`true`: what breaks it is never taken, whichever text was in force: an order of days that
    can't be otherwise. `false`: always taken, and noted. Left out: too early is refused where it
    binds, too late is noted."""

    @property
    def blocks(self) -> bool:
        """Whether nothing may be entered before its day."""
        binds = self.strength is not Strength.ADVISED
        return self.kind is LimitKind.NOT_BEFORE and (
            binds if self.refuses is None else self.refuses
        )

    @property
    def more_days(self) -> int:
        """Calendar days added to the period; less than nothing where it ends sooner."""
        return self.plus_days - self.minus_days
