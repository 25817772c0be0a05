"""What was typed in wrongly is put right at the desk: what was before is kept, nobody overwrites another."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange import content
from exchange.case.correction import WordsCorrected
from exchange.case.event import ReferralCorrected
from exchange.case.question import QuestionStanding
from exchange.case.referral import read
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given, Unfit
from exchange.hub import Hub
from exchange.policy import Role, Viewer
from exchange.store import casebook
from exchange.store.database import Database
from tests.desk.stands import NOW, HandClock, hub_of

OFFICER = Viewer("duty-1", frozenset({Role.SCREENING_OFFICER}))
MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
CALLER = {"name": "Rita Ringer", "checked": "rang back"}
TOLD = {
    "form": "adult",
    "referrer": {"name": "Pat Placeholder", "source": "2A", "mail": "pat@wrong.example", "telephone": "01632 960111"},
    "concern": {"what_happened": "She fell down the stairs", "history": "a bruise on her arm"},
    "consent": {"consent": "yes"},
    "subjects": [{"given_name": "Vera", "family_name": "Virtual", "capacity": "yes"}],
}


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as made:
        yield made


async def lodged(hub: Hub) -> str:
    told = read(TOLD)
    return (await lodge(hub, Contact("telephone", True, referrer_from(told), told), "web:1")).case_id


async def act(hub: Hub, case: str, name: str, given: dict[str, str], viewer: Viewer = OFFICER) -> Case:
    """It is done, once."""
    values = Given({key: tuple(value.split("|")) for key, value in given.items()})
    return await perform(Desk(hub, viewer), name, case, values, f"{name}:{sorted(given.items())}")


async def test_the_right_answer_holds_and_the_wrong_one_is_kept_with_who_put_it_right(hub: Hub) -> None:
    case = await lodged(hub)
    right = {"concern.what_happened": "She was pushed down the stairs", "concern.injury": "a bruise on her arm",
             "clear": "concern.history", "reason": "Canary-why"}  # fmt: skip
    after = await act(hub, case, "correct_concern", right)
    assert [c.names for c in after.corrections] == [("concern.what_happened", "concern.injury", "concern.history")]
    async with hub.database.reading(hub.scope(OFFICER)) as tx:
        referral = await hub.referral(tx, case)
        last = (await casebook.timeline(tx, case))[-1]
        bodies = {name: plain for of, name, plain in await hub.opened(tx, case) if of == last.id}
    assert referral
    assert referral.concern == {"what_happened": "She was pushed down the stairs", "injury": "a bruise on her arm"}
    assert referral.subjects[0]["given_name"] == "Vera"
    assert isinstance(last.event, ReferralCorrected)
    assert last.event.by == "duty-1"
    assert json.loads(bodies[content.BEFORE]) == {
        "concern.what_happened": "She fell down the stairs", "concern.injury": "",
        "concern.history": "a bruise on her arm",
    }  # fmt: skip
    assert bodies[content.REASON] == b"Canary-why"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"concern.what_happened": "x" * 30_000}, "concern.what_happened"),
        ({"referrer.source": "moon"}, "referrer.source"),
        ({"referrer.keep_from": "Police"}, "referrer.keep_from"),
        ({"clear": "concern.moon"}, "clear"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_place_and_changes_nothing(
    hub: Hub, given: dict[str, str], name: str
) -> None:
    case = await lodged(hub)
    with pytest.raises(Unfit) as refused:
        await act(hub, case, "correct_concern", {**given, "reason": "x"})
    assert refused.value.name == name
    async with hub.database.reading(hub.scope(OFFICER)) as tx:
        assert not (await casebook.load(tx, case)).corrections


async def test_who_began_from_older_words_does_not_write_over_newer_ones(hub: Hub) -> None:
    case = await lodged(hub)
    await act(hub, case, "correct_concern", {"concern.when": "on Monday", "after": "0", "reason": "x"})
    with pytest.raises(CannotHappen, match="meanwhile"):
        await act(hub, case, "correct_concern", {"concern.when": "on Sunday", "after": "0", "reason": "x"})
    with pytest.raises(CannotHappen, match="nothing differs"):
        await act(hub, case, "correct_concern", {"concern.when": "on Monday", "after": "1", "reason": "x"})


@pytest.mark.parametrize("to", ["consent.consent", "consent.share"])
async def test_an_adult_who_had_refused_after_all_is_respected_before_anything_else(hub: Hub, to: str) -> None:
    case = await lodged(hub)
    after = await act(hub, case, "correct_concern", {to: "no", "reason": "ticked the wrong box"})
    assert after.subjects[0].refuses


SON = {
    "form": "adult",
    "given_name": "Sam",
    "family_name": "Virtual",
    "capacity": "yes",
    "worry": "He is hit",
    "reason": "x",
}


async def test_a_no_of_an_adult_added_later_is_a_no_however_it_is_written_and_holds_until_they_say_yes(
    hub: Hub,
) -> None:
    case = await lodged(hub)
    with pytest.raises(Unfit, match="one of yes, no"):
        await act(hub, case, "add_subject", {**SON, "consent": "refused"})
    assert (await act(hub, case, "add_subject", {**SON, "consent": "No"})).subjects[1].refuses
    for name, given in (
        ("correct_subject", {"subject": "s2", "family_name": "Virtuall"}),
        ("correct_concern", {"consent.consent": "no"}),
        ("correct_concern", {"consent.consent": "yes"}),
    ):
        after = await act(hub, case, name, {**given, "reason": "typed in wrongly"})
        assert after.subjects[1].refuses
        assert not [leg for leg in after.legs if "s2" in leg.subjects]
    after = await act(hub, case, "correct_subject", {"subject": "s2", "consent": "yes", "reason": "he agrees now"})
    assert not after.subjects[1].refuses


async def test_how_the_referrer_is_reached_follows_what_is_right_and_what_they_said_since_stays(hub: Hub) -> None:
    case = await lodged(hub)
    await act(hub, case, "contact_route", {"route": "telephone", **CALLER})
    after = await act(hub, case, "correct_concern", {"referrer.mail": "pat@right.example", "reason": "x"})
    assert after.referrer.contact == "telephone"  # as they said since
    after = await act(hub, case, "correct_concern", {"referrer.feedback_route": "mail", "reason": "x"})
    assert (after.referrer.contact, after.referrer.may_mail) == ("mail", True)


async def test_a_call_of_the_referrer_answers_a_question_and_its_words_can_be_put_right(hub: Hub) -> None:
    case = await lodged(hub)
    await act(hub, case, "rate", {"subject": "s1", "rating": "amber", "reason": "x"}, MANAGER)
    await act(hub, case, "ask_referrer", {"questions": "last_seen"})
    after = await act(hub, case, "referrer_said", {"words": "She was well", "question": "q1", **CALLER})
    assert after.questions[0].standing is QuestionStanding.ANSWERED
    assert after.looked_at  # whoever took the call has read it
    async with hub.database.reading(hub.scope(OFFICER)) as tx:
        entry = next(e for e in await casebook.timeline(tx, case) if getattr(e.event, "answers", "") == "q1")
    right = {"entry": str(entry.seq), "words": "She was unwell", "reason": "misheard"}
    await act(hub, case, "correct_words", right)
    async with hub.database.reading(hub.scope(OFFICER)) as tx:
        last = (await casebook.timeline(tx, case))[-1]
        said = [plain for _, name, plain in await hub.opened(tx, case) if name in (content.WORDS, content.CORRECTED)]
    assert isinstance(last.event, WordsCorrected)
    assert last.event.entry == entry.id
    assert said == [b"She was well", b"She was unwell"]
    with pytest.raises(Unfit, match="what came in writing stands"):
        await act(hub, case, "correct_words", {**right, "entry": "1"})
    with pytest.raises(Unfit, match="yes or no"):
        await act(hub, case, "referrer_said", {"words": "hm", "answers": "perhaps", **CALLER})


async def test_that_it_answers_their_concern_or_not_may_be_said_by_telephone(hub: Hub) -> None:
    case = await lodged(hub)
    after = await act(hub, case, "referrer_said", {"words": "No!", "answers": "no", **CALLER})
    assert after.feedback == "disputed"
    after = await act(hub, case, "referrer_said", {"words": "I meant yes", "answers": "yes", **CALLER})
    assert after.feedback == "confirmed"
