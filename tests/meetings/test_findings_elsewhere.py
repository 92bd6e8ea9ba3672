"""What becomes of reports and objections where no organisers' meeting is: under the nation alone,
and in a city that has its own document and no third ballot; and of those to a notice that a city
has before the admission."""

from pathlib import Path

import pytest
from sqlmodel import select

from domain.rulebook.reading.reader import FOLDER
from domain.states import Status
from models import EntryRow
from services.casefile.procedure import Procedure
from services.container import procedure_of
from services.core.database import Database
from tests.meetings.chat import convenes, counts, fills
from tests.meetings.test_findings_in_chat import ballot, letter, settles
from tests.meetings.town import Town

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


NOTICE_ON = "yakeshi, with a notice before the admission"
ELSEWHERE = pytest.mark.parametrize("procedure", ["national_2026", "linhe"], indirect=True)


@pytest.fixture
def procedure(request: pytest.FixtureRequest, tmp_path: Path) -> Procedure:
    """Instead of the city's that the other stories have."""
    if request.param != NOTICE_ON:
        return procedure_of(request.param, folder=EXAMPLES)
    ours = (FOLDER / "yakeshi.toml").read_text("utf-8")
    on = ours.replace('id = "yakeshi"', 'id = "noticed"\nset = { admission_notice = "on" }', 1)
    (tmp_path / "noticed.toml").write_text(on, "utf-8")
    return procedure_of("noticed", folder=tmp_path)


async def referred(town: Town, case: str, step: str = "8b") -> str:
    """The branch checked what was said during the notice, and hands it on."""
    person = town.secretary
    await person.presses_again(1, f"f:{case}:{step}")
    await person.presses("今天")
    await person.presses("是")
    await person.says("两人反映他拖欠集体的钱，查了账，确有其事。")
    assert not {"暂缓发展", "不予发展"} & set(person.choices)
    await person.presses("收到的反映要研究，报上级决定")
    return await person.presses("确认，保存")


@ELSEWHERE
@pytest.mark.parametrize(
    ("wanted", "status"),
    [(("不予发展", "核实属实，影响较坏。"), Status.ENDED),
     (("暂缓发展", "核实属实，情节较轻。"), Status.PUT_OFF),
     (("不影响，继续发展",), Status.RUNNING)],
)  # fmt: skip
async def test_what_was_objected_during_a_notice_the_higher_committee_decides(
    town: Town, second: Database, wanted: tuple[str, ...], status: Status
) -> None:
    case = await town.led("陆小满", "8b")
    said = await referred(town, case)
    assert "已保存：陆小满 · 8b 公示结果" in said
    assert "下一步：<b>上级党委研究核实结果</b>，由上级党委办" in said
    assert "组织员" not in said
    card = await town.card(case)
    assert [step.id for step in card.progress.awaited] == ["finding_decision"]
    await town.committee.presses_again(1, f"f:{case}:finding_decision")
    said = await fills(town.committee, *wanted)
    assert "已保存" in said
    assert "牙克石" not in said
    card = await town.card(case)
    assert card.progress.status is status
    async with second.read() as session:
        wanted_rows = select(EntryRow).where(EntryRow.case_id == case, EntryRow.step == "8b")
        (entry,) = await session.exec(wanted_rows)
    assert entry.answers["conclusion"] == "referred"
    if status is not Status.RUNNING:
        return
    await town.secretary.presses_again(1, f"f:{case}:8b")
    said = await fills(town.secretary, "是", "已经研究，不影响。", "没有问题，继续")
    assert "已保存：陆小满 · 8b 公示结果" in said
    assert {"9", "10", "11"} <= {item.step.id for item in (await town.card(case)).progress.open}


@ELSEWHERE
async def test_what_a_report_says_the_higher_committee_decides_before_the_approval(
    town: Town,
) -> None:
    case = await town.led("陆小满", "12")
    report = await letter(town, case)
    shown = await settles(town, report, "属实")
    assert "上级党委研究核实结果" in shown
    assert [step.id for step in (await town.card(case)).progress.awaited] == ["finding_decision"]
    await town.committee.presses_again(1, f"f:{case}:finding_decision")
    assert "已保存" in await fills(town.committee, "不予发展", "核实属实，影响较坏。")
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (Status.ENDED, "not_admitted")


@pytest.mark.parametrize("procedure", [NOTICE_ON], indirect=True)
async def test_what_was_objected_before_the_admission_the_organisers_decide(town: Town) -> None:
    case = await town.led("陆小满", "13b")
    said = await referred(town, case, "13b")
    assert "已保存：陆小满 · 13b 接收前公示结果" in said
    assert "组织员会议票决核实结果" in said
    await convenes(town.organiser, "组织员会议", "陆小满")
    await counts(town.organiser, "全体6 实到6")
    assert "4/6" in await ballot(town, 4, "暂缓发展", "核实属实，情节较轻。")
    assert (await town.card(case)).progress.status is Status.PUT_OFF
    await town.organiser.presses_again(1, f"f:{case}:resumed")
    await fills(town.organiser, "暂缓期满，照常办", "支部意见：表现好。")
    await town.secretary.presses_again(1, f"f:{case}:13b")
    said = await fills(town.secretary, "是", "已经研究，不影响。", "没有问题，继续")
    assert "已保存：陆小满 · 13b 接收前公示结果" in said
    following = (await town.card(case)).progress.next
    assert following is not None
    assert following.step.id == "14a"
