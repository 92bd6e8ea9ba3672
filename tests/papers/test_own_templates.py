"""Templates of an organisation's own: what is taken, what is refused with which word, what is
printed with them."""

import json
import zipfile
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO

import pytest
from docx import Document

from papers.filling import fill, rows_of
from papers.forms import forms
from papers.office_templates import own_templates
from papers.office_templates.own_templates import LARGEST, REASONS, Unfit, fill_in, look
from papers.office_templates.template_worker import said_to
from papers.word import TEMPLATES, own
from services.papers.templates import replaceable
from tests.papers.matters import CITY, NASTY, matter
from tests.papers.test_word import said

TALK = forms()["talk_record"]


def word(*lines: str, head: str = "", title: str = "") -> bytes:
    """A template as somebody draws it in Word."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if head:
        document.sections[0].header.paragraphs[0].text = head
    if title:
        document.core_properties.title = title
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def packed(content: bytes, **parts: bytes) -> bytes:
    """The same file with other parts."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, inside in parts.items():
            target.writestr(name, inside, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def with_macros() -> bytes:
    kinds = b'<Types><Default ContentType="application/x.macroEnabled.main+xml"/></Types>'
    return packed(word("{{ person }}"), **{"[Content_Types].xml": kinds})


def with_link() -> bytes:
    rels = (b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="r1" Type="t" Target="http://example.org/a.dotm" '
            b'TargetMode="External"/></Relationships>')  # fmt: skip
    return packed(word("{{ person }}"), **{"word/_rels/settings.xml.rels": rels})


def under_a_password() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


WRONG: dict[str, tuple[Callable[[], bytes], str, tuple[str, ...]]] = {
    "unknown names": (lambda: word("{{ person }} {{ nobody }} {{ card }}"), "unknown",
                      ("nobody", "card")),
    "unknown column": (lambda: word("{{ person }}", "{% for item in rows.steps %}{{ item.salary }}"
                                    "{% endfor %}"), "unknown", ("item.salary",)),
    "a loop": (lambda: word("{% for i in range(10**9) %}{{ person }}{% endfor %}"), "loop", ()),
    "loops in loops": (lambda: word("{% for item in rows.steps %}{% for item in rows.steps %}"
                                    "{{ person }}{% endfor %}{% endfor %}"), "loop", ()),
    "a class": (lambda: word("{{ person.__class__ }}"), "program", ()),
    "a class of a row": (lambda: word("{% for item in rows.steps %}{{ item.__class__ }}"
                                      "{% endfor %}"), "program", ()),
    "a call": (lambda: word("{{ person }}{{ cycler() }}"), "program", ()),
    "a filter": (lambda: word("{{ person|upper }}"), "program", ()),
    "a sum": (lambda: word("{{ 7*7 }}"), "program", ()),
    "a macro of jinja": (lambda: word("{% macro x() %}{{ person }}{% endmacro %}"), "program", ()),
    "an include": (lambda: word("{% include '/etc/passwd' %}"), "program", ()),
    "a variable": (lambda: word("{% set x = person %}{{ person }}"), "program", ()),
    "left open": (lambda: word("{% if person %}{{ person }}"), "program", ()),
    "in the head": (lambda: word("{{ person }}", head="{{ person.__init__ }}"), "program", ()),
    "in the properties": (lambda: word("{{ person }}", title="{{ lipsum() }}"), "program", ()),
    "no field": (lambda: word("谈话记录"), "nothing", ()),
    "macros": (with_macros, "macros", ()),
    "a program of Word": (lambda: packed(word("{{ person }}"), **{"word/vbaProject.bin": b"x"}),
                          "macros", ()),
    "an object": (lambda: packed(word("{{ person }}"), **{"word/embeddings/o.bin": b"x"}),
                  "objects", ()),
    "fetches another": (with_link, "links", ()),
    "a password": (under_a_password, "encrypted", ()),
    "a picture": (lambda: b"\x89PNG\r\n" + bytes(900), "not_word", ()),
    "a sheet": (lambda: packed(word("x"), **{"word/document.xml": b""}), "broken", ()),
    "a bomb": (lambda: packed(word("{{ person }}"), **{"word/big.xml": bytes(101 * 1024 * 1024)}),
               "bomb", ()),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_is_refused_with_its_own_word(what: str) -> None:
    """Looked at in this process: starting one for each takes longer than looking."""
    make, reason, names = WRONG[what]
    content = b64encode(make()).decode()
    question = {"form": TALK.id, "fields": list(TALK.fields), "content": content}
    with pytest.raises(Unfit) as caught:
        own_templates.read(json.dumps(said_to(question)).encode())
    assert caught.value.reason == reason, caught.value.names
    assert set(names) <= set(caught.value.names)


@pytest.mark.own_process
async def test_a_process_of_its_own_refuses_likewise_and_what_is_too_large_never_gets_there() -> (
    None
):
    for what in ("a class", "a password"):
        make, reason, _ = WRONG[what]
        with pytest.raises(Unfit, match=reason):
            await look(TALK, make())
    with pytest.raises(Unfit, match="too_big"):
        await look(TALK, bytes(LARGEST + 1))


@pytest.mark.own_process
async def test_a_template_that_fits_says_what_it_asks_for_and_is_filled() -> None:
    lines = ("某某党委谈话表", "{{ person }}（{{ committee }}）", "{{ made }}",
             "{% if asked.topics %}{{ topics }}{% endif %}",
             "{% for item in rows.steps %}{{ item.day }} {% endfor %}")  # fmt: skip
    mine = word(*lines, head="{{ branch }}")
    looked = await look(TALK, mine)
    assert {"person", "committee", "topics", "branch"} <= set(looked.names)
    about = matter(name=NASTY)
    paper = fill(TALK, about, CITY.step("2"), rows_of(about), names=looked.names)
    text = said(Document(BytesIO(await fill_in(paper, mine))))
    assert "某某党委谈话表" in text
    assert "<b>&{{ 7*7 }}{% raw %}]]>" in text
    assert "林草局党委" in text


async def test_ours_fit_as_well_so_that_somebody_may_begin_with_one() -> None:
    form = forms()["whole_process"]
    assert (await look(form, own(form))).names
    assert {TEMPLATES / f"{one.id}.docx" for one in replaceable()} < set(TEMPLATES.glob("*.docx"))
    assert not any(one.id.startswith("report_") for one in replaceable())


@pytest.mark.own_process
async def test_what_takes_too_long_ends_and_a_process_that_says_nonsense_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Unfit, match="too_hard"):
        await look(TALK, word("{{ person }}"), longest=0.01)
    with monkeypatch.context() as none_begins, pytest.raises(Unfit, match="too_hard"):
        none_begins.setattr("sys.executable", "/nowhere/python")
        await look(TALK, word("{{ person }}"))
    for nonsense in (b"", b"[]", b'{"unfit": 7}', b"Killed"):
        with pytest.raises(Unfit) as caught:
            own_templates.read(nonsense)
        assert caught.value.reason in REASONS


@pytest.mark.own_process
@pytest.mark.slow
async def test_a_file_that_would_take_minutes_is_given_up() -> None:
    xml = Document(BytesIO(word("{{ person }}"))).element.xml.encode()
    many = xml.replace(b"<w:p>", b"<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 2_000_000 + b"<w:p>", 1)
    assert len(many) > 50_000_000
    with pytest.raises(Unfit, match=r"too_hard|broken"):
        await look(TALK, packed(word("{{ person }}"), **{"word/document.xml": many}))
