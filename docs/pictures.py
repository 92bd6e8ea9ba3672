"""`make pictures`: starts everything, plays scenes in Chromium, takes the pictures of README."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bot.app.settings import Settings
from bot.processes.staff_services import opened as opened_services
from messenger.core.settings import user_id
from papers import print as print_
from papers.filling import fill, rows_of
from papers.forms import forms
from papers.print import ballots
from papers.processes.typesetting import typeset
from papers.word import document
from sandbox.people import FILE, people, read
from sandbox.run import beginning
from tests.browser.phone import Phone
from tests.browser.start import ASKED_FOR, CHROMIUM, FLAGS, invent, process
from tests.papers.matters import matter

HERE = Path(__file__).with_name("pictures")
SHARPNESS, COLOURS = 2, 96
PAGE, GAP = (560, 792), 16
"""Dots of a page in the picture of papers, and between two."""
TYPED: dict[str, dict[str, str]] = {
    "1": {"unit": "东山村合作社会计", "nation": "蒙古族"},
    "8a": {"contact": "林场镇东街1号，组织办"},
}
"""What stands on the papers, by step."""
BALLOT_OF = "姜文博"
SAID = "公示期间他在集体林地里私自开荒，邻居都看见了。"


def keep(phone: Phone, name: str) -> None:
    """Few colours keep a picture of text small."""
    phone.page.wait_for_timeout(400)
    shot = Image.open(BytesIO(phone.page.screenshot())).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)
    print(f"docs/pictures/{name}.png")


@contextmanager
def opened(browser: Browser, url: str, width: int = 390, height: int = 800) -> Iterator[Phone]:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=SHARPNESS,
        locale="zh-CN",
        color_scheme="light",
    )
    phone = Phone(context.new_page(), url)
    phone.opens()
    yield phone
    context.close()


def todo_and_case(phone: Phone) -> None:
    phone.plays("secretary")
    phone.sees("提醒")
    phone.says("待办")
    phone.sees("待办", "已逾期", "梁永福", "刷新")
    keep(phone, "todo")
    phone.says(BALLOT_OF)
    phone.sees(BALLOT_OF, "先准备好")
    keep(phone, "case")


def ballot(phone: Phone) -> None:
    """Exactly one half: enough for the city, too little for the national rule."""
    phone.plays("secretary")
    phone.says(BALLOT_OF)
    phone.answered()
    phone.presses("开始填写")
    phone.sees("还差：")
    phone.says("有表决权20 应到20 实到20 同意10 不同意10")
    for asked in ("① 全部点上", "② 全部点上"):
        phone.presses(asked)
    phone.sees("大会作出的决议")
    keep(phone, "ballot")


def visit(phone: Phone) -> None:
    phone.plays("introducer")
    phone.says("汪洋")
    phone.answered()
    phone.presses("开始填写")
    phone.sees("用了哪些方式？")
    phone.presses("走访群众")
    for choice in ("积极向上", "有新成绩", "反映好", "能带动"):
        phone.presses(choice)
        phone.sees(f"✓ {choice}")
    keep(phone, "visit")
    phone.says(
        "听了8人的意见。一、主动谈了自己的想法，情绪稳定。二、合作社的账目一年没有差错。"
        "三、走访的几户都说他肯帮忙。四、带动三户邻居参加义务植树。"
    )
    phone.sees("核对后保存")


def report(phone: Phone) -> None:
    phone.plays("citizen", "public")
    phone.page.get_by_role("button", name="开始").click()
    phone.presses("我要反映")
    phone.presses("丁海涛")
    phone.sees("发生了什么")
    phone.says(SAID)
    phone.presses("写完了")
    phone.presses("没有了")
    phone.presses("确认，交上去")
    phone.sees("您的八个字")
    keep(phone, "report")


def desktop(phone: Phone) -> None:
    phone.plays("committee")
    phone.says("待办")
    phone.answered()
    phone.sees("待办")
    keep(phone, "desktop")


def papers(folder: Path) -> None:
    """A paper of Word as an office program shows it, a notice and ballots as they are printed."""
    known = matter(name=BALLOT_OF)
    said = (
        replace(entry, answers={**entry.answers, **TYPED.get(entry.step.id, {})})
        for entry in known.entries
    )
    about = replace(known, entries=tuple(said))
    notice = fill(forms()["notice"], about, about.book.step("8a"), {}, "https://example.org")
    slips, _ = ballots("表决票", about, about.book.step("15"), 7, "https://t.me/b?start=x")
    printed = asyncio.run(
        typeset([print_.notice(notice, poster=False, kind="png"), replace(slips, kind="png")])
    )
    paper = folder / "paper.docx"
    review = fill(forms()["pre_review"], about, about.book.step("13"), rows_of(about))
    paper.write_bytes(document(review))
    shown = [Image.open(by_office(paper)), *(Image.open(BytesIO(page)) for page in printed)]
    pages = [page.convert("RGB").resize(PAGE, Image.Resampling.LANCZOS) for page in shown]
    sheet = Image.new("RGB", ((PAGE[0] + GAP) * len(pages) + GAP, PAGE[1] + 2 * GAP), "#d8d8d8")
    for number, page in enumerate(pages):
        sheet.paste(page, (GAP + number * (PAGE[0] + GAP), GAP))
    sheet.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / "papers.png", optimize=True)
    print("docs/pictures/papers.png")


async def figures(folder: Path) -> None:
    """What comes when the director of the invented city presses 数字 and the year before."""
    await invent(folder, [item["name"] for item in read(FILE)["cases"]])
    chats = {name: user_id(place) for place, name in enumerate(people())}
    day = beginning(folder / "clock").date()
    async with opened_services(Settings.model_validate({"data": folder})) as (services, _):
        actor = await services.people.known(chats["director"])
        place = actor.posts[0].organisation_id
        sent = await services.figures.picture(actor, place, day.year - 1, day)
    picture = Image.open(BytesIO(sent.content)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / "figures.png", optimize=True)
    print("docs/pictures/figures.png")


def by_office(paper: Path) -> Path:
    """The first page of a Word file."""
    profile = f"-env:UserInstallation={(paper.parent / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run([*convert, str(paper.parent), str(paper)], check=True, capture_output=True)
    picture = paper.with_suffix("")
    pdf = str(paper.with_suffix(".pdf"))
    subprocess.run(["pdftoppm", "-r", "110", "-singlefile", "-png", pdf, str(picture)], check=True)
    return picture.with_suffix(".png")


def main() -> None:
    HERE.mkdir(exist_ok=True)
    if shutil.which("soffice") is None or shutil.which("pdftoppm") is None:
        raise SystemExit("The picture of papers needs LibreOffice and poppler-utils.")
    with tempfile.TemporaryDirectory() as folder:
        papers(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(figures(Path(folder)))
    if CHROMIUM is None:
        raise SystemExit("The pictures need Chromium and a Chinese font (fonts-noto-cjk).")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(invent(Path(folder), (*ASKED_FOR, BALLOT_OF)))
        with (
            process("-m", "bot", "run", "--port", "0", YINLU_DATA=folder) as url,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for scene in (todo_and_case, ballot, visit, report):
                with opened(browser, url) as phone:
                    scene(phone)
            with opened(browser, url, width=1280, height=800) as phone:
                desktop(phone)
            browser.close()


if __name__ == "__main__":
    main()
