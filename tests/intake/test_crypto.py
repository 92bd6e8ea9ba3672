"""The cryptography by known answers, and what it promises: who holds a key opens, nobody else."""

import json
from base64 import b64decode
from hashlib import blake2b
from pathlib import Path

import pytest
from nacl.bindings import crypto_scalarmult
from nacl.public import Box, PrivateKey, PublicKey
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.signing import SigningKey

from services.core.sealing import (
    CannotOpen,
    Opener,
    Sealer,
    WrongPassphrase,
    key_file,
    new_private_key,
    public_key_of,
    read_key_file,
    read_public_keys,
    write_public_keys,
)
from services.intake.answers import seal_answer, signing_key
from services.intake.binding import PADDED
from services.intake.codes import LENGTH, BadCode, characters, derive, new_code, read_code
from tests.conftest import KEYS

CODE, SALT, PEPPER = "的一是在不了有和", bytes(range(16)), bytes(range(32))
MEMORY = 64 * 1024 * 1024


@pytest.fixture(autouse=True)
def cheap() -> None:
    """Codes cost here what they cost everybody."""


def test_argon2id_gives_what_the_reference_implementation_gives() -> None:
    made = argon2id.kdf(32, b"correct horse battery", SALT, opslimit=3, memlimit=MEMORY)
    assert made.hex() == "904b42492da04031a468a6d1d51689848c15e5c88d8587b0186dce574b8c4bcc"


def test_x25519_gives_what_rfc_7748_says() -> None:
    """Section 5.2, the first vector."""
    scalar = "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"
    point = "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"
    out = crypto_scalarmult(bytes.fromhex(scalar), bytes.fromhex(point))
    assert out.hex() == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"


def test_ed25519_signs_what_rfc_8032_says() -> None:
    """Section 7.1, test 2."""
    seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    signature = SigningKey(bytes.fromhex(seed)).sign(b"\x72").signature
    assert signature.hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_the_secret_box_is_the_one_of_nacl() -> None:
    """The vector of "Cryptography in NaCl": its first 32 bytes."""
    key = "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"
    nonce = "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"
    plain = "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc"
    box = SecretBox(bytes.fromhex(key))
    closed = box.encrypt(bytes.fromhex(plain), bytes.fromhex(nonce)).ciphertext[16:]
    assert closed.hex() == "8e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a"


def test_a_sealed_box_is_a_box_from_a_key_that_is_thrown_away() -> None:
    """Put together again from its parts: ephemeral key, nonce from both keys, box."""
    reader = PrivateKey(bytes(range(32)))
    blob = seal_answer(bytes(reader.public_key), "已核实", "here", signing_key(KEYS))
    sender, closed = PublicKey(blob[:32]), blob[32:]
    nonce = blake2b(bytes(sender) + bytes(reader.public_key), digest_size=24).digest()
    opened = Box(reader, sender).decrypt(closed, nonce)
    said = json.loads(opened)
    assert said["text"] == "已核实"
    signing_key(KEYS).verify_key.verify("here\n已核实".encode(), b64decode(said["signed"]))
    assert len(opened) == PADDED


def test_what_follows_from_a_code_never_changes() -> None:
    """The secret behind it comes from the reference implementation; codes on paper depend on it."""
    keys = derive(CODE, SALT, PEPPER)
    assert keys.tag == "e95ac8459d8d9bc5860d72351c988c1f"
    assert keys.receipt == "ef5979a264b352855e0c2de698150870"
    private = "9f8d69deb207f5b3cc06b6c554bdac05e2e227833fee5b2b1ae3a882f55c0692"
    assert bytes(keys.private).hex() == private


@pytest.mark.parametrize(
    ("code", "salt", "pepper"),
    [
        ("的一是在不了有人", SALT, PEPPER),
        (CODE, bytes(16), PEPPER),
        (CODE, SALT, bytes(32)),
    ],
)
def test_another_code_salt_or_pepper_leads_elsewhere(code: str, salt: bytes, pepper: bytes) -> None:
    one, other = derive(CODE, SALT, PEPPER), derive(code, salt, pepper)
    assert {one.tag, one.receipt}.isdisjoint({other.tag, other.receipt})
    assert one.public != other.public


def test_a_code_has_88_bits() -> None:
    assert len(characters()) == 2**11
    assert LENGTH * 11 == 88
    assert len({new_code() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "typed",
    [
        "的 一 是 在 不 了 有 和",
        "的，一，是，在，不，了，有，和",
        "的一是在\n不了有和\n",
        "的一、是在。不了-有/和",
        "“的一是在不了有和”",
        "【的一是在不了有和】",
        "的一是在不了有和！",
        "：的一是在不了有和",
        "1.的 2.一 3.是 4.在 5.不 6.了 7.有 8.和",
        "①的②一③是④在⑤不⑥了⑦有⑧和",
        "一、的 二、一 三、是 四、在 五、不 六、了 七、有 八、和",
        "㈠的㈡一㈢是㈣在㈤不㈥了㈦有㈧和",
        "\u200b的一\u2060是在\ufeff不了有和\u200e",
    ],
)
def test_a_code_may_be_typed_as_it_stands_on_the_paper(typed: str) -> None:
    assert read_code(typed) == CODE


def test_a_code_may_be_written_in_traditional_characters() -> None:
    assert read_code("『額建漂疊添食創撫』") == "额建漂叠添食创抚"
    for character in characters():
        assert read_code(character * LENGTH) == character * LENGTH


def test_a_code_in_a_sentence_is_not_taken() -> None:
    with pytest.raises(BadCode):
        read_code("我的一是在不了有和")
    with pytest.raises(BadCode):
        read_code("的一是在不了有和x")


@pytest.mark.parametrize(
    ("typed", "count"), [("的一是在不了有", 7), ("的一是在不了有和和", 9), ("abc", 0), ("", 0)]
)
def test_a_code_of_another_length_says_how_much_was_read(typed: str, count: int) -> None:
    with pytest.raises(BadCode) as refused:
        read_code(typed)
    assert refused.value.count == count


def test_each_holder_opens_alone_and_nobody_else_does() -> None:
    first, second, stranger = (new_private_key() for _ in range(3))
    blob = Sealer((public_key_of(first), public_key_of(second))).seal(b"a report")
    assert Opener((first,)).open(blob) == b"a report"
    assert Opener((second,)).open(blob) == b"a report"
    with pytest.raises(CannotOpen):
        Opener((stranger,)).open(blob)


@pytest.mark.parametrize("place", [0, 1, 5, 90, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    holder = new_private_key()
    blob = bytearray(Sealer((public_key_of(holder),)).seal(b"a report"))
    blob[place] ^= 1
    with pytest.raises(CannotOpen):
        Opener((holder,)).open(bytes(blob))


def test_after_a_change_of_keys_the_old_reports_stay_readable(tmp_path: Path) -> None:
    old, new = new_private_key(), new_private_key()
    before = Sealer((public_key_of(old),)).seal(b"before")
    after = Sealer((public_key_of(new),)).seal(b"after")
    (tmp_path / "key").write_text(key_file([new, old], "twelve signs or more"))
    opener = Opener(read_key_file(tmp_path / "key", "twelve signs or more"))
    assert (opener.open(before), opener.open(after)) == (b"before", b"after")
    with pytest.raises(CannotOpen):
        Opener((old,)).open(after)


def test_a_key_file_opens_by_its_passphrase_only(tmp_path: Path) -> None:
    private = new_private_key()
    path = tmp_path / "key"
    path.write_text(key_file([private], "twelve signs or more"))
    assert private not in path.read_bytes()
    assert private.hex() not in path.read_text()
    with pytest.raises(WrongPassphrase):
        read_key_file(path, "twelve signs or less")


def test_public_keys_are_read_as_they_are_written() -> None:
    keys = [public_key_of(new_private_key()) for _ in range(3)]
    assert read_public_keys(write_public_keys(keys)) == keys
    for wrong in ("", "YWJj", "no base64"):
        with pytest.raises(ValueError, match=r"."):
            read_public_keys(wrong)
