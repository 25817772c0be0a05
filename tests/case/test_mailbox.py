"""An address is one plain address or refused, and a directory knows the mailboxes of an agency in order."""

from __future__ import annotations

import pytest

from exchange.case.mailbox import Address, AddressRefused, Directory, Mailbox, Transport


def test_an_address_is_compared_without_regard_to_case_and_never_shown() -> None:
    address = Address("Safeguarding@Police.Example")
    assert address == Address("safeguarding@police.example")
    assert (address.local_part, address.domain) == ("safeguarding", "police.example")
    assert "police" not in repr(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "police.example",
        "safeguarding@",
        "@police.example",
        "a@b@police.example",
        "safe guarding@police.example",
        '"safe"@police.example',
        "safeguarding@police.example\r\nBcc: all@police.example",
        "safeguarding@police.example\n",
        "Ada <safeguarding@police.example>",
        "safe..guarding@police.example",
        ".safe@police.example",
        "safeguarding@-police.example",
        "safeguarding@localhost",
        "säfe@police.example",
        "a" * 65 + "@police.example",
        "a" * 40 + "." + "b" * 40 + "@police.example",
        "a@" + "b" * 64 + ".example",
        "a@" + "b.example." * 30 + "example",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused, match="not one plain mail address"):
        Address(text)


def test_an_agency_is_written_to_at_its_first_mailbox_first() -> None:
    boxes = tuple(
        Mailbox(name, name[:-2], Address(f"{name}@hub.example"), (Transport.OPENPGP,), "01632 960110")
        for name in ("police-1", "health-1", "police-2")
    )
    assert [box.id for box in Directory(boxes).of("police")] == ["police-1", "police-2"]
    assert Directory(boxes).of("housing") == ()
