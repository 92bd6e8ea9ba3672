"""转往其他城市，从其他城市转来."""

from domain.rulebook.schema import Text
from handlers.staff.shared import texts as words
from services.cases.views import Gone
from services.city_moves.views import Arrival, Offer
from services.core.i18n import gettext as _

SHORTEST, LONGEST = 2, 100
"""Characters of an organisation's name, and of a reason at least."""
LONGEST_REASON = 500


def to_leave() -> str:
    return _("转往其他城市")


def on_paper_only() -> str:
    return _(
        "这一份不能从网上转：支部大会以后还没有批准、备案，延长过预备期，或者已经转正，"
        "要由对方按材料核对。"
        "请按规定走纸质手续，再在“其他事项”登记转到外地。什么都没有改。"
    )


def no_city() -> str:
    return _("现在没有往来的城市。请按规定走纸质手续，再在“其他事项”登记转到外地。")


def city_removed(city: str) -> list[str]:
    return [
        _("和{city}已经停止往来，什么都没有发，这一份照常办理。").format(city=words.typed(city))
    ]


def ask_city(offer: Offer) -> list[str]:
    return [*_as_what(offer), words.bold(_("转往哪个城市？"))]


def ask_to() -> list[str]:
    return [
        words.bold(_("转到那边哪个党组织？")),
        _("按介绍信写全称，{least}到{most}个字。").format(least=SHORTEST, most=LONGEST),
    ]


def _as_what(offer: Offer) -> list[str]:
    said = words.read(offer.standing) if offer.standing else _("入党申请人")
    return [_("{person}：{standing}").format(person=words.typed(offer.person), standing=said)]


def to_wanted() -> str:
    return _("请写党组织名称，{least}到{most}个字。什么都没有发。").format(
        least=SHORTEST, most=LONGEST
    )


def summary(person: str, city: str, to: str) -> list[str]:
    return [
        words.bold(
            _("把{person}转往{city}，{to}？").format(
                person=words.typed(person), city=words.typed(city), to=words.typed(to)
            )
        ),
        _("发出去的有：姓名、申请书上登记的各项、身份、每一步的日期。"),
        _("不发：别人的姓名、写的文字、照片、群众反映。纸质材料照常移交。"),
        _("发出后这一份在本市终止；对方不接收，就恢复办理。"),
    ]


def to_send() -> str:
    return _("发出")


def sent(city: str) -> list[str]:
    return [
        words.bold(_("已发出，还没有送达。")),
        _("送到{city}以后，这一份上会写明。对方接收或者退回，会告诉您。").format(
            city=words.typed(city)
        ),
    ]


def gone(found: Gone) -> list[str]:
    """Where somebody is, above their card."""
    city, to = words.typed(found.peer), words.typed(found.to)
    if found.answered is not None:
        said = _("{city}已接收：{branch}。").format(city=city, branch=words.typed(found.answer))
    elif found.arrived is not None:
        said = _("已送达{city}（{to}），等对方答复。").format(city=city, to=to)
    else:
        said = _("已发往{city}（{to}），还没有送达，正在接着送。").format(city=city, to=to)
    return ["", said]


def arrival(found: Arrival) -> list[str]:
    lines = [
        words.bold(
            _("{person}，从{city}转来").format(
                person=words.typed(found.person), city=words.typed(found.peer)
            )
        ),
        _("原党组织：{left}").format(left=words.typed(found.left)),
        _("要去的党组织：{to}").format(to=words.typed(found.to)),
        _("身份：{standing}").format(standing=_standing(found)),
    ]
    lines += [_line(one.said, words.day(one.day)) for one in found.landmarks]
    if found.taken:
        lines.append(_("{branch}已接收").format(branch=words.typed(found.branch)))
    elif found.branch:
        lines.append(_("已请{branch}答复").format(branch=words.typed(found.branch)))
    if found.record:
        lines += ["", _("原党组织办过的：")]
    lines += [f"· {_line(one.said, words.day(one.day))}" for one in found.record]
    if found.taken:
        return lines
    return [*lines, "", _("纸质材料由原党组织移交。材料没有到，先不要接收。")]


def _standing(found: Arrival) -> str:
    if found.standing:
        return words.read(found.standing)
    return _("本市的规则里没有，请按纸质材料核对") if found.counts else _("入党申请人")


def _line(said: Text, day: str) -> str:
    return f"{day} {words.typed(words.read(said))}"


def to_place() -> str:
    return _("定一个支部")


def ask_branch(person: str) -> list[str]:
    return [words.bold(_("请哪个支部接收{person}？").format(person=words.typed(person)))]


def placed(branch: str) -> list[str]:
    return [_("已请{branch}答复接不接收。").format(branch=words.typed(branch))]


def to_take_in() -> str:
    return _("接收，登记转入")


def to_give_back() -> str:
    return _("不接收，退回")


def ask_reason(person: str) -> list[str]:
    return [
        words.bold(_("为什么不接收{person}？").format(person=words.typed(person))),
        _("要告诉原党组织，不写别人的姓名。"),
    ]


def reason_wanted() -> str:
    return _("请写明原因，{least}到{most}个字。什么都没有改。").format(
        least=SHORTEST, most=LONGEST_REASON
    )


def given_back() -> list[str]:
    return [_("已退回，正在告诉原来的城市。")]


def begun_already() -> list[str]:
    return [_("本支部已经在这一份上登记过，不能退回。什么都没有改。")]


def over() -> list[str]:
    return [_("已经退回，不用再答复。什么都没有改。")]


def taken_in() -> list[str]:
    return [_("已接收，正在告诉原来的城市。")]


def told_department(person: str) -> list[str]:
    return [_("{person}从其他城市转来，请定一个支部。").format(person=words.typed(person))]


def told_branch(person: str) -> list[str]:
    said = _("{person}从其他城市转来，请本支部答复接不接收。")
    return [said.format(person=words.typed(person))]


def to_look() -> str:
    return _("看一看")


def answered(person: str, city: str, said: str, taken: bool) -> list[str]:
    named = {"person": words.typed(person), "city": words.typed(city), "said": words.typed(said)}
    if taken:
        return [_("{person}已由{city}接收（{said}）。").format(**named)]
    return [
        _("{city}没有接收{person}，这一份恢复办理。").format(**named),
        _("说明：{said}").format(**named),
    ]


def todo(person: str, city: str) -> str:
    return _("{person} · 从{city}转来").format(person=words.typed(person), city=words.typed(city))
