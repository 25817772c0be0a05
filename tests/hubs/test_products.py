"""What a hub file may say of products and agreements, and how it is refused."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.case.agreement import Agreement
from exchange.case.clock import read_spec
from exchange.case.rules import ProductRules
from exchange.hubs.canonical import directory_from, directory_json
from exchange.hubs.loader import HubFileRefused, packaged, read

TEXT = packaged("example")


def test_the_example_asks_owners_for_four_hours_and_keeps_health_apart() -> None:
    found = read(TEXT)
    assert found.rules.product == ProductRules(read_spec("4h"), ("health",))
    agreement = found.directory.agreements[0]
    assert (agreement.id, agreement.tier, agreement.review) == ("fakeshire-isa", "overarching", date(2027, 1, 5))
    assert directory_from(directory_json(found.directory)) == found.directory


def test_without_either_table_the_usual_holds_and_no_agreement_is_spoken_of() -> None:
    found = read(packaged("demo"))
    assert found.rules.product == ProductRules()
    assert found.directory.agreements == ()


def test_agreements_stand_in_one_order_whatever_the_file_says() -> None:
    more = '[[agreements]]\nid = "a-first"\nname = "Another"\nparties = ["police"]\nsince = 2026-01-05\n'
    first, second = read(f"{TEXT}\n{more}").directory.agreements
    assert first == Agreement("a-first", "Another", ("police",), date(2026, 1, 5))
    assert second.id == "fakeshire-isa"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('compartments = ["health"]', 'compartments = ["helth"]',
         'product.compartments.1: "helth": no such function of an agency: did you mean health?'),
        ('agreement = "4h"', 'agreement = "soon"', 'product.agreement: "soon": not a length of time'),
        ('parties = ["police", ', 'parties = ["pollice", ',
         'agreements.1.parties.1: "pollice": no such agency of this file: did you mean police?'),
        ("until = 2028-01-04", "until = 2025-01-04", "agreements.1.until: 2025-01-04: before since: "
         "write the last day on which it holds, or leave it out"),
        ('tier = "overarching"', 'tier = "top"', 'agreements.1.tier: "top": no such tier of an agreement: '
         "write overarching or specific"),
        ("review = 2027-01-05", 'revue = 2027-01-05',
         "agreements.1.revue: 2027-01-05: unknown key: did you mean review?"),
        ("review = 2027-01-05", '[[agreements]]\nid = "fakeshire-isa"\nname = "Twice"\nparties = ["police"]\n'
         "since = 2026-01-05", 'agreements.2.id: "fakeshire-isa": already an agreement of this file: '
         "give each agreement an id of its own"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_remedy(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(HubFileRefused) as refused:
        read(TEXT.replace(old, new, 1))
    assert len(refused.value.faults) == 1
    assert told in str(refused.value)
