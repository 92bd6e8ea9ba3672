"""What becomes of reports and objections where no organisers' meeting is: under the nation alone,
and in a city that has its own document and no third ballot."""

from pathlib import Path

import pytest
from sqlmodel import select

from domain.states import Status
from models import EntryRow
from services.casefile.procedure import Procedure
from services.container import procedure_of
from services.core.database import Database
from tests.meetings.chat import fills
from tests.meetings.town import Town

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(params=["national_2026", "linhe"])
def procedure(request: pytest.FixtureRequest) -> Procedure:
    """Instead of the city's that the other stories have."""
    return procedure_of(request.param, folder=EXAMPLES)


async def referred(town: Town, case: str) -> str:
    """The branch checked what was said during the notice, and hands it on."""
    person = town.secretary
    await person.presses_again(1, f"f:{case}:8b")
    await person.presses("今天")
    await person.presses("是")
    await person.says("两人反映他拖欠集体的钱，查了账，确有其事。")
    assert not {"暂缓发展", "不予发展"} & set(person.choices)
    await person.presses("收到的反映要研究，报上级决定")
    return await person.presses("确认，保存")


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
