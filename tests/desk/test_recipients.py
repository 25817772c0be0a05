"""To whom a letter goes when somebody must not see the case: never to them, and never where they would read it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from exchange.case.effect import Letter
from exchange.case.feedback import ReferrerClass
from exchange.case.referral import read
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.state import ReferrerCodes
from exchange.examining import Pins
from exchange.hubs import loader
from exchange.posting import File, Held, Recipient, recipient
from tests.case.stories import Story, at, child, contact

HUB = loader.read(loader.packaged("demo"))
OWN, TRUST, COLLEAGUE = "imelda@home.example", "safeguarding@health.example", "imelda@health.example"
OUT = Restricted(at(8), "duty-1", Kind.AGENCY, "health", Why.STAFF_MEMBER)


def file(came_from: str, given: str, *, out: bool = True) -> File:
    """A case that a nurse of the Trust raised by mail; her Trust is shut out of it."""
    spoc = "health-1" if came_from == TRUST else ""
    codes = ReferrerCodes(
        ReferrerClass.PROFESSIONAL,
        "3D",
        mailbox=spoc,
        replyable=True,
        proved=True,
    )
    story = Story(contact(child(), referrer=codes), *([OUT] if out else []))
    referral = read({"referrer": {"mail": given}, "subjects": [{"given_name": "Leo"}]})
    mail = json.dumps({"from": came_from}).encode()
    return File(story.case, HUB.rules, HUB.directory, Pins({}, {}), referral, mail)


@pytest.mark.parametrize(
    ("came_from", "given", "goes_to"),
    [
        (TRUST, OWN, OWN),
        (COLLEAGUE, OWN, OWN),
        (OWN, COLLEAGUE, OWN),
        (TRUST, "", "restricted"),
        (TRUST, COLLEAGUE, "restricted"),
        (COLLEAGUE, "", "restricted"),
        ("not an address", "", "no_address"),
        ("not an address", OWN, OWN),
    ],
)
def test_the_referrer_is_written_to_where_those_shut_out_do_not_read(
    came_from: str, given: str, goes_to: str
) -> None:
    found = recipient(Letter.OUTCOME, "", file(came_from, given))
    assert (found.why if isinstance(found, Held) else found.address) == goes_to


def test_an_agency_that_is_not_shut_out_is_written_to_as_ever() -> None:
    found = recipient(Letter.OUTCOME, "", file(TRUST, "", out=False))
    assert isinstance(found, Recipient)
    assert (found.address, found.agency) == (TRUST, "health")


def test_the_gate_holds_every_letter_to_an_agency_that_is_shut_out_but_the_one_that_asks_it_to_delete() -> None:
    shut, open_ = file(OWN, ""), file(OWN, "", out=False)
    for letter in (Letter.PACKET, Letter.REMINDER, Letter.STEPPED, Letter.OUTCOME_ASKED):
        assert recipient(letter, "l2", shut) == Held("restricted")
        assert isinstance(recipient(letter, "l2", open_), Recipient)
    assert isinstance(recipient(Letter.RECALL, "l2", shut), Recipient)
    assert isinstance(recipient(Letter.PACKET, "l1", shut), Recipient)
    nobody = replace(shut, directory=replace(HUB.directory, mailboxes=()))
    assert recipient(Letter.PACKET, "l1", nobody) == Held("no_mailbox")
