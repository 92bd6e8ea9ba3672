"""What goes up, attacked: from every message of every level, and every correction, somebody reckons
which groups have one to four people. The attacker narrows down what each unknown number may be
until nothing moves any more, and knows which city keeps what back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from domain.figures.suppression import FEWEST, Readers
from domain.figures.totals import Groups, Told, Totals, corrected, fits, grouped, summed, told
from tests.cases.cases import CITY
from tests.chance import examples
from tests.figures.test_suppression import BRANCHES, READERS, TREE, seen_by_two
from tests.figures.test_suppression import summed as by_place

YEAR = 2026
STEM = "made.probation"
SEXES = ("female", "male", "unknown")
WANTING, CRITICISED, HELPED = "figure.wanting", "figure.criticised", "figure.helped"
few = st.integers(min_value=0, max_value=7)


@st.composite
def people(draw: st.DrawFn, most: int = 7) -> dict[str, int]:
    """What a branch counts: those admitted by sex, and what visits led to."""
    number = st.integers(min_value=0, max_value=most)
    sexes = {sex: draw(number) for sex in SEXES}
    sexes["unknown"] = sexes["unknown"] if draw(st.booleans()) else 0
    criticised, helped, neither = draw(number), draw(number), draw(number)
    cells = {STEM: sum(sexes.values()), f"{STEM}.month.3": sum(sexes.values())}
    cells |= {f"{STEM}.sex.{sex}": n for sex, n in sexes.items()}
    cells |= {CRITICISED: criticised, HELPED: helped, WANTING: criticised + helped + neither}
    return {cell: n for cell, n in cells.items() if n}


def city(branches: Mapping[str, Mapping[str, int]]) -> Groups:
    return grouped(CITY, by_place({b: dict(cells) for b, cells in branches.items()}))


def one_branch(**cells: int) -> Groups:
    """A city in which every reader of its own figures sees everybody."""
    named = {STEM: sum(cells.values())} | {f"{STEM}.sex.{sex}": n for sex, n in cells.items()}
    return grouped(CITY, {"top": {**named, f"{STEM}.month.3": sum(cells.values())}})


ALONE = Readers("top", {"top": ("top",)})
NOBODY_BELOW = st.dictionaries(st.sampled_from(["female", "male"]), st.integers(0, 12), min_size=1)


@dataclass
class Attacker:
    """Knows sums of unknown numbers. `least`, `most`: what each of them may be."""

    least: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    most: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 10_000))
    sums: list[tuple[dict[str, int], int]] = field(default_factory=list)

    def learns(self, terms: Mapping[str, int], number: int = 0) -> None:
        self.sums.append((dict(terms), number))

    def reckons(self) -> dict[str, int]:
        """What is certain in the end."""
        moved = True
        while moved:
            moved = False
            for terms, number in self.sums:
                for name in terms:
                    moved |= self._narrow(terms, number, name)
        names = {name for terms, _ in self.sums for name in terms}
        return {n: self.least[n] for n in names if self.least[n] == self.most[n]}

    def _narrow(self, terms: Mapping[str, int], number: int, name: str) -> bool:
        low, high = number, number
        for other, sign in terms.items():
            if other != name:
                ends = sign * self.least[other], sign * self.most[other]
                low, high = low - max(ends), high - min(ends)
        low, high = (low, high) if terms[name] > 0 else (-high, -low)
        before = self.least[name], self.most[name]
        self.least[name] = max(self.least[name], low)
        self.most[name] = min(self.most[name], high)
        assert self.least[name] <= self.most[name], "what was told contradicts itself"
        return before != (self.least[name], self.most[name])


def unions(of: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """All that a group of some sexes is called, and of which it is the sum."""
    for size in range(1, len(SEXES) + 1):
        for some in combinations(SEXES, size):
            yield f"{of}:{'+'.join(some)}", tuple(f"{of}:{sex}" for sex in some)


def knows_of_a_version(attacker: Attacker, of: str, totals: Totals) -> None:
    for name, parts in unions(of):
        if len(parts) > 1:
            attacker.learns({name: 1} | dict.fromkeys(parts, -1))
    whole = f"{of}:{'+'.join(SEXES)}"
    shown = [(STEM, whole), *((f"{STEM}.sex.{sex}", f"{of}:{sex}") for sex in SEXES)]
    for cell, name in shown:
        if not totals.kept_in(cell):
            attacker.learns({name: 1}, totals.numbers.get(cell, 0))
    for cell in (WANTING, CRITICISED, HELPED):
        if not totals.kept_in(cell):
            attacker.learns({f"{of}:{cell}": 1}, totals.numbers.get(cell, 0))
    # Whoever was criticised or helped was found wanting, and there may be others.
    for name, cells in (("c", (CRITICISED,)), ("h", (HELPED,)), ("ch", (CRITICISED, HELPED))):
        attacker.learns(
            {f"{of}:{WANTING}": 1, f"{of}:rest-{name}": -1} | {f"{of}:{cell}": -1 for cell in cells}
        )


def knows_of_two_versions(attacker: Attacker, one: str, other: str, more: bool) -> None:
    """What lies between: people who came, or people who went, and not both."""
    first, second = (other, one) if more else (one, other)
    names = [name for name, _ in unions("")] + [f":{c}" for c in (WANTING, CRITICISED, HELPED)]
    for name in names:
        attacker.learns({f"{first}{name}": 1, f"{second}{name}": -1, f"{one}>{other}{name}": -1})


def small(known: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in known.items() if 0 < number < FEWEST}


def versions(first: Groups, later: Iterable[Groups]) -> list[Told]:
    """What a city tells one time after the other, as far as it may."""
    sent = [Told(told(CITY, ALONE, first, YEAR, 0), first)]
    for groups in later:
        if (totals := corrected(CITY, ALONE, sent, groups)) is not None:
            sent.append(Told(totals, groups))
    return sent


sexes = st.fixed_dictionaries({sex: st.integers(0, 12) for sex in SEXES})


@st.composite
def visits(draw: st.DrawFn) -> dict[str, int]:
    criticised, helped, neither = (draw(st.integers(0, 12)) for _ in range(3))
    return {CRITICISED: criticised, HELPED: helped, WANTING: criticised + helped + neither}


def counted(by_sex: Mapping[str, int], visited: Mapping[str, int]) -> Groups:
    found = one_branch(**by_sex)
    return {**found, **{cell: {"top": n} for cell, n in visited.items() if n}}


@st.composite
def later(draw: st.DrawFn, by_sex: dict[str, int], visited: dict[str, int], more: bool) -> Groups:
    """Another state of the same year: everybody who came late, or was taken off."""
    sign = 1 if more else -1
    steps = st.sampled_from((0, 0, 1, 2, 4, 5, 6, 9))
    sexes_ = {sex: max(0, n + sign * draw(steps)) for sex, n in by_sex.items()}
    moved = {c: max(0, visited[c] + sign * draw(steps)) for c in (CRITICISED, HELPED)}
    neither = visited[WANTING] - visited[CRITICISED] - visited[HELPED]
    rest = max(0, neither + sign * draw(steps))
    return counted(sexes_, {**moved, WANTING: sum(moved.values()) + rest})


@examples(150, 1500)
@given(data=st.data())
def test_no_small_group_follows_from_a_year_and_its_corrections(data: st.DataObject) -> None:
    by_sex, visited = data.draw(sexes), data.draw(visits())
    more = data.draw(st.booleans())
    changed = [data.draw(later(by_sex, visited, more)) for _ in range(2)]
    sent = versions(counted(by_sex, visited), changed[:1])
    attacker = Attacker()
    for number, one in enumerate(sent):
        assert fits(one.totals)
        knows_of_a_version(attacker, f"v{number}", one.totals)
    if len(sent) == 2:
        knows_of_two_versions(attacker, "v0", "v1", more)
    assert not small(attacker.reckons())


@examples(60, 600)
@given(data=st.data())
def test_no_small_group_follows_from_what_all_levels_tell(data: st.DataObject) -> None:
    """Three cities below a prefecture that has cases of its own, below a province; one city comes
    late, others tell a second time."""
    attacker, latest = Attacker(), dict[str, Told]()
    cities = ("a", "b", "c", "own")
    late = data.draw(st.sampled_from(cities))
    forwarded = []
    for turn in range(3):
        for name in cities:
            if turn == 0 and name == late:
                continue
            by_sex, visited = data.draw(sexes), data.draw(visits())
            groups = counted(by_sex, visited)
            if name not in latest:
                latest[name] = Told(told(CITY, ALONE, groups, YEAR, 0), groups)
                knows_of_a_version(attacker, f"{name}0", latest[name].totals)
            elif totals := corrected(CITY, ALONE, [latest[name]], groups):
                latest[name] = Told(totals, groups)
                knows_of_a_version(attacker, f"{name}{turn}", totals)
        totals = [one.totals for one in latest.values()]
        forwarded.append(summed(totals, YEAR, missing=len(cities) - len(totals)))
    assert not small(attacker.reckons())
    for one in forwarded:
        # A sum of what was told, so that it tells nothing else: as an equation it adds nothing.
        assert fits(one)
        assert one.units + one.missing == len(cities)
    known = attacker.reckons()
    newest = forwarded[-1]
    for cell, number in newest.numbers.items():
        assert number == sum(one.totals.numbers.get(cell, 0) for one in latest.values())
        assert newest.kept_in(cell) == sum(one.totals.kept_in(cell) for one in latest.values())
    assert not small(known)


def test_the_attacker_finds_what_a_true_sum_would_tell() -> None:
    """Planted: a level that forwards all it knows gives the city away that kept three back."""
    attacker = Attacker()
    for name, number in (("a", 20), ("b", 9)):
        attacker.learns({name: 1}, number)
    attacker.learns({"a": 1, "b": 1, "c": 1}, 20 + 9 + 3)
    assert small(attacker.reckons()) == {"c": 3}


def test_the_attacker_finds_what_a_correction_of_three_would_tell() -> None:
    attacker = Attacker()
    first, second = (told(CITY, ALONE, one_branch(female=n), YEAR, 0) for n in (20, 23))
    knows_of_a_version(attacker, "v0", first)
    knows_of_a_version(attacker, "v1", second)
    knows_of_two_versions(attacker, "v0", "v1", more=True)
    assert "v0>v1:female" in small(attacker.reckons())
    sent = [Told(first, one_branch(female=20))]
    assert corrected(CITY, ALONE, sent, one_branch(female=23)) is None


@examples(40, 400)
@given(data=st.data())
def test_two_of_a_city_who_know_their_own_branches_reckon_nothing_either(
    data: st.DataObject,
) -> None:
    groups = city({branch: data.draw(people()) for branch in BRANCHES})
    totals = told(CITY, READERS, groups, YEAR, 0)
    shown = [c for c in (STEM, WANTING, *(f"{STEM}.sex.{s}" for s in SEXES)) if not
             totals.kept_in(c)]  # fmt: skip
    sums = {place: {c: groups.get(c, {}).get(place, 0) for c in shown} for place in TREE}
    for seen in seen_by_two(sums):
        for cell in shown:
            left = sums["top"][cell] - sum(cells.get(cell, 0) for cells in seen.values())
            assert not 0 < left < FEWEST, (cell, seen)


@examples(60, 600)
@given(data=st.data())
def test_nor_do_they_from_a_correction(data: st.DataObject) -> None:
    """What they see of their own branches they see before and after."""
    moves = st.sampled_from((0, 0, 0, 2, 3, 6))
    before = {b: {sex: data.draw(st.integers(5, 9)) for sex in SEXES} for b in BRANCHES}
    after = {b: {sex: n + data.draw(moves) for sex, n in one.items()} for b, one in before.items()}
    first, second = (
        city({b: {STEM: sum(one.values())} | {f"{STEM}.sex.{s}": n for s, n in one.items()}
              for b, one in year.items()})
        for year in (before, after)
    )  # fmt: skip
    totals = corrected(CITY, READERS, [Told(told(CITY, READERS, first, YEAR, 0), first)], second)
    if totals is None:
        return
    shown = [c for c in (STEM, *(f"{STEM}.sex.{s}" for s in SEXES)) if not totals.kept_in(c)]
    assert shown
    moved = {
        place: {c: second[c].get(place, 0) - first[c].get(place, 0) for c in shown}
        for place in TREE
    }
    for seen in seen_by_two(moved):
        for cell in shown:
            left = moved["top"][cell] - sum(cells[cell] for cells in seen.values())
            assert not 0 < abs(left) < FEWEST, (cell, seen)


def test_men_who_are_two_are_kept_back_and_the_sum_above_says_in_how_many_cities() -> None:
    first = told(CITY, ALONE, one_branch(female=20, male=2), YEAR, reports=7)
    second = told(CITY, ALONE, one_branch(female=18, male=12), YEAR, reports=4)
    assert first.numbers[STEM] == 22
    assert first.kept_in(f"{STEM}.sex.male") == first.kept_in(f"{STEM}.sex.female") == 1
    above = summed([first, second], YEAR, missing=1)
    assert (above.units, above.missing) == (2, 1)
    assert above.numbers[STEM] == 52
    assert above.numbers[f"{STEM}.sex.male"] == 12
    assert above.kept_in(f"{STEM}.sex.male") == 1
    assert (above.reports, above.few_reports) == (7, 1)


def test_parts_of_what_is_kept_back_are_kept_back_with_it() -> None:
    three = told(CITY, ALONE, one_branch(female=3), YEAR, 0)
    assert three.numbers == {}
    assert three.kept == {STEM: 1}
    assert three.kept_in(f"{STEM}.sex.female") == three.kept_in(f"{STEM}.month.3") == 1


def test_parts_that_dont_make_up_their_whole_are_kept_back() -> None:
    groups = {**one_branch(female=20), f"{STEM}.sex.female": {"top": 18}}
    totals = told(CITY, ALONE, groups, YEAR, 0)
    assert totals.numbers[STEM] == 20
    assert totals.kept_in(f"{STEM}.sex.female") == 1


def test_of_a_decision_what_is_left_is_kept_back() -> None:
    # 40 were appraised before full membership, 37 became full members: three didn't.
    cells = {"made.full_membership": 37, "appraisal.full_membership.held": 40}
    groups: Groups = {cell: {"top": n} for cell, n in cells.items()}
    totals = told(CITY, ALONE, groups, YEAR, 0)
    assert totals.kept_in("appraisal.full_membership.held") == 1
    assert not totals.kept_in("made.full_membership")


def test_three_who_come_late_wait_and_five_are_told() -> None:
    first = one_branch(female=20, male=8)
    sent = [Told(told(CITY, ALONE, first, YEAR, 5), first)]
    assert corrected(CITY, ALONE, sent, one_branch(female=23, male=8)) is None
    # Five by sex as three and two would tell of both.
    assert corrected(CITY, ALONE, sent, one_branch(female=23, male=10)) is None
    five = corrected(CITY, ALONE, sent, one_branch(female=25, male=8))
    assert five is not None
    assert five.numbers[f"{STEM}.sex.female"] == 25
    assert five.reports == 5
    # Held against everything that was told, not only the newest.
    sent.append(Told(five, one_branch(female=25, male=8)))
    assert corrected(CITY, ALONE, sent, one_branch(female=31, male=8)) is not None
    assert corrected(CITY, ALONE, sent, one_branch(female=22, male=8)) is None


def test_what_was_kept_back_once_stays_so_and_what_was_nobody_may_come() -> None:
    first = one_branch(female=20, male=2)
    sent = [Told(told(CITY, ALONE, first, YEAR, 0), first)]
    later_ = corrected(CITY, ALONE, sent, one_branch(female=20, male=9))
    assert later_ is not None
    assert later_.numbers[STEM] == 29
    assert f"{STEM}.sex.male" not in later_.numbers
    empty = [Told(told(CITY, ALONE, {}, YEAR, 0), {})]
    grown = corrected(CITY, ALONE, empty, first)
    assert grown is not None
    assert grown.numbers == sent[0].totals.numbers


def test_a_message_that_holds_a_small_group_doesnt_fit() -> None:
    sound = Totals(YEAR, numbers={STEM: 22}, kept={WANTING: 1}, few_reports=1)
    assert fits(sound)
    for wrong in (
        replace(sound, numbers={STEM: 4}),
        replace(sound, numbers={STEM: -7}),
        replace(sound, kept={WANTING: 2}),
        replace(sound, reports=3),
        replace(sound, few_reports=2),
        replace(sound, missing=-1),
        replace(sound, numbers={"张三": 20}),
        replace(sound, numbers={f"made.{n}": 20 for n in range(3000)}),
    ):
        assert not fits(wrong)


def by_age(**parts: int) -> Groups:
    whole = sum(parts.values())
    cells = {STEM: whole} | {f"{STEM}.age.{part[1:]}": n for part, n in parts.items()}
    return grouped(CITY, {"top": cells})


def test_what_changed_among_those_kept_back_is_no_small_group_either() -> None:
    first = by_age(a25=20, a30=10, a35=2, a45=4)
    sent = [Told(told(CITY, ALONE, first, YEAR, 0), first)]
    assert sent[0].totals.kept_in(f"{STEM}.age.35") == sent[0].totals.kept_in(f"{STEM}.age.45") == 1
    assert sent[0].totals.numbers[f"{STEM}.age.25"] == 20
    # Eight more, five of them among the youngest: three are left to those kept back.
    assert corrected(CITY, ALONE, sent, by_age(a25=25, a30=10, a35=5, a45=4)) is None
    assert corrected(CITY, ALONE, sent, by_age(a25=25, a30=10, a35=7, a45=4)) is not None


def test_what_was_told_isnt_kept_back_later() -> None:
    first = one_branch(female=20, male=8)
    sent = [Told(told(CITY, ALONE, first, YEAR, 0), first)]
    assert corrected(CITY, ALONE, sent, one_branch(female=20, male=3)) is None


def test_three_who_were_criticised_later_wait() -> None:
    def visited(criticised: int) -> Groups:
        cells = {WANTING: 40, CRITICISED: criticised, HELPED: 5}
        return {cell: {"top": n} for cell, n in cells.items()}

    sent = [Told(told(CITY, ALONE, visited(20), YEAR, 0), visited(20))]
    assert sent[0].totals.numbers[CRITICISED] == 20
    assert corrected(CITY, ALONE, sent, visited(23)) is None
    assert corrected(CITY, ALONE, sent, visited(26)) is not None

    def wanting(criticised: int, whole: int) -> Groups:
        return {WANTING: {"top": whole}, CRITICISED: {"top": criticised}}

    before = wanting(20, 40)
    sent = [Told(told(CITY, ALONE, before, YEAR, 0), before)]
    # Nine more found wanting, six more criticised: three who weren't.
    assert corrected(CITY, ALONE, sent, wanting(26, 49)) is None
    assert corrected(CITY, ALONE, sent, wanting(26, 46)) is not None


def test_people_taken_from_one_part_to_another_wait() -> None:
    first = one_branch(female=20, male=20)
    sent = [Told(told(CITY, ALONE, first, YEAR, 0), first)]
    assert corrected(CITY, ALONE, sent, one_branch(female=26, male=14)) is None
