"""What the gateway keeps, in a database of its own. What tells who somebody is or what was said is
sealed; a person's key on the platform is found by its blind index."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()

account = Table(
    "account",
    metadata,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("platform", String(16), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("key_blind", String(32), nullable=False),
    Column("account_sealed", LargeBinary, nullable=False),
    Column("started", Boolean, nullable=False),
    Column("blocked", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tries_since", Float, nullable=False),
    UniqueConstraint("platform", "tenant", "key_blind"),
)
"""`chat`: 52 random bits, which is all that the bot learns. `tries`: tokens sent since then, but
for right ones."""

shown = Table(
    "shown",
    metadata,
    Column("chat", BigInteger, primary_key=True),
    Column("message", BigInteger, primary_key=True),
    Column("mine", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("menu", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    Column("id_blind", String(32), nullable=False),
    Column("body_sealed", LargeBinary, nullable=True),
    Index("shown_by_id", "chat", "id_blind"),
)
"""`mine`: sent by the bot. `place`: grows down the chat; a message that was sent anew keeps its
number and gets a new place. `id_blind`: of the last part's id on the platform. The body goes when
the message is deleted; the row stays, so that no id comes twice."""

update_row = Table(
    "update_row",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat", BigInteger, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("event_blind", String(32), primary_key=True),
    Column("at", Float, nullable=False, index=True),
)

doing = Table(
    "doing",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("message", BigInteger, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("state", String(8), nullable=False),
    Column("at", Float, nullable=False),
    Column("call_sealed", LargeBinary, nullable=False),
    Index("doing_by_digest", "chat", "digest"),
)
"""A call that may have reached the platform. `state`: begun | unsure (the platform didn't answer) |
done (it did, but nobody knows whether the bot heard of it) | told (the bot did, unless the gateway
was killed at that moment)."""

press = Table(
    "press",
    metadata,
    Column("query", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("token_sealed", LargeBinary, nullable=False),
)

file = Table(
    "file",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("content_sealed", LargeBinary, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value_sealed", LargeBinary, nullable=False),
)
"""Where a platform's stream was left, and its login."""
