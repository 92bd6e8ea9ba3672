"""(g) A visit finds that thinking slipped: a talk, a helper, an extension."""

from domain.rulebook.schema import Role
from domain.states import Status
from tests.conftest import on_postgresql
from tests.stories.conftest import City
from tests.stories.walker import Walker

SLIPPED = {
    "ways": "走访群众，实地察看",
    "heard": "8",
    "thinking": "有滑坡",
    "thinking_note": "入党后不愿参加学习，说忙。",
    "finding": "思想滑坡，要求不严",
    "measures": "批评教育，帮扶，建议延长预备期",
    "helper": "李秀兰",
    "help_until": "2027-05-23",
}


@on_postgresql
async def test_a_visit_that_finds_thinking_slipped_leads_to_an_extension(city: City) -> None:
    case = await city.case("21a", 750)
    walker = Walker(city, case, "陆小满")
    said = await walker.take("21a", **SLIPPED)
    assert "签字" in said
    assert "已保存" in said
    card = await city.card(case)
    entry = next(line for line in card.entries if line.step.id == "21a")
    assert entry.waits_for == {Role.INTRODUCER}
    assert {name for _, name in entry.asked} == {"巴特尔", "李秀兰"}
    assert entry.answers["measures"] == ("criticism", "help", "extension")

    said = await walker.signs("introducer")
    assert "还要入党介绍人李秀兰签字确认" in said
    first = await city.person("introducer")
    await first.says("待办")
    await first.sees("现在没有要您办的事")
    card = await city.card(case)
    assert card.progress.moving is not None
    assert card.progress.moving.waits_for == {Role.INTRODUCER}

    said = await walker.signs("introducer2")
    assert "还要" not in said
    card = await city.card(case)
    entry = next(line for line in card.entries if line.step.id == "21a")
    assert set(entry.signed_by) == {"乌兰", "巴特尔", "李秀兰"}
    card = await walker.on("23")
    assert "延长" not in {line.step.title.zh for line in card.entries}
    assert "21e" in walker.taken
    await walker.take(
        "23",
        matter="延长预备期",
        conclusion="延长预备期",
        extension_months="6",
        opinions="要多参加学习和劳动。",
    )
    said = await walker.take("24", conclusion="批准延长预备期", extension_months="6")
    assert "已保存" in said
    card = await city.card(case)
    assert card.progress.status is Status.RUNNING
    assert {"21", "21a"} & {step.step.id for step in card.progress.open}
    assert card.progress.deadlines[-1].on > city.today
