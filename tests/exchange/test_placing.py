"""The closed loop's invariant (d): whatever a mail means and wherever it belongs, it ends in exactly one place."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import advance
from exchange.case.product import ProductDrafted
from exchange.correspondence import Place
from exchange.placing import placed
from mailflow.interpret import (
    About,
    Agrees,
    Attends,
    Challenge,
    Does,
    Machine,
    Meaning,
    Outcome,
    Said,
    Unclear,
    Wrote,
)
from tests.case.stories import RULES, Story, at, calls, child, contact, says
from tests.exchange.test_guessing import evidence

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PROOF = st.sampled_from([p for p in Proof if p is not Proof.STAFF])  # no mail proves that staff took something down
WORDS = st.sampled_from(["", "we know the family", "DECLINE\nnot ours"])
MEANINGS: st.SearchStrategy[Meaning] = st.one_of(
    st.builds(Machine, st.sampled_from(["failed", "delayed", "delivered", "automatic_reply", "read_receipt"])),
    st.builds(Said, st.sampled_from([*map(str, Answer), "deleted"]), st.none(), PROOF, WORDS,
              st.sampled_from(["", "Police", "somebody else"])),
    st.builds(Attends, st.sampled_from(["accepted", "declined", "written"]), st.none(), WORDS, PROOF),
    st.builds(Agrees, st.booleans(), PROOF, WORDS),
    st.builds(Does, st.sampled_from(["done", "cannot", "later"]), st.sampled_from(["", "2026-12-01", "soon"]), PROOF,
              WORDS),
    st.builds(Outcome, st.sampled_from(["assessment", "nonsense"]), st.sampled_from(["", "s1"]), st.booleans(), PROOF,
              WORDS),
    st.builds(Challenge, st.booleans(), WORDS),
    st.builds(Wrote, WORDS),
    st.builds(Unclear, st.sampled_from(["unproved", "unclear", "not_opened", "report"]), WORDS),
)  # fmt: skip
CASE = Story(
    contact(child()),
    calls("police", "health"),
    says(Answer.INFORMATION, "l1"),
    ProductDrafted(at(70), "n", "p1", "v1", ("s1",), ("police",), ()),
).case
PLACES = st.builds(
    lambda kind, known, leg, seat, product, action: Place(
        About(kind), CASE if known else None, leg if known else "", seat if known else "",
        product if known else "", action if known else "", agencies=RULES.agencies,
    ),
    st.sampled_from(["contact", "leg", "invitee", "bounce", "referrer", "owner", "recipient", "action"]),
    st.booleans(), st.sampled_from(["", "l1", "l9"]), st.sampled_from(["", "d1/i1", "d1/i9"]),
    st.sampled_from(["", "p1/w1", "x1"]), st.sampled_from(["", "a1"]),
)  # fmt: skip


@settings(derandomize=True, max_examples=500, deadline=None, database=None)
@given(meaning=MEANINGS, where=PLACES)
def test_invariant_d_every_mail_ends_in_exactly_one_place(meaning: Meaning, where: Place) -> None:
    found = placed(meaning, where, evidence(), "m1", NOW)
    if found is None:  # a contact that begins a case of its own: only what a person wrote
        assert isinstance(meaning, Wrote)
        return
    assert found.disposition in {"matched", "holding_pen", "report_astray", "machine_evidence"}
    assert (found.disposition == "matched") == (found.event is not None and found.disposition != "machine_evidence")
    assert not (found.event and found.task)
    if found.disposition in {"holding_pen", "report_astray"}:
        assert found.task  # somebody is asked to read it
    if found.event and where.case:
        advance(where.case, found.event, RULES)  # nothing that a peer says raises
