"""A report as a citizen makes it in chat."""

from messenger.client import Person

SAID = "公示期间他仍在集体林地里私自开荒，邻居都看见了。"


async def reports(citizen: Person, about: str = "") -> str:
    """Make a report of words alone; give its eight characters. `about`: a name on a notice, which
    stands as a button; "" for one that is written."""
    await citizen.says("/start")
    await citizen.sees("三件事")
    await citizen.presses("我要反映")
    await citizen.sees("反映谁")
    if about:
        await citizen.presses(about)
    else:
        await citizen.says("河湾村 某某")
    await citizen.sees("发生了什么")
    await citizen.says(SAID)
    await citizen.sees("记下了")
    await citizen.presses("写完了")
    await citizen.sees("照片")
    await citizen.presses("没有了")
    await citizen.sees("请核对", SAID)
    await citizen.presses("确认，交上去")
    shown = await citizen.sees("您的八个字")
    return shown.split("\n\n")[1]
