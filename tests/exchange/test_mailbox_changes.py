"""What is said of mailboxes that change: each of them, and nobody's address."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.mailbox import Address, Directory, Transport
from exchange.hubs import loader
from exchange.mailbox_changes import lines
from exchange.safe import digest

BEFORE = loader.read(loader.packaged("demo")).directory


def hidden(text: str) -> str:
    return digest(b"secret", text)[:12]


def told(before: Directory | None, after: Directory) -> list[tuple[str, dict[str, str]]]:
    return list(lines(before, after, hidden))


def test_every_mailbox_of_a_first_file_is_said_and_of_the_same_file_again_none() -> None:
    found = told(None, BEFORE)
    assert [(kind, facts["mailbox"]) for kind, facts in found] == [
        ("MailboxAdded", mailbox.id) for mailbox in BEFORE.mailboxes
    ]
    assert not told(BEFORE, BEFORE)
    said = str(found)
    assert not [m.id for m in BEFORE.mailboxes if m.address.text in said or m.telephone in said]


def test_how_a_mailbox_is_reached_otherwise_is_said_with_what_was_before() -> None:
    first, *others = BEFORE.mailboxes
    moved = replace(first, address=Address("other@police.example"), transports=(Transport.OPENPGP, Transport.PICKUP))
    assert told(BEFORE, replace(BEFORE, mailboxes=(moved, *others))) == [
        ("MailboxChanged", {
            "mailbox": "police-1", "transports": "openpgp,pickup", "transports_before": "openpgp",
            "address": hidden("other@police.example"), "address_before": hidden("safeguarding@police.example"),
        })
    ]  # fmt: skip
    rung = replace(first, telephone="01632 960999")
    ((kind, facts),) = told(BEFORE, replace(BEFORE, mailboxes=(rung, *others)))
    assert (kind, set(facts)) == ("MailboxChanged", {"mailbox", "telephone", "telephone_before"})


def test_where_one_time_codes_go_is_said_and_to_whom_is_not() -> None:
    first, *others = BEFORE.mailboxes
    one, *_ = first.spocs
    for moved in (
        replace(first, code_to="07700 900124"),
        replace(first, spocs=(replace(one, code_to="07700 900124"),)),
    ):
        ((kind, facts),) = told(BEFORE, replace(BEFORE, mailboxes=(moved, *others)))
        assert (kind, set(facts)) == ("MailboxChanged", {"mailbox", "codes_to", "codes_to_before"})
        assert facts["codes_to"] == hidden("07700 900124")


def test_a_mailbox_that_is_gone_is_said() -> None:
    first, *others = BEFORE.mailboxes
    ((kind, facts),) = told(BEFORE, replace(BEFORE, mailboxes=tuple(others)))
    assert (kind, facts["mailbox"], facts["agency"]) == ("MailboxRemoved", first.id, "police")
