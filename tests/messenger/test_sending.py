"""What a bot sends, changes and takes back is what a person sees, with either library."""

from messenger.client import MessengerClient, Person
from tests.messenger.conftest import picture
from tests.messenger.libraries import Library


async def test_a_bot_knows_its_own_name(library: Library) -> None:
    me = await library.bot.get_me()
    assert (me.is_bot, me.username) == (True, "yinlu_staff_bot")


async def test_a_message_arrives_with_its_marks_and_buttons(
    library: Library, secretary: Person
) -> None:
    sent = await library.bot.send_message(
        chat_id=secretary.user_id,
        text="<b>第一步</b>：谈话 😀 <i>今天</i>",
        parse_mode="HTML",
        reply_markup=library.buttons([[("去办", "go:1")], [("以后", "later"), ("不", "no")]]),
    )
    shown = (await secretary.screen())[-1]
    assert shown["text"] == "第一步：谈话 😀 今天"
    assert shown["html"] == "<b>第一步</b>：谈话 😀 <i>今天</i>"
    assert [len(row) for row in shown["buttons"]] == [1, 2]
    marks = [(mark.type, mark.offset, mark.length) for mark in sent.entities]
    assert marks == [("bold", 0, 3), ("italic", 10, 2)]
    assert sent.message_id == shown["id"]


async def test_what_looks_like_json_stays_a_text(library: Library, secretary: Person) -> None:
    await library.bot.send_message(chat_id=secretary.user_id, text='[1, {"a": 2}]')
    assert await secretary.last() == '[1, {"a": 2}]'


async def test_a_text_is_changed_and_marked(library: Library, secretary: Person) -> None:
    sent = await library.bot.send_message(chat_id=secretary.user_id, text="十一月")
    changed = await library.bot.edit_message_text(
        text="十二月", chat_id=secretary.user_id, message_id=sent.message_id
    )
    shown = (await secretary.screen())[-1]
    assert (shown["text"], shown["edited"]) == ("十二月", True)
    assert changed.edit_date is not None


async def test_new_buttons_under_the_same_text_are_no_edit(
    library: Library, secretary: Person
) -> None:
    sent = await library.bot.send_message(chat_id=secretary.user_id, text="选一项")
    await library.bot.edit_message_reply_markup(
        chat_id=secretary.user_id,
        message_id=sent.message_id,
        reply_markup=library.buttons([[("甲", "a")]]),
    )
    shown = (await secretary.screen())[-1]
    assert shown["buttons"][0][0]["text"] == "甲"
    assert not shown["edited"]


async def test_a_photo_and_its_caption(library: Library, secretary: Person) -> None:
    sent = await library.bot.send_photo(
        chat_id=secretary.user_id, photo=library.file(picture(), "board.png"), caption="公示栏"
    )
    await library.bot.edit_message_caption(
        chat_id=secretary.user_id, message_id=sent.message_id, caption="公示栏（东侧）"
    )
    shown = (await secretary.screen())[-1]
    assert (shown["text"], shown["media"]["kind"]) == ("公示栏（东侧）", "photo")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (40, 30)
    again = await library.bot.send_photo(chat_id=secretary.user_id, photo=sent.photo[-1].file_id)
    assert again.photo[-1].file_id == sent.photo[-1].file_id


async def test_a_photo_makes_way_for_a_document(
    library: Library, messenger: MessengerClient, secretary: Person
) -> None:
    sent = await library.bot.send_photo(
        chat_id=secretary.user_id, photo=library.file(picture(), "board.png")
    )
    await library.bot.edit_message_media(
        chat_id=secretary.user_id,
        message_id=sent.message_id,
        media=library.types.InputMediaDocument(
            media=library.attached(b"%PDF-1.4", "记录.pdf"), caption="会议记录"
        ),
    )
    shown = (await secretary.screen())[-1]
    assert (shown["media"]["name"], shown["text"]) == ("记录.pdf", "会议记录")
    async with messenger.session.get(shown["media"]["url"]) as answer:
        assert await answer.read() == b"%PDF-1.4"


async def test_a_file_of_a_person_reaches_the_bot(library: Library, secretary: Person) -> None:
    await secretary.sends(b"%PDF-1.4 paper", "申请书.pdf", "application/pdf", text="我的申请")
    [update] = await library.bot.get_updates()
    document = update.message.document
    assert (document.file_name, update.message.caption) == ("申请书.pdf", "我的申请")
    assert bytes(await library.download(document.file_id)) == b"%PDF-1.4 paper"


async def test_deleted_messages_are_gone(library: Library, secretary: Person) -> None:
    sent = [
        await library.bot.send_message(chat_id=secretary.user_id, text=f"第{place}条")
        for place in range(4)
    ]
    theirs = await secretary.says("我的话")
    await library.bot.delete_message(chat_id=secretary.user_id, message_id=sent[0].message_id)
    numbers = [sent[1].message_id, theirs, 999]
    await library.bot.delete_messages(chat_id=secretary.user_id, message_ids=numbers)
    chat = await secretary.chat()
    left = [message for message in chat["messages"] if not message["deleted"]]
    assert [message["text"] for message in left] == ["第2条", "第3条"]
    assert all(not message["text"] for message in chat["messages"] if message["deleted"])


async def test_a_press_is_answered_once(library: Library, secretary: Person) -> None:
    await library.bot.send_message(
        chat_id=secretary.user_id, text="去吗", reply_markup=library.buttons([[("去", "go")]])
    )
    await secretary.presses("去")
    [update] = await library.bot.get_updates()
    query = update.callback_query
    assert (query.data, query.message.text, query.from_user.id) == ("go", "去吗", secretary.user_id)
    await library.bot.answer_callback_query(
        callback_query_id=query.id, text="记下了", show_alert=True
    )
    toast = (await secretary.chat())["toasts"][-1]
    assert (toast["text"], toast["alert"]) == ("记下了", True)
    with library.refused("query is too old"):
        await library.bot.answer_callback_query(callback_query_id=query.id)


async def test_typing_is_shown_until_the_message_comes(library: Library, secretary: Person) -> None:
    await library.bot.send_chat_action(chat_id=secretary.user_id, action="typing")
    assert (await secretary.chat())["typing"] is True
    await library.bot.send_message(chat_id=secretary.user_id, text="好")
    assert (await secretary.chat())["typing"] is False


async def test_an_answer_quotes_what_it_answers(library: Library, secretary: Person) -> None:
    asked = await secretary.says("什么时候开会？")
    sent = await library.bot.send_message(
        chat_id=secretary.user_id,
        text="周三",
        reply_parameters=library.types.ReplyParameters(message_id=asked),
    )
    assert (await secretary.screen())[-1]["reply_to"] == asked
    assert sent.reply_to_message.text == "什么时候开会？"


async def test_a_bot_says_what_it_is(library: Library, secretary: Person) -> None:
    command = library.types.BotCommand(command="todo", description="待办")
    english = library.types.BotCommand(command="todo", description="To do")
    await library.bot.set_my_commands(commands=[command])
    await library.bot.set_my_commands(commands=[english], language_code="en")
    await library.bot.set_my_description(description="带着您一步一步办")
    await library.bot.set_my_name(name="引路助手")
    await library.bot.set_my_short_description(short_description="引路")
    await library.bot.set_chat_menu_button(menu_button=library.types.MenuButtonCommands())
    chat = await secretary.chat()
    assert (chat["about"], chat["commands"][0]["description"]) == ("带着您一步一步办", "待办")
    assert (await library.bot.get_my_description()).description == "带着您一步一步办"
    assert (await library.bot.get_my_short_description()).short_description == "引路"
    assert (await library.bot.get_my_name()).name == "引路助手"
    assert (await library.bot.get_chat_menu_button()).type == "commands"
    assert (await library.bot.get_my_commands(language_code="en"))[0].description == "To do"
    await library.bot.delete_my_commands()
    assert (await secretary.chat())["commands"] == []


async def test_a_reply_keyboard_stands_until_it_is_taken_away(
    library: Library, secretary: Person
) -> None:
    key = library.types.KeyboardButton
    await library.bot.send_message(
        chat_id=secretary.user_id,
        text="菜单",
        reply_markup=library.types.ReplyKeyboardMarkup(keyboard=[[key(text="待办")]]),
    )
    assert (await secretary.chat())["keyboard"] == [["待办"]]
    await library.bot.send_message(
        chat_id=secretary.user_id, text="收起", reply_markup=library.types.ReplyKeyboardRemove()
    )
    assert (await secretary.chat())["keyboard"] == []
