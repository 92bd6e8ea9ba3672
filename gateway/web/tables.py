"""What the web chat keeps beside the gateway's own rows, in the same database: it is the messenger
as well, so that accounts, the chats and their files are here. Texts, names and files are sealed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

account = Table(
    "web_account",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("name_blind", String(32), nullable=False, unique=True),
    Column("account_sealed", LargeBinary, nullable=False),
    Column("joined", Boolean, nullable=False),
    Column("at", Float, nullable=False),
)
"""`account_sealed`: the login name, and what argon2id made of the passphrase. `joined`: the bot has
taken this person in."""

session = Table(
    "web_session",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("account", String(32), nullable=False, index=True),
    Column("token_blind", String(32), nullable=False, unique=True),
    Column("made", Float, nullable=False),
    Column("seen", Float, nullable=False),
    Column("device_sealed", LargeBinary, nullable=False),
)
"""The token itself is in the browser's cookie alone."""

message = Table(
    "web_message",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("mine", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("until", Float, nullable=True, index=True),
    Column("key_blind", String(32), nullable=False, unique=True),
    Column("file", String(32), nullable=True, index=True),
    Column("body_sealed", LargeBinary, nullable=True),
    Index("web_message_by_place", "account", "id"),
    Index("web_message_by_change", "account", "seq"),
)
"""`mine`: the person's own. `seq`: grows with every change. `key_blind`: of the sender's key, by
which a message that is sent twice is one. `until`: when it is taken off whatever the bot does; None
for what stays. The body goes when the message is taken off; the row
stays, so that pages which were away hear of it."""

event = Table(
    "web_event",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("account", String(32), nullable=False),
    Column("event_sealed", LargeBinary, nullable=False),
)
"""What a person wrote, until the gateway has it: stored in one commit with what the chat shows."""

file = Table(
    "web_file",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(32), nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
)
"""Name and type stand in the message."""
