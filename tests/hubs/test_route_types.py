"""Kinds of mail domain with rules of their own, and where one-time codes go."""

from __future__ import annotations

import re

import pytest

from exchange.case.mailbox import Transport
from exchange.hubs import loader
from exchange.hubs.refusal import HubFileRefused

EXAMPLE = loader.packaged("example")
SECURE = """
[route_types.justice]
domains = ["justice.example", "probation.example"]
transports = ["tls", "openpgp"]
evidence_days = 7
note = "its mail stays on its own servers"

[route_types.special]
domains = ["unit.justice.example"]
transports = ["pickup"]
"""


def read(text: str = "", *changes: tuple[str, str]) -> loader.HubFile:
    whole = EXAMPLE + text
    for old, new in changes:
        assert whole.count(old) >= 1, old
        whole = whole.replace(old, new, 1)
    return loader.read(whole)


def with_types(*changes: tuple[str, str]) -> loader.HubFile:
    return read("", ("[route_types.cjsm]", SECURE + "[route_types.cjsm]"), *changes)


def test_the_nearest_type_above_a_domain_holds_for_it() -> None:
    directory = with_types().directory

    def named(domain: str) -> str:
        found = directory.route_type(domain)
        return found.id if found else ""

    assert named("justice.example") == named("x.justice.example") == "justice"
    assert named("unit.justice.example") == named("a.unit.justice.example") == "special"
    assert named("notjustice.example") == named("example") == ""
    cjsm = directory.route_type("prison.cjsm.net")
    assert cjsm is not None
    assert (cjsm.evidence_days, cjsm.transports) == (7, (Transport.TLS, Transport.PICKUP))


def test_a_mailbox_that_breaks_its_types_rule_is_refused_in_words() -> None:
    with pytest.raises(HubFileRefused) as refused:
        with_types(('transports = ["openpgp", "tls"]', 'transports = ["openpgp", "pickup"]'))
    assert re.search(
        r"agencies\.probation\.mailbox\.transports: \[.*\]: pickup may not be used at probation\.example, a route of "
        r"type justice \(its mail stays on its own servers\): write openpgp or tls", str(refused.value)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('domains = ["unit.justice.example"]', 'domains = ["justice.example"]', "is a domain of justice"),
        ("evidence_days = 7\nnote = \"its", "evidence_days = 0\nnote = \"its", "write a whole number from 1 to 365"),
        ('code_to = "01632 960171"', 'code_to = "07700"', "too short for the telephone of a person"),
        ('code_to = "01632 960171"', 'code_to = "ask Bob"', "neither a telephone number nor a mail address"),
        ('code_to = "01632 960171"', 'code_to = "fibton-homes@webmail.example"', "the mailbox itself"),
        ('telephone = "01632 960111"', 'telephone = "01632 960111"\ncode_to = "mash@police.example"',
         "the mailbox itself"),
        ('pickup = "14d"', 'pickup = "3wd"', "stands still out of hours"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(HubFileRefused, match=re.escape(said)):
        with_types((old, new))


def test_codes_go_to_the_mailboxs_contact_and_to_those_who_serve_on_the_day() -> None:
    file = read("", ('telephone = "01632 960111"', 'telephone = "01632 960111"\ncode_to = "07700 900111"'),
                ("vetted_until = 2028-06-30", 'vetted_until = 2028-06-30\ncode_to = "bob@police.example"'),
                ('id = "police-mash"', 'id = "police-mash"\ncode_to = "07700 900999"'))  # fmt: skip
    police = next(m for m in file.directory.mailboxes if m.id == "police-mash")
    ada, bob = police.spocs[0], police.spocs[1]
    assert ada.until
    assert police.codes_to(ada.until) == ("07700 900999", "07700 900111")
    assert police.codes_to(bob.since) == ("07700 900999", "bob@police.example")
    assert "07700" not in repr(file)
