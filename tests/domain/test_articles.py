"""Each article that a rule cites speaks of what the rule says (docs/articles.toml)."""

from collections.abc import Iterator

import pytest

from docs.articles import Article, articles, cited
from domain.rulebook.listing.rules import Rule, rules_of
from domain.rulebook.reading.reader import load

NATION, CITY = load("national_2026"), load("yakeshi")
ARTICLES = articles()


def citing() -> Iterator[tuple[Rule, int]]:
    for book in (NATION, CITY):
        for rule in rules_of(book):
            for number in cited(rule.source):
                yield rule, number


def speaks_of(article: Article, rule: Rule) -> bool:
    title = CITY.step(rule.step).title.zh if rule.step else ""
    return any(word in rule.text.zh + title for word in article.words)


def test_the_table_has_the_44_articles_in_their_order() -> None:
    assert list(ARTICLES) == list(range(1, 45))
    assert all(item.subject.zh and item.subject.en for item in ARTICLES.values())


def test_every_cited_article_has_the_subject_of_its_rule() -> None:
    found = [*citing()]
    wrong = [(rule.id, n) for rule, n in found if not speaks_of(ARTICLES[n], rule)]
    assert wrong == []
    assert len(found) > 100


@pytest.mark.parametrize(
    ("rule", "articles_of"),
    [("every_half_year", (11,)), ("time_counts_on", (12, 35)), ("step_moved", (12, 35))],
)
def test_what_was_cited_wrongly_is_told_by_its_subject(
    rule: str, articles_of: tuple[int, ...]
) -> None:
    """These were said to stand in article 13, which speaks of something else."""
    found = next(item for item in rules_of(NATION) if item.id == rule)
    assert cited(found.source) == articles_of
    assert not speaks_of(ARTICLES[13], found)


def test_nothing_cites_an_article_that_is_known_by_its_chapter_alone() -> None:
    numbers = {number for _, number in citing()}
    assert {ARTICLES[number].known for number in numbers} == {"cited"}
