"""What the files of the web chat's page must have in common, read without a browser."""

import json
import re
from pathlib import Path

from PIL import Image

import gateway.web

PAGE = Path(gateway.web.__file__).with_name("page")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
ENTRY = re.compile(r'\b(\w+): "((?:[^"\\]|\\.)*)"')
NAMED = re.compile(r"\{\w+\}")


def script(name: str) -> str:
    return COMMENT.sub("", (PAGE / name).read_text("utf-8"))


def words() -> tuple[dict[str, str], dict[str, str]]:
    zh, _, en = script("words.js").partition("const en = {")
    return dict(ENTRY.findall(zh)), dict(ENTRY.findall(en))


def test_the_service_worker_keeps_the_whole_shell_and_nothing_else() -> None:
    kept = set(re.findall(r'"/([\w.-]*)"', script("service-worker.js")))
    files = {path.name for path in PAGE.iterdir()} - {"service-worker.js"}
    assert kept - {""} == files - {"index.html"}
    assert "" in kept


def test_the_icons_are_as_large_as_the_manifest_says() -> None:
    icons = json.loads((PAGE / "manifest.webmanifest").read_text("utf-8"))["icons"]
    drawn = [icon for icon in icons if icon["type"] == "image/png"]
    assert {icon.get("purpose", "any") for icon in drawn} == {"any", "maskable"}
    for icon in drawn:
        with Image.open(PAGE / icon["src"].lstrip("/")) as image:
            assert "x".join(map(str, image.size)) == icon["sizes"]


def test_both_languages_say_the_same() -> None:
    zh, en = words()
    assert len(zh) > 100
    assert zh.keys() == en.keys()
    assert [key for key in zh if {*NAMED.findall(zh[key])} != {*NAMED.findall(en[key])}] == []
    assert [text for text in (*zh.values(), *en.values()) if "!" in text or "！" in text] == []
    # What goes to the bot as one's own words is what the bot reads.
    assert [key for key in en if CHINESE.search(en[key])] == ["join_says"]


def test_every_word_that_is_asked_for_is_there_and_none_is_left_over() -> None:
    zh, _ = words()
    scripts = "".join(script(path.name) for path in PAGE.glob("*.js") if path.name != "words.js")
    html = (PAGE / "index.html").read_text("utf-8")
    asked = set(re.findall(r'data-(?:text|label)="(\w+)"', html))
    quoted = set(re.findall(r'"(\w+)"', scripts))
    assert asked <= zh.keys()
    assert set(re.findall(r'\bsay\("(\w+)"', scripts)) <= zh.keys()
    assert zh.keys() - asked - quoted - {"signed_out", "offline", "server", "proxy_large"} == set()


def test_what_people_read_stands_in_one_file() -> None:
    for path in PAGE.glob("*.js"):
        if path.name != "words.js":
            found = [line for line in script(path.name).splitlines() if CHINESE.search(line)]
            assert found == [], path.name


def test_nothing_is_written_where_the_strict_policy_forbids_it() -> None:
    html = (PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\bstyle=|\bon\w+=|<script(?![^>]*\bsrc=)", html)
    for path in PAGE.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(", script(path.name))
