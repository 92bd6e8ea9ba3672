"""What Telegram refuses is refused here, in its words, as each library raises it."""

import pytest

from messenger.client import MessengerClient, Person
from messenger.core.settings import BOTS, FloodLimits, MessengerSettings
from messenger.server import running
from tests.messenger.conftest import MORNING, picture
from tests.messenger.libraries import LIBRARIES, Library

LONGEST, LONGEST_CAPTION = 4096, 1024


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("字" * (LONGEST + 1), "message is too long"),
        (" \n ", "message text is empty"),
        ("<b>没有结束", 'can\'t find end tag corresponding to start tag "b"'),
        ("<b>甲</i>", 'unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("1 < 2", "unclosed start tag at byte offset 2"),
        ("</b>", "unexpected end tag at byte offset 0"),
        ("<div>甲</div>", 'unsupported start tag "div" at byte offset 0'),
    ],
)
async def test_texts_that_are_refused(
    library: Library, secretary: Person, text: str, says: str
) -> None:
    with library.refused(says):
        await library.bot.send_message(chat_id=secretary.user_id, text=text, parse_mode="HTML")
    assert await secretary.screen() == []


async def test_the_longest_text_and_caption_arrive(library: Library, secretary: Person) -> None:
    text = f"<b>{'字' * LONGEST}</b>"
    await library.bot.send_message(chat_id=secretary.user_id, text=text, parse_mode="HTML")
    photo = library.file(picture(), "a.png")
    await library.bot.send_photo(
        chat_id=secretary.user_id, photo=photo, caption="字" * LONGEST_CAPTION
    )
    shown = await secretary.screen()
    assert [len(message["text"]) for message in shown] == [LONGEST, LONGEST_CAPTION]


async def test_a_caption_beyond_its_limit(library: Library, secretary: Person) -> None:
    photo = library.file(picture(), "a.png")
    with library.refused("message caption is too long"):
        await library.bot.send_photo(
            chat_id=secretary.user_id, photo=photo, caption="字" * (LONGEST_CAPTION + 1)
        )


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({"callback_data": "字" * 22}, "BUTTON_DATA_INVALID"),
        ({"url": "javascript:alert(1)"}, "Unsupported URL protocol"),
    ],
)
async def test_buttons_that_are_refused(
    library: Library, secretary: Person, what: dict[str, str], says: str
) -> None:
    with library.refused(says):
        await library.bot.send_message(
            chat_id=secretary.user_id, text="选", reply_markup=library.button(text="甲", **what)
        )


async def test_64_bytes_of_data_come_back_whole(library: Library, secretary: Person) -> None:
    data = "字" * 21 + "a"
    await library.bot.send_message(
        chat_id=secretary.user_id, text="选", reply_markup=library.buttons([[("甲", data)]])
    )
    await secretary.presses("甲")
    [update] = await library.bot.get_updates()
    assert update.callback_query.data == data


async def test_a_hundred_buttons_and_no_more(library: Library, secretary: Person) -> None:
    rows = [[(str(place), str(place))] for place in range(101)]
    with library.refused("REPLY_MARKUP_TOO_LONG"):
        await library.bot.send_message(
            chat_id=secretary.user_id, text="选", reply_markup=library.buttons(rows)
        )
    await library.bot.send_message(
        chat_id=secretary.user_id, text="选", reply_markup=library.buttons(rows[:100])
    )
    assert len((await secretary.screen())[-1]["buttons"]) == 100


async def test_nothing_new_is_not_modified(library: Library, secretary: Person) -> None:
    there = {"chat_id": secretary.user_id, "text": "<b>一样</b>", "parse_mode": "HTML"}
    buttons = library.buttons([[("甲", "a")]])
    sent = await library.bot.send_message(**there, reply_markup=buttons)
    with library.refused("message is not modified"):
        await library.bot.edit_message_text(
            **there, message_id=sent.message_id, reply_markup=buttons
        )
    await library.bot.edit_message_text(**there, message_id=sent.message_id)
    assert (await secretary.screen())[-1]["buttons"] == []


async def test_what_isnt_there_cant_be_changed(library: Library, secretary: Person) -> None:
    theirs, chat = await secretary.says("我的"), {"chat_id": secretary.user_id}
    photo = await library.bot.send_photo(**chat, photo=library.file(picture(), "a.png"))
    text = await library.bot.send_message(**chat, text="字")
    with library.refused("message to edit not found"):
        await library.bot.edit_message_text(**chat, text="x", message_id=1)
    with library.refused("message to delete not found"):
        await library.bot.delete_message(**chat, message_id=1)
    with library.refused("message can't be edited"):
        await library.bot.edit_message_text(**chat, text="x", message_id=theirs)
    with library.refused("there is no text in the message to edit"):
        await library.bot.edit_message_text(**chat, text="x", message_id=photo.message_id)
    with library.refused("there is no caption in the message to edit"):
        await library.bot.edit_message_caption(**chat, caption="x", message_id=text.message_id)


async def test_after_48_hours_a_message_stays(
    library: Library, messenger: MessengerClient, secretary: Person
) -> None:
    chat = {"chat_id": secretary.user_id}
    old = await library.bot.send_message(**chat, text="两天前")
    await messenger.advance("47h")
    young = await library.bot.send_message(**chat, text="刚才")
    await messenger.advance("61m")
    with library.refused("message can't be deleted for everyone"):
        await library.bot.delete_message(**chat, message_id=old.message_id)
    with library.refused("message can't be deleted for everyone"):
        numbers = [young.message_id, old.message_id]
        await library.bot.delete_messages(**chat, message_ids=numbers)
    assert [message["text"] for message in await secretary.screen()] == ["两天前", "刚才"]
    await library.bot.delete_message(**chat, message_id=young.message_id)
    assert [message["text"] for message in await secretary.screen()] == ["两天前"]


async def test_who_can_be_written_to(
    library: Library, messenger: MessengerClient, secretary: Person
) -> None:
    stranger = await messenger.person("stranger", "staff")
    with library.refused("chat not found"):
        await library.bot.send_message(chat_id=1, text="有人吗")
    with library.refused("bot can't initiate conversation with a user", 403):
        await library.bot.send_message(chat_id=stranger.user_id, text="有人吗")
    await messenger.post("/api/people/secretary", {"bot": "staff", "blocked": True})
    with library.refused("bot was blocked by the user", 403):
        await library.bot.send_message(chat_id=secretary.user_id, text="有人吗")
    [update] = await library.bot.get_updates()
    assert update.my_chat_member.new_chat_member.status == "kicked"
    await secretary.says("我回来了")
    *_, back, _ = await library.bot.get_updates()
    assert back.my_chat_member.new_chat_member.status == "member"
    await library.bot.send_message(chat_id=secretary.user_id, text="您好")


@pytest.mark.parametrize(
    ("content", "says", "code"),
    [
        (b"not a picture", "IMAGE_PROCESS_FAILED", 400),
        (picture(2100, 100), "PHOTO_INVALID_DIMENSIONS", 400),
        (picture(9000, 1001), "PHOTO_INVALID_DIMENSIONS", 400),
        (b"\0" * (10 * 1024 * 1024 + 1), "Request Entity Too Large", 413),
    ],
    ids=["no picture", "too long", "too large", "too heavy"],
)
async def test_photos_that_are_refused(
    library: Library, secretary: Person, content: bytes, says: str, code: int
) -> None:
    with library.refused(says, code):
        await library.bot.send_photo(
            chat_id=secretary.user_id, photo=library.file(content, "a.png")
        )


async def test_more_than_20_megabytes_cant_be_fetched(library: Library, secretary: Person) -> None:
    limit = 20 * 1024 * 1024
    for size in (limit, limit + 1):
        await secretary.sends(b"\0" * size, "film.bin", "application/octet-stream")
    fits, over = [update.message.document for update in await library.bot.get_updates()]
    assert len(await library.download(fits.file_id)) == limit
    with library.refused("file is too big"):
        await library.bot.get_file(file_id=over.file_id)


async def test_a_file_id_is_worth_nothing_to_another_bot(
    library: Library, messenger: MessengerClient
) -> None:
    citizen = await messenger.person("citizen", "public")
    await citizen.sends(picture(), "a.png", "image/png")
    url = str(messenger.url)
    async with LIBRARIES[library.name](url, BOTS["public"][0]) as public:
        [update] = await public.bot.get_updates()
        file_id = update.message.photo[-1].file_id
        assert bytes(await public.download(file_id)) == picture()
    with library.refused("invalid file_id"):
        await library.bot.get_file(file_id=file_id)


async def test_an_unknown_token(library: Library, messenger: MessengerClient) -> None:
    with library.refused("", 401):
        async with LIBRARIES[library.name](str(messenger.url), "42:nobody") as nobody:
            await nobody.bot.get_me()


@pytest.mark.parametrize("name", list(LIBRARIES))
async def test_too_much_at_once_has_to_wait(name: str) -> None:
    # An hour, so that a slow machine sends its texts within the window as well.
    flood = FloodLimits(overall=30, chat=1, pause=60, window=3600)
    here = MessengerSettings(port=0, clock=MORNING, started=True, flood=flood)
    async with running(here) as server, LIBRARIES[name](server.url, BOTS["staff"][0]) as library:
        chat = server.state.people["secretary"].user_id
        await library.bot.send_message(chat_id=chat, text="一")
        for _ in range(2):
            with library.refused("flood control exceeded", 429):
                await library.bot.send_message(chat_id=chat, text="二")
        assert len(server.state.bots["staff"].record) == 1
        assert server.state.bots["staff"].flood.early == 1
