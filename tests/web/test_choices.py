"""No two families of choices give the same list."""

import pytest

from exchange.web.choices import together


def test_each_list_is_offered_as_codes_with_their_words() -> None:
    assert together({"ratings": {"red": "Red"}}, {"owners": {}}) == {
        "ratings": [{"value": "red", "text": "Red"}],
        "owners": [],
    }


def test_two_families_cannot_give_the_same_list() -> None:
    with pytest.raises(ValueError, match="two families of choices give “roles”"):
        together({"roles": {"chair": "Chair"}}, {"roles": {"missing": "Is missing"}})
