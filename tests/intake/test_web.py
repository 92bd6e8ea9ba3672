"""The second door: the same report by a web form, and nothing about the browser (issue: P1)."""

import json
import re
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import FormData
from PIL import Image
from sqlmodel import select

from handlers.public.web.filings import MOST_BYTES, Filings
from models.intake import IntakeSetting
from services.attachments.formats import CleanFile
from services.intake.binding import report_place
from services.intake.codes import derive
from services.intake.intake import Intake
from services.intake.receipts import Receipt, Signer, qr
from tests.intake import samples
from tests.intake.citizens import SAID
from tests.intake.conftest import PEPPER, SEED, Hand, Stored
from tests.intake.test_conversation import TODAY, answer, hang
from tests.intake.visitors import Visitor, checked, token_of


async def test_the_page_needs_nothing_from_elsewhere_and_says_what_it_knows(
    browser: Visitor,
) -> None:
    page = await browser.opens()
    assert "不知道您的 Telegram 账号" in page
    assert not re.search(r"<script|<link|<img|<iframe|src=|url\(|https?://", page)
    english = await browser.opens("/report?lang=en")
    assert "does not know your Telegram account" in english
    assert not re.search(r"[\u4e00-\u9fff]", english.replace("中文", ""))


OWN_PHONE = "用自己的手机、自己的流量打开，不要在单位的软件里打开。"
WECHAT = "Mozilla/5.0 (Linux; Android 12; wv) Chrome/107.0 Mobile MicroMessenger/8.0.47 CANARY1"
APPS = (
    WECHAT,
    f"{WECHAT} wxwork/4.1.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Lark/7.25.0 LarkLocale/zh_CN CANARY1",
    "Mozilla/5.0 (Windows NT 10.0) Chrome/118.0 Safari/537.36 Feishu/7.20.8 CANARY1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 14_0) Mobile/15E148 AliApp(DingTalk/7.6.10) CANARY1",
)
OWN = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 CANARY1"


async def test_in_an_app_of_a_workplace_the_page_says_first_to_open_it_elsewhere(
    browser: Visitor, stored: Stored, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("/report", "/status"):
        for app in APPS:
            page = await browser.opens(path, app)
            assert page.index(OWN_PHONE) < page.index(
                'class="note"' if "report" in path else "<form"
            )
            assert "CANARY1" not in page
        assert OWN_PHONE not in await browser.opens(path, OWN)
    for path, wrong in (("/report", {"text": "短"}), ("/status", {"code": "不是八个字"})):
        status, page = await browser.sends(path, user_agent=WECHAT, **wrong)
        assert status == 400
        assert page.index(OWN_PHONE) < page.index("<form"), "sent once more, it is said once more"
        _, page = await browser.sends(path, user_agent=OWN, **wrong)
        assert OWN_PHONE not in page
    english = await browser.opens("/report?lang=en", WECHAT)
    assert "Open it on your own telephone with your own mobile data" in english
    assert not re.search(r"[\u4e00-\u9fff]", english.replace("中文", ""))
    await browser.reports()
    assert await stored.reports()
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(b"CANARY1" in content for content in files)
    assert "CANARY1" not in "".join(capsys.readouterr())


async def test_a_report_with_two_files_is_sealed_like_one_from_the_chat(
    browser: Visitor, stored: Stored
) -> None:
    sent = (samples.photo("CANARY1", "HEIF"), samples.pdf("CANARY1"))
    _, page = await browser.sends("/report", *sent, about="河湾村 某某", text=SAID)
    assert "附件2份，都已清理：照片1份、PDF 1份。" in page
    [code] = re.findall(r'class="code">(.{8})<', page)
    [report] = await stored.reports()
    said = json.loads(stored.opener.open(report.sealed))
    assert said == {"about": "河湾村 某某", "text": SAID, "place": report_place(report)}
    assert (report.received_on, report.channel) == (TODAY, "page")
    files = [CleanFile.unpack(stored.opener.open(row.sealed)) for row in await stored.files()]
    assert sorted(file.media_type for file in files) == ["application/pdf", "image/jpeg"]
    assert not any(b"CANARY1" in file.content for file in files)
    status, page = await browser.sends("/status", code=" ".join(code), do="look")
    assert status == 200
    assert "已收到，还没有开始核实" in page


async def test_what_was_kept_of_pictures_is_shown_below_the_code_for_half_an_hour(
    browser: Visitor, hand: Hand
) -> None:
    sent = (
        samples.photo("CANARY1", "HEIF"),
        samples.saved(samples.image(1080, 9000), "PNG"),
        samples.pdf("CANARY1"),
    )
    token = token_of(await browser.opens())
    form = {"token": token, "about": "河湾村 某某", "text": SAID}
    status, page = await browser.sends("/report", *sent, **form)
    assert status == 200
    shown = previews(page)
    # The photo, and each page of the long screenshot; a document isn't drawn.
    assert [picture.width for picture in shown] == [
        min(shown[0].width, 720),
        *[720] * (len(shown) - 1),
    ]
    assert len(shown) > 2
    assert sum(picture.height for picture in shown[1:]) >= 9000 * 720 // 1080 - len(shown)
    assert not any("exif" in picture.info for picture in shown)
    assert page.index('class="code"') < page.index("<section")
    again = await browser.sends("/report", *sent, **form)
    assert [picture.size for picture in previews(again[1])] == [picture.size for picture in shown]
    hand.passes(minutes=31)
    status, page = await browser.sends("/report", *sent, **form)
    assert (status, "已经交过，不用再交" in page) == (200, True)
    assert previews(page) == []


def previews(page: str) -> list[Image.Image]:
    found = re.findall(r'<img alt="清理后的照片\d+" src="data:image/jpeg;base64,([^"]+)">', page)
    assert len(found) == page.count('<img alt="清理')
    return [Image.open(BytesIO(b64decode(content))) for content in found]


async def test_previews_of_other_forms_give_way_where_too_many_are_held(
    intake: Intake, hand: Hand
) -> None:
    filings = Filings(intake, hand.now)
    forms = [filings.of(str(number), ("", "", SAID), ()) for number in range(3)]
    for number, form in enumerate(forms):
        filings.keep(str(number), form)
        filings.hold(form, (bytes(MOST_BYTES // 2),))
    assert [len(form.previews) for form in forms] == [0, 1, 1], "the oldest one shows none"


async def test_the_receipt_on_the_page_is_a_code_to_scan_and_to_keep(
    browser: Visitor, stored: Stored
) -> None:
    _, page = await browser.sends(about="河湾村", text=SAID)
    code = re.findall(r'class="code">([^<]+)<', page)[0]
    async with stored.database.read() as session:
        [salt] = [b64decode(row.value) for row in await session.exec(select(IntakeSetting))]
    tag = derive(code, salt, PEPPER).receipt
    line = Signer(SEED).line(Receipt(TODAY, tag))
    [shown] = re.findall(r'class="receipt"[^>]*src="data:image/png;base64,([^"]+)"', page)
    [kept] = re.findall(r'href="data:image/png;base64,([^"]+)" download="1.png"', page)
    assert b64decode(shown) == b64decode(kept) == qr(line)
    assert line not in page


async def test_a_notice_can_be_chosen_and_its_link_chooses_it(
    browser: Visitor, intake: Intake, stored: Stored
) -> None:
    notice = await hang(intake, 3)
    page = await browser.opens(f"/report?about={notice}")
    assert f'<option value="{notice}" selected>陆小满3 · 东山村党支部' in page
    assert "还没有公布举报电话" in page
    named = await browser.opens(f"/report?about={await hang(intake, 1)}")
    assert "也可以打举报电话：12380（王敏负责）。" in named
    status, _ = await browser.sends(notice=notice, text=SAID)
    assert status == 200
    assert [report.notice for report in await stored.reports()] == [notice]


BAD = {
    "nobody named": ({"about": " ", "text": SAID}, "反映谁"),
    "a long name": ({"about": "长" * 401, "text": SAID}, "最多200个字"),
    "too little": ({"about": "某某", "text": "坏 人"}, "太短"),
    "too much": ({"about": "某某", "text": "长" * 4001}, "太长"),
    "only controls": ({"about": "某某", "text": "\u200b\u202e" * 40}, "太短"),
    "a bad token": ({"about": "某某", "text": SAID, "token": "1.x.y"}, "见过八个字"),
    "no token": ({"about": "某某", "text": SAID, "token": ""}, "打开太久"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_form_that_is_wrong_says_so_and_keeps_what_was_written(
    browser: Visitor, stored: Stored, name: str
) -> None:
    fields, said = BAD[name]
    status, page = await browser.sends("/report", **fields)
    assert status == 400
    assert said in page
    assert 'role="alert"' in page
    assert fields["text"][:3000] in page
    assert "写的都在。" in page
    assert "附件要重新选" not in page, "there was none"
    assert await stored.nothing()


MEGABYTE = 1024 * 1024
REFUSED = {
    "an empty one": (lambda: [b""], "第1份附件：文件是空的"),
    "a broken one": (lambda: [samples.jpeg()[:200]], "第1份附件：文件打不开"),
    "a locked one": (lambda: [samples.jpeg(), samples.encrypted_pdf()], "第2份附件：文件加了密码"),
    "a program": (lambda: [b"MZ" + bytes(99)], "这种文件没有收"),
    "a huge one": (lambda: [bytes(21 * MEGABYTE)], "文件太大"),
    "eleven": (lambda: [samples.jpeg()] * 11, "最多10份"),
    "three large ones": (lambda: [bytes(19 * MEGABYTE)] * 3, "一共超过40 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_files_that_cannot_be_taken_are_named_with_the_reason(
    browser: Visitor, stored: Stored, name: str
) -> None:
    files, said = REFUSED[name]
    status, page = await browser.sends("/report", *files(), about="某某", text=SAID)
    assert status == 400
    assert said in page
    assert "附件要重新选" in page
    assert await stored.nothing()


async def test_a_form_counts_once(browser: Visitor, stored: Stored, hand: Hand) -> None:
    token = token_of(await browser.opens())
    assert (await browser.sends(about="某某", text=SAID, token=token))[0] == 200
    assert (await browser.sends(about="某某", text=SAID * 2, token=token))[0] == 400
    assert (await browser.sends(about="某某", text=SAID))[0] == 409
    assert len(await stored.reports()) == 1
    token = token_of(await browser.opens())
    hand.passes(minutes=61)
    assert (await browser.sends(about="某某", text=SAID, token=token))[0] == 400


async def test_a_page_loaded_again_says_that_it_was_handed_in_and_asks_for_nothing(
    browser: Visitor, stored: Stored, hand: Hand
) -> None:
    form = {"about": "某某", "text": SAID, "token": token_of(await browser.opens())}
    code = re.findall(r'class="code">(.{8})<', (await browser.sends(**form))[1])[0]
    hand.passes(minutes=29)
    assert code in (await browser.sends(**form))[1]
    letter = {"code": code, "more": "还有一处在河边。", "do": "more"}
    letter["token"] = token_of(await browser.opens("/status"))
    assert (await browser.sends("/status", **letter))[0] == 200
    hand.passes(hours=12)
    status, page = await browser.sends(**form)
    assert status == 200
    assert "这一件已经交过，不用再交" in page
    assert SAID not in page
    assert "<form" not in page
    assert code not in page
    # Changed words were never handed in: they are asked for again, and kept.
    status, page = await browser.sends(**{**form, "text": SAID * 2})
    assert (status, SAID * 2 in page) == (400, True)
    assert "补充的内容已封好交上去" in (await browser.sends("/status", **letter))[1]
    assert (len(await stored.reports()), len(await stored.letters())) == (1, 1)


async def test_a_form_of_another_site_is_not_taken(browser: Visitor, stored: Stored) -> None:
    token = token_of(await browser.opens())
    form = FormData({"about": "某", "text": SAID, "token": token}, default_to_multipart=True)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    async with browser.client.post("/report", data=form, headers=elsewhere) as refused:
        assert refused.status == 403
        checked(refused)
    assert await stored.nothing()


async def test_what_is_no_form_is_answered_and_stored_nowhere(
    browser: Visitor, stored: Stored
) -> None:
    for data, kind in ((b"a=b", "application/x-www-form-urlencoded"), (b"{}", "application/json"),
                       (b"junk", "multipart/form-data; boundary=x"),
                       (b"junk", "multipart/form-data")):  # fmt: skip
        headers = {"Content-Type": kind}
        async with browser.client.post("/report", data=data, headers=headers) as refused:
            assert refused.status == 400
            assert "请再交一次" in await refused.text()
    assert await stored.nothing()


async def test_writing_on_and_taking_back_by_the_page(
    browser: Visitor, intake: Intake, stored: Stored
) -> None:
    code = await browser.reports()
    assert (await browser.sends("/status", code=code, do="more"))[0] == 400
    _, page = await browser.sends("/status", code=code, do="more", more="还有一处在河边。")
    assert "封好交上去" in page
    assert len(await stored.letters()) == 1
    await answer(intake, "<b>已核实</b>")
    _, page = await browser.sends("/status", code=code, do="look")
    assert "<b>已核实</b>" in page
    assert "<pre>" in page
    assert (await browser.sends("/status", code=code, do="withdraw"))[0] == 400
    await browser.sends("/status", code=code, do="withdraw", sure="yes")
    assert [report.sealed for report in await stored.reports()] == [b""]
    assert (await browser.sends("/status", code=code, do="more", more="再说一点"))[0] == 409


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("的一是在不了有", 400, "认出7个"),
        ("的一是在不了有和", 404, "没有查到"),
        ("", 400, "认出0个"),
    ],
)
async def test_a_code_that_leads_nowhere(
    browser: Visitor, code: str, status: int, said: str
) -> None:
    answered, page = await browser.sends("/status", code=code, do="look")
    assert (answered, said in page) == (status, True)


async def test_a_flood_of_forms_is_turned_away_and_later_it_goes_on(
    browser: Visitor, stored: Stored, hand: Hand
) -> None:
    answered = [await browser.sends("/status", code="的", do="look") for _ in range(70)]
    assert {status for status, _ in answered} == {400, 429}
    status, page = await browser.sends("/report", about="河湾村", text=SAID)
    assert (status, SAID in page) == (429, True)
    heavy = [b"\xff" * MEGABYTE]
    status, page = await browser.sends("/report", *heavy, about="河湾村", text=SAID)
    assert (status, "没有收" in page) == (400, True)
    assert await stored.nothing()
    hand.passes(seconds=30)
    await browser.reports()
    assert len(await stored.reports()) == 1


async def test_nothing_else_is_served(browser: Visitor) -> None:
    for path in ("/admin", "/report/../../etc/passwd", "/static/x", "/report/"):
        async with browser.client.get(path) as refused:
            assert refused.status == 404
            checked(refused)
    async with browser.client.get("/", allow_redirects=False) as onward:
        assert (onward.status, onward.headers["Location"]) == (303, "/report")


async def test_a_failure_of_ours_is_said_without_its_words(
    browser: Visitor, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("私人的话")

    monkeypatch.setattr(intake, "running", fail)
    async with browser.client.get("/report") as failed:
        assert failed.status == 500
        page = await failed.text()
        checked(failed)
    assert "已经办成的，不会办两次" in page
    assert "私人的话" not in page
