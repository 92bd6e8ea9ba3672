"""Both languages say the same, and every text that people read fits."""

import ast
from pathlib import Path

import handlers
from handlers.staff import announce_commands
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened, second_step

__all__ = ["opened"]


async def test_somebody_changes_the_language_in_the_middle_of_a_question(
    house: House, opened: Somebody
) -> None:
    await opened.presses("开始填写")
    await opened.says("今天")
    await opened.says("/language")
    said = await opened.presses("English")
    assert "English from now on" in said
    assert "Age?" in said
    assert "At least 18." in said
    assert "No less than 18" in await opened.says("3")
    await opened.says("25")
    await opened.presses("By post")
    await opened.says("A1")
    await opened.presses("Yes")
    said = await opened.presses("Skip")
    assert "check and save" in said
    said = await opened.presses("Confirm and save")
    assert "Next: <b>2 First talk</b>, by the branch secretary" in said
    assert "under art. 7 of the Rules." in said
    assert (await house.services.people.whoami(300)).language == "en"
    assert "To do" in await opened.says("To do") or "thing" in opened.screen.text
    assert "thing" in await opened.says("待办")


async def test_dates_and_ballots_are_read_in_english(opened: Somebody) -> None:
    await opened.presses("开始填写")
    assert "2/5" in await opened.says("22 Nov 2026")


async def test_the_commands_are_announced_in_both_languages(house: House) -> None:
    await announce_commands(house.line.bot)
    calls = [call.model_dump() for call in house.line.telegram.calls]
    announced = {call["language_code"]: call["commands"] for call in calls if "commands" in call}
    assert set(announced) == {None, "en"}
    assert [item["command"] for item in announced[None]] == [
        "menu", "todo", "cases", "cancel", "help", "privacy", "settings", "language",
    ]  # fmt: skip
    assert announced["en"][1]["description"] == "To do"


def test_marks_of_chinese_stand_only_in_what_is_translated() -> None:
    """A comma put between two translated halves is Chinese in every language."""
    rooms = Path(handlers.__file__).parent.rglob("*texts.py")
    found = [
        f"{path.name}:{part.lineno}"
        for path in rooms
        for whole in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(whole, ast.JoinedStr)
        for part in whole.values
        if isinstance(part, ast.Constant) and set("，。；：（）、") & set(str(part.value))
    ]
    assert found == []


async def test_privacy_and_help_in_english(house: House, opened: Somebody) -> None:
    await opened.says("/language")
    await opened.presses("English")
    assert "No identity numbers" in await opened.says("/privacy")
    assert opened.screen.buttons[-1].text == "To do"
    assert "due 50 present 48" in await opened.says("/help")
    assert opened.screen.buttons[-1].text == "To do"
    await opened.presses("To do")
    assert "1 thing to do" in opened.screen.text


async def test_a_card_in_english_has_no_chinese_marks(opened: Somebody) -> None:
    await first_step(opened)
    await second_step(opened)
    assert "入党介绍人：党员甲一、党员甲二" in await opened.says("张三")
    await opened.says("/language")
    await opened.presses("English")
    assert "introducer: 党员甲一, 党员甲二" in await opened.says("张三")
