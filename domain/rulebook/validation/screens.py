"""What may stand on one screen, and which answers may stand there already."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from domain.files.toml import Finding
from domain.rulebook.kinds import FieldType
from domain.rulebook.schema import Effect, Field, Rulebook, Step

ONE_BY_ONE = (FieldType.PERSON, FieldType.PERSONS, FieldType.ORGANISATION)
"""A list of names takes a screen of its own."""
LONGEST_PRESS = 44
"""Characters of a question's id and an answer's, which a button carries together."""
TICKED = (FieldType.CHOICES, FieldType.CHECKLIST)
OPTION, COUNT = "is:", "count:"
TODAY, LAST, MEMBERS, HOTLINE = "today", "last", "members", "hotline"
OWN = (*ONE_BY_ONE, FieldType.PROOF)
"""What is answered for one case only."""


def screens(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    yield from _parts(key, step)
    yield from _concluded_first(key, step)
    for field in step.fields:
        here = f"{key}.fields[{field.id}]"
        if field.together:
            yield from _together(here, field)
        if field.recorded and field.type is not FieldType.PROOF:
            yield f"{here}.recorded", "is for a proof"
        if field.button and not _says_which(field):
            yield f"{here}.button", "is for a number or a yes-or-no question, with one {} in it"
        if field.likely and (field.type is not FieldType.NUMBER or field.count):
            yield f"{here}.likely", "is for a number, and none of a ballot"
        if field.usual and not _is_usual(field):
            yield (
                f"{here}.usual",
                "is an option of a choice on a screen with others, and moves no case",
            )
        if field.offers and field.type is not FieldType.TEXT:
            yield f"{here}.offers", "is for a text"
        if field.known and not _follows(field, step):
            yield from _known(here, field, book)


def _parts(key: str, step: Step) -> Iterator[Finding]:
    counted: Counter[str] = Counter()
    for field in step.fields:
        if not field.part:
            continue
        here = f"{key}.fields[{field.id}].part"
        counted[field.together] += 1
        if field.type is not FieldType.TEXT or not field.together:
            yield here, "is for a text on a screen with others"
        elif field.part != counted[field.together]:
            yield here, f"parts are counted from 1 in their order: here {counted[field.together]}"


def _concluded_first(key: str, step: Step) -> Iterator[Finding]:
    """Conclusions that would be asked before the numbers of their ballot, or beside them: a screen
    stands where its first question does, and a profile may put the numbers behind that."""
    at: dict[str, int] = {}
    for place, field in enumerate(step.fields):
        at.setdefault(field.together or f" {field.id}", place)
    place_of = {field.id: at[field.together or f" {field.id}"] for field in step.fields}
    counted = max((place_of[field.id] for field in step.fields if field.count), default=-1)
    for field in step.fields:
        if _follows_ballot(field) and place_of[field.id] <= counted:
            reason = "its screen stands before the numbers of the ballot, or is theirs"
            yield f"{key}.fields[{field.id}].together", reason


def _follows_ballot(field: Field) -> bool:
    """Whether an answer waits for the verdict of a ballot, or moves the case."""
    return field.concludes or any(option.effect is not Effect.DONE for option in field.options)


def _is_usual(field: Field) -> bool:
    """Whether it may be given along with another answer: what moves the case is pressed itself."""
    meant = [option for option in field.options if option.id == field.usual]
    given = field.together and field.type is FieldType.CHOICE and not field.concludes
    return bool(given and meant and meant[0].effect is Effect.DONE)


def _says_which(field: Field) -> bool:
    said = field.button
    asked = field.type in (FieldType.NUMBER, FieldType.FLAG) and not field.count
    return asked and said is not None and said.zh.count("{}") == said.en.count("{}") == 1


def _together(here: str, field: Field) -> Iterator[Finding]:
    if field.type in ONE_BY_ONE:
        yield f"{here}.together", "a list of names takes a screen of its own"
    longest = max((len(option.id) for option in field.options), default=0)
    if len(field.id) + longest > LONGEST_PRESS:
        yield f"{here}.together", f"its id and an option's have {LONGEST_PRESS} characters at most"


def _known(here: str, field: Field, book: Rulebook) -> Iterator[Finding]:
    # Who is there and how they vote is counted anew each time.
    if field.count and field.count != "entitled":
        yield f"{here}.known", "of a ballot, only who is entitled can be known before"
    for known in field.known_from:
        fits = next((fits for begin, fits in FITS.items() if known.startswith(begin)), _elsewhere)
        if not fits(known, field, book):
            yield f"{here}.known", f"names nothing that answers this question: {known}"


def _follows(field: Field, step: Step) -> bool:
    """Whether it is ticked along with a list before it."""
    above = step.fields[: step.fields.index(field)]
    return field.type in TICKED and any(
        one.id == field.known and one.type in TICKED for one in above
    )


def _elsewhere(known: str, field: Field, book: Rulebook) -> bool:
    step, _, name = known.partition(".")
    fields = book.by_id[step].fields if step in book.by_id else ()
    return any(one.id == name and one.type is field.type for one in fields)


def _option(known: str, field: Field, book: Rulebook) -> bool:
    offered = {"true", "false"} if field.type is FieldType.FLAG else field.option_ids
    return known.removeprefix(OPTION) in offered


def _counted(known: str, field: Field, book: Rulebook) -> bool:
    return field.type is FieldType.NUMBER and known.removeprefix(COUNT) in book.by_id


FITS: Mapping[str, Callable[[str, Field, Rulebook], bool]] = {
    TODAY: lambda _, field, __: field.type is FieldType.DATE and not field.future,
    LAST: lambda _, field, __: field.type not in OWN,
    MEMBERS: lambda _, field, __: field.type is FieldType.NUMBER,
    HOTLINE: lambda _, field, __: field.type is FieldType.TEXT,
    OPTION: _option,
    COUNT: _counted,
}
"""By what `known` begins with; anything else names a question of another step."""
