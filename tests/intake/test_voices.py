"""Voice messages, which staff alone may send: the sound stays, what it was recorded with goes."""

from itertools import pairwise
from struct import pack, unpack_from

import pytest

from services.attachments.errors import Unusable
from services.attachments.formats import LARGEST, OGG, clean, clean_sound
from services.attachments.process import AttachmentCleaner
from tests.intake import samples

CANARY = "CANARY9f3a"


def pages(content: bytes) -> list[bytes]:
    starts = [place for place in range(len(content)) if content.startswith(b"OggS\0", place)]
    return [content[one:other] for one, other in pairwise([*starts, len(content)])]


def sound_of(page: bytes) -> bytes:
    return page[27 + page[26] :]


@pytest.mark.parametrize("remarks", [1, 3])
def test_a_voice_message_keeps_its_sound_and_loses_its_remarks(remarks: int) -> None:
    sent = samples.voice(CANARY, remarks=remarks)
    assert CANARY.encode() in sent
    kept = clean_sound(sent)
    assert kept.media_type == OGG
    assert CANARY.encode() not in kept.content
    found, before = pages(kept.content), pages(sent)
    assert [unpack_from("<I", page, 18)[0] for page in found] == [0, 1, 2]
    assert [sound_of(page) for page in found] == [
        sound_of(before[0]), b"OpusTags" + bytes(8), sound_of(before[-1]),
    ]  # fmt: skip
    for page in found:
        blank = page[:22] + bytes(4) + page[26:]
        assert page[22:26] == pack("<I", samples.ogg_checksum(blank)), "or no telephone plays it"
    assert clean_sound(kept.content) == kept


def test_what_is_no_voice_message_is_refused() -> None:
    whole = samples.voice(CANARY)
    other = samples.ogg_page(2, 2, b"\x80theora", serial=8)
    head, told, sound = pages(whole)
    sound_goes_on = samples.ogg_page(2, 0, b"\x78" * 20)
    for content, reason in (
        (samples.jpeg(), "other_recording"),
        (b"#!AMR\n" + bytes(40), "other_recording"),
        (b"ID3\x04" + bytes(40), "other_recording"),
        (b"", "other_recording"),
        (samples.ogg_page(0, 2, b"\x01vorbis") + told + sound, "other_recording"),
        (head + other + told + sound, "other_recording"),
        (samples.ogg_page(0, 2, sound_of(head) + b"by whom") + told + sound, "other_recording"),
        (head + told + sound_goes_on + whole, "other_recording"),
        (whole + samples.ogg_page(3, 0, b"behind the end"), "not_readable"),
        (whole + b"behind", "not_readable"),
        (whole[:-7], "not_readable"),
        (head + sound, "not_readable"),
        (head + told, "not_readable"),
        (b"OggS" + bytes(40), "not_readable"),
        (bytes(LARGEST + 1), "too_big"),
    ):
        with pytest.raises(Unusable) as caught:
            clean_sound(content)
        assert caught.value.reason == reason, content[:20]
    with pytest.raises(Unusable) as caught:
        clean(whole)
    assert caught.value.reason == "audio", "where no voice was asked for, none is taken"


@pytest.mark.own_process
async def test_a_voice_is_cleaned_in_a_process_of_its_own() -> None:
    sent = samples.voice(CANARY)

    async def fetch() -> bytes:
        return sent

    assert await AttachmentCleaner().clean(fetch, recording=True) == clean_sound(sent)
    with pytest.raises(Unusable) as caught:
        await AttachmentCleaner().clean(fetch)
    assert caught.value.reason == "audio"
