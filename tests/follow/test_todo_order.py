"""What moves a case on stands before what only comes again some day."""

from tests.follow.conftest import Lead
from tests.staff.people import Somebody


async def test_the_next_step_stands_before_a_review_that_is_due_next_year(
    lead: Lead, secretary: Somebody
) -> None:
    await lead.to("6b")
    said = await secretary.says("待办")
    lines = [line for line in said.splitlines() if " · 6" in line]
    assert [line.split(" · ")[1][:2] for line in lines] == ["6b", "6a"]
    assert lines[0].startswith("1. ")
    assert "还有" in lines[1]
    (review,) = [item for item in (await lead.card()).progress.open if item.step.id == "6a"]
    lead.wait(review.deadlines[0].on)
    said = await secretary.says("待办")
    assert [line.split(" · ")[1][:2] for line in said.splitlines() if " · 6" in line] == [
        "6a",
        "6b",
    ]
