"""In what a case counts, by its entries alone, and where."""

from collections import Counter
from dataclasses import replace
from datetime import date

from domain.figures.counting import NOW, UNKNOWN, counted, parts_of
from domain.figures.placing import added, change, placed
from domain.rulebook.schema import Division, PeopleGroup, Text
from tests.cases.cases import CITY, WAY, before, enter, resolved
from tests.domain.books import CALENDAR

NOTHING = Text("", "")


def test_the_whole_way_is_counted_in_the_years_in_which_it_went() -> None:
    entry, case = WAY[-1]
    years = counted(CITY, case, CALENDAR)
    assert years[NOW]["stage.full_membership"] == 1
    taken = {e.step: e for e in case.entries}
    for stage, step in (("activist", "3"), ("candidate", "8"), ("probation", "17")):
        on = taken[step].done_on
        assert years[on.year][f"made.{stage}"] == 1
        assert years[on.year][f"made.{stage}.month.{on.month}"] == 1
        assert years[on.year][f"made.{stage}.sex.{taken['1'].answers['sex']}"] == 1
    born = taken["1"].answers["born_on"]
    assert isinstance(born, date)
    assert years[NOW][f"stage.full_membership.born.{born.year}"] == 1
    lost = taken["14a"]
    sums = years[lost.done_on.year]
    assert sums["appraisal.admission.held"] == 1
    assert sums["appraisal.admission.yes"] == lost.answers["yes"]
    assert years[taken["21a"].done_on.year]["visit.made"] == 1
    assert entry.step == "25"


def test_of_an_appraisal_with_the_three_numbers_that_are_asked_for_the_share_is_known() -> None:
    """The report tells how many of 100 were content; of slips only yes and no must be entered."""
    case, on = before("14a")
    numbers = {"due": 50, "present": 48, "yes": 46, "no": 2}
    step = CITY.step("14a")
    left_out = {f.id: None for f in step.counted if f.optional}
    answers = {**enter(case, "14a", on).entries[-1].answers, **numbers, **left_out}
    said = replace(case.entries[-1], step="14a", number=99, done_on=on, answers=answers)
    taken = replace(case, entries=(*case.entries, said))
    sums = counted(CITY, taken, CALENDAR)[on.year]
    assert (sums["appraisal.admission.yes"], sums["appraisal.admission.valid"]) == (46, 48)
    answers["valid"] = 47
    sums = counted(CITY, replace(case, entries=(*case.entries, replace(said, answers=answers))),
                   CALENDAR)[on.year]  # fmt: skip
    assert sums["appraisal.admission.valid"] == 47


def test_what_a_ballot_and_a_visit_led_to_is_counted_on_its_day() -> None:
    case, on = before("14a")
    lost = enter(case, "14a", on, lost=True, conclusion="back")
    sums = counted(CITY, lost, CALENDAR)
    assert sums[on.year]["figure.put_off"] == 1
    # The person goes on as an activist (G一).
    assert sums[NOW]["stage.activist"] == 1

    case, on = before("17a")
    struck = enter(case, "17a", on, lost=True, conclusion="struck_out", reason="票数不够。")
    sums = counted(CITY, struck, CALENDAR)
    assert sums[on.year]["ended.struck_out"] == 1
    # Neither admitted, nor anywhere any more.
    assert "made.probation" not in sums[on.year]
    assert NOW not in sums

    case, on = before("21a")
    measures = ("warning_talk", "extension")
    seen = enter(case, "21a", on, thinking="slipped", finding="slipped", measures=measures)
    sums = counted(CITY, seen, CALENDAR)[on.year]
    assert (sums["figure.wanting"], sums["figure.warned"], sums["figure.to_extend"]) == (1, 1, 1)

    case, on = resolved("extend")
    longer = enter(case, "24", on, conclusion="approve_extension", extension_months=6)
    sums = counted(CITY, longer, CALENDAR)
    assert sums[on.year]["figure.extended"] == 1
    assert sums[NOW]["stage.probation"] == 1


def test_an_approval_admits_nobody_before_the_third_ballot() -> None:
    case, _ = before("17a")
    assert not any("made.probation" in cells for cells in counted(CITY, case, CALENDAR).values())
    case, on = before("18")
    assert counted(CITY, case, CALENDAR)[on.year]["made.probation"] == 1


def test_who_was_admitted_elsewhere_was_counted_there() -> None:
    case, _ = before("2")
    moved = enter(
        case, "moved_in", date(2028, 10, 1), standing="probation",
        admitted_on=date(2028, 1, 31), approved_on=date(2028, 3, 1),
    )  # fmt: skip
    years = counted(CITY, moved, CALENDAR)
    assert years[NOW]["stage.probation"] == 1
    assert not any("made.probation" in cells for cells in years.values())


def test_a_division_parts_by_answer_by_word_by_yes_or_no_and_by_age() -> None:
    nation = Division("nation", NOTHING, "1.nation", (
        PeopleGroup("han", NOTHING, ("汉", "汉族")), PeopleGroup("minority", NOTHING),
    ))  # fmt: skip
    said = [parts_of(nation, answer, 2026)[0] for answer in ("汉族", " 汉 ", "鄂温克族", "", None)]
    assert said == ["han", "han", "minority", UNKNOWN, UNKNOWN]
    line = Division(
        "line", NOTHING, "1.line", (PeopleGroup("y", NOTHING, ("true",)), PeopleGroup("n", NOTHING))
    )
    assert (parts_of(line, True, 2026), parts_of(line, False, 2026)) == (("y",), ("n",))
    assert parts_of(Division("marks", NOTHING, "1.m"), ("rural", "veteran"), 2026) == (
        "rural", "veteran",
    )  # fmt: skip
    (age,) = [division for division in CITY.divisions if division.of_age]
    # At the end of the year, whatever the day of birth is.
    for born, part in ((1991, "35"), (1990, "45"), (2001, "25"), (1966, "60"), (1967, "59")):
        assert parts_of(age, date(born, 12, 31), 2026) == (part,)


def test_what_happened_stays_where_it_did_and_where_somebody_stands_goes_along() -> None:
    then = {2026: {"made.probation": 1, "made.probation.sex.female": 1, "figure.put_off": 1},
            NOW: {"stage.probation": 1}}  # fmt: skip
    first = placed({}, then, "a")
    assert first == {"a": then}
    # Moved to b; there put off once more, and the sex was corrected.
    later = {2026: {"made.probation": 1, "made.probation.sex.male": 1, "figure.put_off": 2},
             NOW: {"stage.probation": 1}}  # fmt: skip
    second = placed(first, later, "b")
    assert second["a"] == {
        2026: {"made.probation": 1, "made.probation.sex.male": 1, "figure.put_off": 1}
    }
    assert second["b"] == {2026: {"figure.put_off": 1}, NOW: {"stage.probation": 1}}
    moved = change(first, second, {"a": ("a", "top"), "b": ("b", "top")})
    assert moved["top", 2026] == {
        "made.probation.sex.female": -1, "made.probation.sex.male": 1, "figure.put_off": 1,
    }  # fmt: skip
    assert ("top", NOW) not in moved
    assert moved["a", NOW] == {"stage.probation": -1}
    assert added({"x": 1, "y": 2}, {"x": -1, "y": 1}) == {"y": 3}


def test_a_case_whose_signature_is_missing_counts_as_before_it() -> None:
    entry, case = next(pair for pair in WAY if CITY.step(pair[0].step).signed_by)
    unsigned = replace(case, entries=(*case.entries, replace(entry, signed=frozenset())))
    assert Counter(counted(CITY, unsigned, CALENDAR)) == Counter(counted(CITY, case, CALENDAR))
