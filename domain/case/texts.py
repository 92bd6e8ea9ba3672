"""What is said of a case in words that no rulebook holds."""

from datetime import date

from domain.rulebook.kinds import Text


def time_missing(title: Text, number: int, due: date) -> Text:
    day = f"{due.year}年{due.month}月{due.day}日"
    return Text(
        f"还缺第{number}次{title.zh}，应在{day}前办好，请先登记这一次",
        f"{title.en} no. {number} is missing, due by {due}; enter it first",
    )
