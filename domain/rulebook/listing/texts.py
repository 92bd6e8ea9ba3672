"""What is said of a rule that a rulebook states as a bare number."""

from domain.rulebook.kinds import Text, Unit


def notice_length(title: Text) -> Text:
    return Text(f"{title.zh}：公示时间", f"{title.en}: its length")


def gate(title: Text) -> Text:
    return Text(f"{title.zh}：关口", f"{title.en}: a gate")


def holds(title: Text) -> Text:
    return Text(f"{title.zh}：有结果以前不过关口", f"{title.en}: no gate before its result")


def looks_back(title: Text) -> Text:
    return Text(
        f"{title.zh}：列出整个过程里不符合的，逐项说明才能往下办",
        f"{title.en}: what isn't in order in the whole case is listed and has to be explained",
    )


def signed(title: Text) -> Text:
    return Text(f"{title.zh}：都要签字", f"{title.en}: all sign")


def report_answered(number: int, unit: Unit) -> Text:
    if unit is Unit.WORKING_DAYS:
        zh, en = f"{number}个工作日", f"{number} working days"
    else:
        zh, en = f"{number}天", f"{number} days"
    return Text(f"来信来访{zh}内核实答复", f"A report is checked and answered within {en}")


def recorded_soon() -> Text:
    return Text("办完及时登记，隔得太久像是补记", "An act is entered soon, not long afterwards")


def few_on_one_day() -> Text:
    return Text("不同步骤不挤在同一天", "Different steps don't all fall on one day")


def by_day(title: Text, month: int, day: int) -> Text:
    return Text(
        f"{title.zh}：建议{month}月{day}日前办完", f"{title.en}: best done by {month:02}-{day:02}"
    )


def working_days(number: int) -> Text:
    return Text(f"不少于{number}个工作日", f"{number} working days or more")


def calendar_days(number: int) -> Text:
    return Text(f"公示{number}天", f"{number} days")
