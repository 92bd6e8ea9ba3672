"""What the conversation about a step says."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from domain.case.answers import LONGEST_TEXT
from domain.case.facts import Answers, Problem, Value
from domain.rulebook.schema import Field, FieldType, Option, Text
from handlers import attachment_texts
from handlers.staff.common.replies import LABEL, label_of
from handlers.staff.shared import answer_texts, count_texts, guide_texts, problem_texts
from handlers.staff.shared import texts as words
from services.cases.views import Preview
from services.core.i18n import current as current_language
from services.core.i18n import gettext as _
from services.core.i18n import ngettext

TAPPED, MOST_TAPPED = 8, 12
"""So many numbers have buttons, where they begin at no more than this."""
FEW = 2
"""Questions that are named in one line of a small phone."""
PRESENT, THERE = ("present", "due", "entitled"), 20
"""Counts of people, and how many an example has where nothing is known of them."""
LINE = 120
"""Characters of one answer in the summary; the question itself shows it all."""


def head(person: str, step: str, title: Text, place: str) -> str:
    return f"{words.typed(person)} · {words.step_name(step, title)} · {place}"


def question(field: Field, onward: bool = True) -> list[str]:
    """`onward`: the button that goes on is there."""
    lines = ["", words.bold(words.read(field.label))]
    if field.optional:
        lines[-1] += _("（可不填）")
    if field.hint is not None:
        lines.append(words.read(field.hint))
        if field.count:
            # It says how all numbers of a ballot are sent: a second instruction would contradict.
            return lines
    # Buttons say themselves that one of them is wanted.
    return (
        lines
        if field.type in (FieldType.FLAG, FieldType.CHOICE)
        else [*lines, expected(field, onward)]
    )


def brief(field: Field) -> str:
    """A question as the name of its answer: without what explains it, and without its sign."""
    said = words.plain(field.label)
    for end in ("：", "？", ":", "?", "，"):
        said = said.split(end)[0]
    return said.rstrip("。. ")


def answered(sign: str, field: Field, said: str, known: bool) -> str:
    line = f"{sign} {words.typed(brief(field))}　{said}"
    return line + prefilled() if known else line


def prefilled() -> str:
    return _("（预填）")


def unanswered(
    sign: str, field: Field, items: Sequence[Option], is_next: bool, hinted: bool
) -> list[str]:
    """The next question is bold, so that the eye finds it among those above and below."""
    # What the first of several texts asks needn't be said again of each.
    label = words.typed(brief(field)) if field.part > 1 else words.read(field.label)
    line = f"{sign} {words.bold(label) if is_next else label}"
    if field.optional:
        line += _("（可不填）")
    lines = [line]
    if items:
        lines.append("　" + _("、").join(words.read(item.text) for item in items))
    if field.hint is not None and hinted:
        lines.append("　" + words.read(field.hint))
    return lines


def ballot(counts: Sequence[Field], answers: Answers, known: Collection[str]) -> list[str]:
    """The numbers of a ballot: how they are sent first, then what is there and what is missing."""
    there = [field for field in counts if field.id in answers]
    if all(field.optional or field in there for field in counts):
        # The eye goes on to the question that is bold: this one isn't any more.
        lines = [_("数字齐了；要改，重新写一行发来。")]
    else:
        example = _example(counts, answers)
        lines = [words.bold(_("请写在一行里发来，例如：{example}").format(example=example))]
    lines += [words.read(field.hint) for field in counts if field.hint is not None]
    if there:
        lines.append(_("已有：{numbers}").format(numbers=numbers_of(there, answers, known)))
    left = [field for field in counts if field.id not in answers]
    for said, optional in ((_("还差：{counts}"), False), (_("有就写：{counts}"), True)):
        names = [count_texts.count(f.count or "") for f in left if f.optional is optional]
        if names:
            lines.append(said.format(counts=_("、").join(names)))
    return lines


def _example(counts: Sequence[Field], answers: Answers) -> str:
    """A line with every number that has to be there: what is known, and what would fit it."""
    known: dict[str, int] = {
        field.count or "": value
        for field in counts
        if isinstance(value := answers.get(field.id), int)
    }
    there = min((known[name] for name in PRESENT if name in known), default=THERE)
    no = known.get("no", there // 10)
    sample = {"no": no, "yes": max(there - no, 0), **known}
    wanted = [field.count or "" for field in counts if not field.optional or field.count in known]
    return " ".join(f"{count_texts.count(name)}{sample.get(name, there)}" for name in wanted)


def name_numbers(counts: Sequence[Field], answers: Answers) -> str:
    return _("不知道每个数字是什么，请连名称写在一行里，例如：{example}。前面填的都在。").format(
        example=_example(counts, answers)
    )


def numbers_of(counts: Sequence[Field], answers: Answers, known: Collection[str] = ()) -> str:
    """Ballot numbers as people write them in one line."""
    return "　".join(
        f"{count_texts.count(field.count or '')}<b>{answers[field.id]}</b>"
        + (prefilled() if field.id in known else "")
        for field in counts
        if field.id in answers
    )


def read_numbers(numbers: str) -> str:
    return _("读到：{numbers}").format(numbers=numbers)


def left_open(group: Sequence[Field], answers: Answers, signs: Mapping[str, str]) -> str:
    """What has to be answered still: by its sign where buttons bear it, by name where none do, or
    where little is left."""
    left = [field for field in group if field.id in signs and not field.optional]
    left = [field for field in left if field.id not in answers]
    few = len(left) <= FEW
    names = [
        signs[field.id] + (words.typed(brief(field)) if few or field.type is FieldType.TEXT else "")
        for field in left
    ]
    return _("<b>还没答：{questions}</b>").format(questions=" ".join(names)) if left else ""


def several(group: Sequence[Field], left: Sequence[Field], answers: Answers) -> str:
    """How a screen of several questions is answered, in one sentence. `left`: those of them that
    have to be answered and aren't, or not enough."""
    written = [f for f in group if f.type is FieldType.TEXT and f.id not in answers]
    dates = [field for field in left if field.typed]
    if not left:
        return _("可以往下走了；要改，点一下就换。")
    if len(written) + len(dates) > 1:
        # Beside numbered texts a line is always one of those.
        along = not any(field.part for field in written)
        if along and any(field.type in (FieldType.CHOICE, FieldType.FLAG) for field in left):
            return _(
                "文字写在一条消息里：每项一行，或者分一、二、三；有按钮的点一下，也可以一起写。"
            )
        return _("文字写在一条消息里：每项一行，或者分一、二、三。")
    proof = next((field for field in left if field.type is FieldType.PROOF), None)
    if written and proof is not None:
        return _("文字直接发来，或者写在照片下面一起发；别的点一下。")
    if written:
        return _("文字直接发来，别的点一下。")
    if any(field.count for field in left):
        return _("数字写在一行里发来。")
    if proof is not None:
        wanted = expected(proof)
        return wanted if len(left) == 1 else _("{expected}别的点一下。").format(expected=wanted)
    return _("每项点一下就行。")


def other_day() -> str:
    return _("别的日子")


def one_by_one() -> str:
    return _("逐项点")


def too_many_parts(wanted: int, given: int) -> str:
    return _("这里只有{wanted}项要写，您分了{given}项。前面填的都在。").format(
        wanted=wanted, given=given
    )


def parts_wanted(fields: Sequence[Field], given: int) -> str:
    """Of texts that one message holds it can't be told which is which. Short: of a long screen
    a small phone shows three lines above the buttons."""
    said = ngettext(
        "收到{given}行，分不清是哪一项，没存；前面的都在。",
        "收到{given}行，分不清是哪一项，没存；前面的都在。",
        given,
    ).format(given=given)
    return f"{said}\n" + _("请写{wanted}行，或：一、… 二、…").format(wanted=len(fields))


def lines_wanted(fields: Sequence[Field], given: int) -> str:
    """Of several texts without numbers: as many lines as are still to be written, in order."""
    names = _("、").join(words.typed(brief(field)) for field in fields)
    return ngettext(
        "收到{given}行，这里要写{wanted}行：{names}。没有存；前面填的都在。",
        "收到{given}行，这里要写{wanted}行：{names}。没有存；前面填的都在。",
        given,
    ).format(given=given, wanted=len(fields), names=names)


def number_again(field: Field, sign: str) -> str:
    """A plain number came where the question for one is answered."""
    return _(
        "{sign}已经填过，这个数没有存。要改{sign}{name}，点按钮，或者写“听了12人”。前面填的都在。"
    ).format(sign=sign, name=words.typed(brief(field)))


def not_here(field: Field) -> str:
    """A message answers no question of the screen."""
    return _(
        "没有看懂。现在要填：{question}前面填的都在；写“菜单”去别处，写“取消”停下不填。"
    ).format(question=words.read(field.label))


def no_such_button(text: str) -> str:
    """Somebody writes the words of a button that isn't there; they are no answer."""
    return _("这里没有“{text}”这个按钮。刚才的没有保存，前面填的都在。").format(
        text=words.typed(text)
    )


def say_which_saves() -> str:
    return _("要保存，请按带“保存”的按钮，或者写出您的答案。前面填的都在。")


def no_day_wanted(field: Field, wanted: bool) -> str:
    """A day that answers nothing here. `wanted`: `field` asks for one with its year."""
    if wanted:
        return _("请写年月日，例如 1998-03-15。现在要填：{question}前面填的都在。").format(
            question=words.read(field.label)
        )
    return _("这像是一个日子，这一项不填日子：{question}刚才的没有保存，前面填的都在。").format(
        question=words.read(field.label)
    )


def change_one() -> str:
    return _("改其中一项")


def add_text(field: Field) -> str:
    """What may still be written while the whole is looked over."""
    return _("还可以写：{question}直接发来就行。").format(question=words.read(field.label))


def add_parts(fields: Sequence[Field]) -> str:
    """The same where several may: each is told by its number."""
    names = _("、").join(words.typed(brief(field)) for field in fields)
    return _("没写的还有：{names}。要补写，前面带上号发来，例如“{number}. ……”。").format(
        names=names, number=fields[0].part
    )


def recording_kept(left: Sequence[Field]) -> str:
    """A voice message is a proof; what it says is written down by whoever said it. `left`: texts
    that are still to be written."""
    if not left:
        return _("录音留作附件了。")
    return _("录音留作附件了，不会转成文字。请再用一条文字写：{names}。").format(
        names=_("、").join(words.typed(brief(field)) for field in left)
    )


def expected(field: Field, onward: bool = False) -> str:
    """What kind of answer is wanted, in one sentence. `onward`: as for `question`."""
    if field.recorded:
        return _("请发一条语音（不超过20 MB），可以发多条。")
    if numbers(field):
        return _("请点一个数字，更多的直接输入。")
    if field.typed:
        return _("请写年月日。")
    if field.type is FieldType.PERSONS and field.minimum and field.minimum == field.maximum:
        return _("请点{n}人，点满就到下一项。").format(n=field.minimum)
    sentences = {
        FieldType.TEXT: _written(field),
        FieldType.NUMBER: _("请发一个数字，比如 48。"),
        FieldType.DATE: _("在日历上点，或者写11月22日。"),
        FieldType.FLAG: _("请点“是”或“否”。"),
        FieldType.CHOICE: _("请点一项。"),
        FieldType.CHOICES: _("可点多项，点完按“下一项”。") if onward else _("可点多项。"),
        FieldType.CHECKLIST: _("办到的逐条点上，点完按“下一项”。")
        if onward
        else _("办到的逐条点上。"),
        FieldType.PROOF: _("请发照片、PDF或Word文件（不超过20 MB），可以发多份。"),
        FieldType.PERSON: _("请点一个人，或者输入姓名。"),
        FieldType.ORGANISATION: _("请点一个支部，或者输入名称。"),
        FieldType.PERSONS: _("可点多人，点完按“下一项”。") if onward else _("可点多人。"),
    }
    return sentences[field.type]


def _written(field: Field) -> str:
    """How much may be written, said before it is too much."""
    least, most = field.minimum or 1, field.maximum or LONGEST_TEXT
    if least == 1:
        return _("最多{most}个字。").format(most=most)
    return _("{least}到{most}个字。").format(least=least, most=most)


def numbers(field: Field) -> range:
    """The numbers that are mostly meant, to tap on; none for a ballot's, and for large ones."""
    first = 1 if field.minimum is None else field.minimum
    if field.type is not FieldType.NUMBER or field.count or first > MOST_TAPPED:
        return range(0)
    last = first + TAPPED - 1
    return range(first, (last if field.maximum is None else min(last, field.maximum)) + 1)


def current(field: Field, answers: Answers, names: Mapping[str, str], known: bool) -> str:
    said = _("现在填的：{answer}").format(
        answer=answer_texts.answer(field, answers[field.id], names)
    )
    return said + prefilled() if known else said


def for_each(picked: str, more: int) -> str:
    """What a list has to hold one for, and how many are still to come."""
    if not more:
        return _("{picked}各一份，够了。").format(picked=picked)
    return _("<b>{picked}各一份，还差{more}份。</b>").format(picked=picked, more=more)


def nobody() -> str:
    return _("名单里还没有人。请先在“更多”里登记党员，再来填。")


def no_hotline() -> str:
    return _(
        "还没有设举报电话。请党委组织委员或者组织部领导在“更多”的“举报电话”里设好，以后不用再写。"
    )


def rejected(problem: Problem, fields: Mapping[str, Field]) -> str:
    said = problem_texts.problem(problem, fields)
    return _("{problem}刚才的没有保存，前面填的都在。").format(problem=said)


def lines_rejected(problem: Problem, fields: Mapping[str, Field], given: int) -> str:
    """One of several lines can't stand, and none of them is taken."""
    said = problem_texts.problem(problem, fields)
    return ngettext(
        "{problem}刚才的{given}行都没有保存，前面填的都在。",
        "{problem}刚才的{given}行都没有保存，前面填的都在。",
        given,
    ).format(problem=said, given=given)


def day_rejected(
    problem: Problem, field: Field, written: Value, fields: Mapping[str, Field]
) -> str:
    """A day was just written with which a rule isn't kept; the rule may stand at another question,
    where nothing was written now. Everything but this day is kept."""
    if problem.field == field.id or problem.field not in fields:
        said = problem_texts.problem(problem, fields)
    else:
        said = _("“{question}”刚写的是{answer}，和“{other}”对不上：{problem}").format(
            question=words.typed(brief(field)),
            answer=answer_texts.answer(field, written, {}),
            other=words.typed(brief(fields[problem.field])),
            problem=problem_texts.problem(problem, {}),
        )
    return _("{problem}这个日子没有保存，其余的都在。").format(problem=said)


def not_enough(problem: Problem) -> str:
    """What was given is kept; there has to be more of it."""
    return _("{problem}前面填的都在。").format(problem=problem_texts.problem(problem, {}))


def not_this(field: Field) -> str:
    """Something else came than what was asked for."""
    return _("这里收不了这个。{expected}前面填的都在。").format(expected=expected(field))


def forwarded(field: Field) -> str:
    return _("转发的消息不能当答案，请自己写。{expected}").format(expected=expected(field))


def file_refused(reason: str) -> str:
    return _("{problem}前面填的都在。").format(problem=attachment_texts.refused(reason))


def words_not_kept() -> str:
    return _("文件存好了，附的话没有存。要留下来，请写在别的项里。")


def press_only() -> str:
    return _("请按下面的按钮：确认保存，或者点“改”改其中一项。")


def press_wanted() -> str:
    return _("请按下面的按钮。还没有改动任何东西。")


def unknown_name(text: str) -> str:
    return _("名单里没有“{text}”。请从下面点。").format(text=words.typed(text[:20]))


def several_names(text: str) -> str:
    return _("“{text}”不止一个人。请从下面点。").format(text=words.typed(text[:20]))


def stale() -> str:
    return _("这是前面一题的按钮，没有改动。")


def read_back(values: Sequence[tuple[Field, int]], problems: Sequence[Problem]) -> list[str]:
    """The numbers as they were read; what can't be is said before they count."""
    lines = ["", words.bold(_("读到的数字，请核对："))]
    lines += [f"{words.read(field.label)}　<b>{value}</b>" for field, value in values]
    if problems:
        return [*lines, "", *(problem_texts.problem(item, {}) for item in problems)]
    return [*lines, _("对了才算数。")]


def not_read(names: Sequence[str]) -> str:
    counts = _("、").join(count_texts.count(name) for name in names)
    return _("这一步不问{counts}，已略过。").format(counts=counts)


def read_later(later: Mapping[str, int]) -> str:
    counts = _("、").join(f"{count_texts.count(name)}{number}" for name, number in later.items())
    return _("{counts}记下了，保存人数以后核对。").format(counts=counts)


def nothing_read() -> str:
    return _("没有读到数字。请写成：应到50 实到48 赞成46 不赞成2。")


def summary_title() -> str:
    return _("核对后保存")


def summary(
    preview: Preview, answers: Answers, names: Mapping[str, str], known: Collection[str] = ()
) -> list[str]:
    lines = [""]
    for field in preview.fields:
        lines.append(words.read(field.label))
        said = summary_answer(field, answers, names)
        lines.append(f"　{said}{prefilled() if field.id in known else ''}")
    return lines


def summary_answer(field: Field, answers: Answers, names: Mapping[str, str]) -> str:
    if field.id in answers:
        value = answers[field.id]
        if isinstance(value, str) and field.type is FieldType.TEXT and len(value) > LINE:
            value = value[: LINE - 1] + "…"
        return words.bold(answer_texts.answer(field, value, names))
    return _("未填") if field.optional else _("<b>还没填</b>")


def findings(preview: Preview) -> list[str]:
    """Verdict, notice period, differing bodies and problems of what was answered."""
    fields = {field.id: field for field in preview.fields}
    lines: list[str] = []
    if preview.verdict is not None:
        lines += ["", *answer_texts.verdict(preview.verdict)]
    if preview.notice is not None:
        lines += ["", *answer_texts.notice(preview.notice)]
    for found in preview.bodies:
        lines += ["", _("由谁决定，两级规定不一样。"), guide_texts.difference(found)]
    refused = [item for item in preview.problems if item.refuses]
    noted = [item for item in preview.problems if not item.refuses]
    lines += _listed(_("还不能保存："), refused, fields)
    return lines + _listed(_("可以保存，但会注明："), noted, fields)


def _listed(title: str, problems: Sequence[Problem], fields: Mapping[str, Field]) -> list[str]:
    if not problems:
        return []
    return ["", title, *(f"· {problem_texts.problem(item, fields)}" for item in problems)]


def ask_reason(person: str, step: str, title: Text) -> list[str]:
    return [
        _("更正：{head}").format(head=f"{words.typed(person)} · {words.step_name(step, title)}"),
        "",
        words.bold(_("为什么要更正？")),
        _("写4到300个字。原来的记录会留着，并注明更正人和时间。"),
    ]


def reason_wanted() -> str:
    return _("原因要写4到300个字。还没有改动任何东西。")


def reason_line(reason: str) -> str:
    return _("更正原因：{reason}").format(reason=words.typed(reason))


def position(number: int, total: int) -> str:
    return f"{number}/{total}"


def month(first: date) -> str:
    return _("{year}年{month}月").format(year=first.year, month=first.month)


def month_alone(first: date) -> str:
    """A fifth of a phone's width is too narrow for the year as well."""
    return f"{first:%b}" if current_language() == "en" else _("{month}月").format(month=first.month)


def weekdays() -> list[str]:
    return [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")]


def today() -> str:
    return _("今天")


def yesterday() -> str:
    return _("昨天")


def in_a_month() -> str:
    return _("一个月后")


def yes() -> str:
    return _("是")


def no() -> str:
    return _("否")


def all_of_them() -> str:
    return _("全部点上")


def following() -> str:
    return _("下一项 ›")


def previous() -> str:
    return _("‹ 上一项")


def skip() -> str:
    return _("跳过")


def to_summary() -> str:
    return _("去核对")


def right() -> str:
    return _("对，就这些")


def wrong() -> str:
    return _("不对，重填")


def drop_last() -> str:
    return _("去掉最后一份")


def confirm() -> str:
    return _("确认，保存")


def and_saved(answer: str, sign: str = "") -> str:
    """On the button of an answer that saves at once; of a long answer so much that this is seen.
    `sign`: of its question, where a screen has several."""
    answer = f"{sign} {answer}".strip()
    room = LABEL - len(_("{answer} · 保存").format(answer=""))
    return _("{answer} · 保存").format(answer=label_of(answer, room))


def saves_at_once(label: str) -> str:
    return _("上面都对，按“{label}”就存好了。").format(label=words.typed(label))


def all_true(signs: str) -> str:
    return _("{signs} 都是").format(signs=signs)


def true_and_saved(signs: str, left: Sequence[Field]) -> str:
    return and_saved(_true(signs, left))


def at_once(signs: str, left: Sequence[Field], beside: Sequence[str], answer: str) -> str:
    """What one press says: what bears these signs is true, what is usual `beside` it, an answer."""
    true = (_true(signs, left),) if left else ()
    for said in reversed((*true, *beside)):
        answer = _("{true}，{answer}").format(true=said, answer=answer)
    return answer


def has_room(answer: str) -> bool:
    """Whether a button that saves says an answer whole."""
    return len(_("{answer} · 保存").format(answer=answer)) <= LABEL


def _true(signs: str, left: Sequence[Field]) -> str:
    if len(left) > 1:
        return all_true(signs)
    said = yes() if left[0].type is FieldType.FLAG else all_of_them()
    return f"{signs} {said}".strip()


def with_it(answer: str) -> str:
    """Above what is attested with an answer."""
    return _("选“{answer}”的，还有：").format(answer=words.typed(answer))


def fill_missing() -> str:
    return _("补填缺的")


def change(field: Field) -> str:
    return _("改“{name}”").format(name=brief(field))


def people_pages(number: int, count: int) -> str:
    return f"{number + 1}/{count}"


def later() -> str:
    return _("保存，稍后再填")


def cancel() -> str:
    return _("取消")


def cancelled() -> str:
    return _("停下了，什么也没有存。")


def kept(answers: int, person: str, step: str, title: Text) -> str:
    name = f"{words.typed(person)} · {words.step_name(step, title)}"
    if not answers:
        return _("“{name}”还什么都没填，没有存草稿。").format(name=name)
    return ngettext(
        "“{name}”已填的{n}项存成草稿了。随时可以在待办里接着填。",
        "“{name}”已填的{n}项存成草稿了。随时可以在待办里接着填。",
        answers,
    ).format(name=name, n=answers)


def give_up(answers: int, person: str, step: str, title: Text) -> str:
    name = f"{words.typed(person)} · {words.step_name(step, title)}"
    return ngettext(
        "“{name}”已填的{n}项，不要了吗？没选以前都留着，在待办里。",
        "“{name}”已填的{n}项，不要了吗？没选以前都留着，在待办里。",
        answers,
    ).format(name=name, n=answers)


def go_on() -> str:
    return _("接着填")


def drop() -> str:
    return _("不要了，删草稿")


def dropped() -> str:
    return _("草稿删掉了。已经保存的记录没有变。")


def put_aside() -> str:
    return _("填了一半的还在，回到那里就接着填。")


def not_kept() -> str:
    return _("刚才没填完的没有存。要办，请从头再来。")


def nothing_to_cancel() -> str:
    return _("现在没有正在填的。")
