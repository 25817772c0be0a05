"""The tables. `hub` leads every key, so that hubs can be partitioned or moved to a database of their own.

Nothing here holds a name, an address or a word of a referral in readable form: columns are codes, ids, times and
digests; content is a sealed blob whose key is kept elsewhere (see keystore.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets time zones; this gives them back, and refuses a naive time on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: always UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From the database: always UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData()
_hub = String(40)
_id = String(64)
_code = String(80)


def _table(name: str, *parts: Any) -> Table:
    return Table(name, metadata, Column("hub", _hub, primary_key=True), *parts)


inbox = _table(
    "inbox",
    Column("id", _id, primary_key=True),
    Column(
        "identity", String(64), nullable=False
    ),  # digest of (envelope recipient, Message-ID, body): lessons pain 5
    Column("received_at", Moment, nullable=False),
    Column("state", _code, nullable=False),  # waiting | settled | shelved
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_until", Moment),
    Column("lease", _id),
    Column("disposition", _code),  # what it was taken for, once settled
    Column("case_id", _id),
    Column("again", Integer, nullable=False, default=0),  # repeated deliveries of the same message
    Column("named", String(64)),  # digest of (envelope recipient, Message-ID); none for a mail without one
    UniqueConstraint("hub", "identity"),
    Index("inbox_named", "hub", "named"),
    Index("inbox_waiting", "hub", "state", "lease_until"),
)
kept_mail = _table(  # apart from `inbox`: SQLite writes a row that changes whole, and a mail may have 30 MB
    "kept_mail",
    Column("id", _id, primary_key=True),
    Column("blob", LargeBinary, nullable=False),  # envelope and raw bytes, sealed under the mail's own key
)
case = _table(
    "cases",
    Column("id", _id, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", _code, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("rules", String(64), nullable=False),
    Column("unread", Boolean, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("state", Text, nullable=False),  # the case as it stands, codes only
    UniqueConstraint("hub", "reference"),
    Index("cases_open", "hub", "open", "received_at"),
)
shut_out = _table(
    "shut_out",  # the restrictions in force, as every reading query joins them (see viewing.py)
    Column("case_id", _id, primary_key=True),
    Column("kind", _code, primary_key=True),  # staff | role | agency | spoc
    Column("who", _code, primary_key=True),
)
doomed = _table(
    "doomed",  # keys that must be destroyed, until the key store has forgotten them
    Column("key", String(32), primary_key=True),  # id of the key, in hexadecimal
)
event = _table(
    "event",
    Column("stream", _id, primary_key=True),  # the case, "directory" or "access"
    Column("seq", Integer, primary_key=True),  # 1, 2, 3... within the stream
    Column("id", _id, nullable=False),
    Column("kind", _code, nullable=False),
    Column("at", Moment, nullable=False),
    Column("cause", String(200), nullable=False),  # what made it: seen twice, stored once
    Column("journey", Text, nullable=False),  # the event, codes only
    Column("chain", String(64), nullable=False),  # SHA-256 over the chain so far and this event
    UniqueConstraint("hub", "cause"),
    UniqueConstraint("hub", "id"),
    Index("event_at", "hub", "at"),  # what has happened since a page was made
)
headed = _table(
    "headed",  # how far the newest head reaches in each stream
    Column("stream", _id, primary_key=True),
    Column("seq", Integer, nullable=False),
)
body = _table(
    "body",
    Column("event", _id, primary_key=True),
    Column("name", _code, primary_key=True),  # "referral", "subject:s1", "words"...
    Column("stream", _id, nullable=False),
    Column("compartment", String(160), nullable=False),
    Column("digest", String(64), nullable=False),  # of the sealed bytes: stays when they are forgotten
    Column("blob", LargeBinary),
    Index("body_stream", "hub", "stream"),
)
outbox = _table(
    "outbox",
    Column("id", _id, primary_key=True),
    Column("case_id", _id, nullable=False),  # "" for what is the hub's own
    Column("key", _code, nullable=False),
    Column("letter", _code, nullable=False),
    Column("about", _code, nullable=False),
    Column(
        "state", _code, nullable=False
    ),  # waiting | kept | sent | failed | held (no transport works) | withdrawn | gathered (left to a digest)
    Column("due", Moment, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("written", Integer, nullable=False, default=0),  # attempts before it was written as it is kept now
    Column("lease_until", Moment),
    Column("lease", _id),
    Column("mailbox", _code),  # frozen when sealed; the gate compares again before the wire
    Column("fingerprint", String(64)),
    Column("form", _code),  # a Transport, or notice
    Column("message_id", String(120)),
    Column("sent_at", Moment),
    Column("blob", LargeBinary),  # the very bytes of the message, sealed at rest, identical on every retry
    Index("outbox_due", "hub", "state", "due"),
    Index("outbox_case", "hub", "case_id"),
    Index("outbox_message", "hub", "message_id"),
)
clock = _table(
    "clock",
    Column("case_id", _id, primary_key=True),
    Column("name", _code, primary_key=True),
    Column("due", Moment, nullable=False),
    Index("clock_due", "hub", "due"),
)
task = _table(
    "task",
    Column("case_id", _id, primary_key=True),  # "" for what belongs to no case yet
    Column("key", String(200), primary_key=True),
    Column("kind", _code, nullable=False),
    Column("about", _code, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("pressed", Integer, nullable=False, default=0),
    Column("closed_at", Moment),
    Column("closed_by", _code),
    Index("task_open", "hub", "closed_at", "due"),
)
profile = _table(
    "profile",
    Column("hash", String(64), primary_key=True),
    Column("kind", _code, nullable=False),  # rules (readable: no name of a person) | directory (sealed)
    Column("number", Integer, nullable=False),  # the highest of its kind is in force for new cases
    Column("at", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
proposal = _table(
    "proposal",  # a hub file that somebody wants in force: whoever applies it has seen what it changes
    Column("id", _id, primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("made_by", _code, nullable=False),
    Column("base", String(64), nullable=False),  # hash of the text it began from
    Column("two", Boolean, nullable=False),  # whether somebody else must put it in force
    Column("ended", _code, nullable=False),  # "" while it waits | applied | withdrawn
    Column("ended_at", Moment),
    Column("ended_by", _code),
    Column("blob", LargeBinary, nullable=False),  # its text, sealed: it names people
    Index("proposal_waiting", "hub", "ended", "made_at"),
)
certificate = _table(
    "certificate",
    Column("fingerprint", String(64), primary_key=True),
    Column("kind", _code, nullable=False),  # openpgp | smime
    Column("agency", _code, nullable=False),
    Column("mailbox", _code, nullable=False),  # "" for all of the agency's
    Column("added_at", Moment, nullable=False),
    Column("live_at", Moment),  # in use from then on; null while nobody has proved it
    Column("retired_at", Moment),
    Column("blob", LargeBinary, nullable=False),  # the certificate, sealed: its user ids name people
)
confirmation = _table(
    "confirmation",  # what proves that a certificate is its mailbox's
    Column("fingerprint", String(64), primary_key=True),
    Column("by", _code, primary_key=True),  # who at the hub heard it
    Column("way", _code, primary_key=True),  # read_back | posted | letter
    Column("at", Moment, nullable=False),
)
drill = _table(
    "drill",  # a harmless sealed letter that only somebody who can open it can answer
    Column("id", _id, primary_key=True),
    Column("mailbox", _code, nullable=False),
    Column("transport", _code, nullable=False),  # by which it went; "" until it is written
    Column("fingerprint", String(64), nullable=False),  # "" for a transport without a key
    Column("asked_at", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("answered_at", Moment),
    Column("heard", _code, nullable=False),  # by mail | page | telephone
    Column(
        "ended", _code, nullable=False
    ),  # "" while it runs | answered | silent | not_sent | bounced | cannot_open...
    Index("drill_mailbox", "hub", "mailbox", "asked_at"),
)
evidence = _table(
    "evidence",  # that a domain's mail servers take mail over verified TLS, until when we believe it
    Column("domain", String(255), primary_key=True),
    Column("checked_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("found", Text, nullable=False),  # MTA-STS mode, its servers, what each showed: JSON, nobody's name
)
pickup = _table(
    "pickup",  # a letter that waits here to be fetched; its content is in the outbox
    Column("letter", _id, primary_key=True),  # the outbox row
    Column("case_id", _id, nullable=False),
    Column("about", _code, nullable=False),
    Column("mailbox", _code, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),  # fetched no more after that
    Column("code", String(64)),  # keyed digest of the one-time code last sent
    Column("code_until", Moment),
    Column("tries", Integer, nullable=False, default=0),
    Column("fetched_at", Moment),  # first read
)
answer = _table(
    "answer",  # automatic answers that went out lately: nobody gets more than so many a day (RFC 3834 2)
    Column("digest", String(64), primary_key=True),  # keyed digest of the address
    Column("letter", _id, primary_key=True),  # the outbox row
    Column("at", Moment, nullable=False),
)
pulled = _table(
    "pulled",  # how far a shared mailbox has been read by IMAP
    Column("mailbox", String(64), primary_key=True),  # digest of server, user and folder
    Column("validity", BigInteger, nullable=False),  # UIDVALIDITY: with another one the UIDs mean other mails
    Column("uid", BigInteger, nullable=False),  # every mail up to this one was taken, or a person was told of it
    Column("at", Moment, nullable=False),
)
receipt = _table(
    "receipt",
    Column("digest", String(64), primary_key=True),  # keyed digest of the code: the code itself is nowhere
    Column("case_id", _id, nullable=False),
)
staff = _table(
    "staff",
    Column("id", _code, primary_key=True),
    Column("password", String(200), nullable=False),  # argon2; "" for who has none
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
access = _table(
    "access",  # who holds which role from when to when; what is over stays, to be read afterwards
    Column("staff", _code, primary_key=True),
    Column("role", _code, primary_key=True),
    Column("since", Moment, primary_key=True),
    Column("until", Moment),  # the first moment at which it is over; null for no end
)
leave = _table(
    "leave",  # who is away: role-bound ids only, nobody's name
    Column("id", _id, primary_key=True),
    Column("kind", _code, nullable=False),  # spoc | staff
    Column("who", _code, nullable=False),  # SPOC id or staff id
    Column("since", Date, nullable=False),  # days of the hub's zone, both inclusive
    Column("until", Date, nullable=False),
    Column("covered_by", _code, nullable=False),  # "" for nobody
    Index("leave_until", "hub", "until"),
)
session = _table(
    "session",
    Column("digest", String(64), primary_key=True),  # of the cookie, which is changed at each proof
    Column("id", _id, nullable=False),  # by which it is named on a page
    Column("staff", _code, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("proved_at", Moment, nullable=False),  # when the person last showed that it is them
    Column("way", _code, nullable=False),  # password | password_code | recovery | passkey | provider
    Column("device", _code, nullable=False),  # "Firefox on Windows": kinds of program, nobody's name
    Column("ended_at", Moment),
    Index("session_staff", "hub", "staff", "ended_at"),
)
passkey = _table(
    "passkey",
    Column("digest", String(64), primary_key=True),  # SHA-256 of the credential's id
    Column("kind", _code, nullable=False),  # whose: staff | ...
    Column("owner", String(160), nullable=False),  # an id of that kind, or a keyed digest: nobody's address
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("count", BigInteger, nullable=False),  # of signatures, where the authenticator counts
    Column("label", LargeBinary, nullable=False),  # what its owner calls it, sealed
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("passkey_owner", "hub", "kind", "owner"),
)
spent = _table(
    "spent",  # what counts once: challenges and codes that were answered, kept until they would be too old anyway
    Column("digest", String(64), primary_key=True),
    Column("until", Moment, nullable=False),
)
authenticator = _table(
    "authenticator",  # the app that shows a member six digits, anew each half minute
    Column("staff", _code, primary_key=True),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("proved_at", Moment),  # null until the first code of it was right
    Column("step", BigInteger, nullable=False),  # the half minute of the last code taken: none is taken twice
)
recovery = _table(
    "recovery",  # codes on paper, each good once, for whoever lost what they sign in with
    Column("staff", _code, primary_key=True),
    Column("digest", String(64), primary_key=True),  # keyed
    Column("used_at", Moment),
)
identity = _table(
    "identity",  # who a member of staff is to a council's identity provider
    Column("digest", String(64), primary_key=True),  # keyed, of issuer and subject, or of issuer and mail address
    Column("staff", _code, nullable=False),
    Column("kind", _code, nullable=False),  # subject | address; an address counts once, then its subject
    Column("added_at", Moment, nullable=False),
)
token = _table(
    "token",
    Column("digest", String(64), primary_key=True),
    Column("label", _code, nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
draft = _table(
    "draft",
    Column("id", _id, primary_key=True),
    Column("expires_at", Moment, nullable=False),
    Column("blob", LargeBinary, nullable=False),  # sealed under a key that only the person's browser holds
)
guess = _table(
    "guess",
    Column("about", String(160), primary_key=True),  # what was guessed at: a leg's packet code
    Column("tries", Integer, nullable=False),
    Column("until", Moment),  # from then on it counts no more; NULL: as long as the case may be answered
)
match = _table(
    "match",
    Column("token", String(64), primary_key=True),  # keyed token of a compound (surname sound x birth year...)
    Column("case_id", _id, primary_key=True),
    Column("subject", _code, primary_key=True),
    Column("weight", Integer, nullable=False),
)

key_metadata = MetaData()  # the key store: a database of its own, with its own, shorter backups
wrapped_key = Table(
    "wrapped_key",
    key_metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("compartment", String(160), nullable=False, index=True),
    Column("blob", LargeBinary, nullable=False),
    Column("made", BigInteger, nullable=False),  # seconds since 1970, for backup hygiene only
)
