"""The page of all acts is that of the acts, and names what they take."""

from __future__ import annotations

from pathlib import Path

from exchange.acts_listed import page, values
from exchange.desk.acts import ACTS
from exchange.desk.needs import NEEDS

ROOT = Path(__file__).parent.parent.parent


def test_the_page_is_that_of_the_acts() -> None:
    assert (ROOT / "docs" / "acts.md").read_text() == page(), "run: exchange map --acts > docs/acts.md"


def test_every_act_is_there_with_all_it_cannot_do_without() -> None:
    written = page()
    for act in ACTS:
        assert f"\n## {act}\n" in written
        assert set(NEEDS.get(act, ())) <= {v.name for v in values(act) if v.must}, act


def test_what_an_act_hands_on_is_listed_too_with_its_codes() -> None:
    decide = {v.name: v for v in values("decide")}
    assert decide["decision"].must
    assert "section_47" in decide["decision"].codes
    assert {"follow_up", "dropped_why", "routes"} <= set(decide)
    assert not decide["dropped_why"].must
    assert "too_young" in decide["voice"].codes
    assert "started" in {v.name for v in values("telephoned") if v.must}
    assert not {"attendee", "n", "apology"} & {v.name for v in values("minute")}
    assert "`attendee.1.name`" in page()
    answered = {v.name for v in values("answered")}
    assert {"checked", "rang", "words", "released"} <= answered
    assert not {v.name: v for v in values("answered")}["decline"].must
