"""The record of a discussion is owed, written, approved by somebody else, circulated, corrected, and pressed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.advance import CannotHappen, advance
from exchange.case.clock import read_spec
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import ClockRanOut, DiscussionHeld, Event, LetterNews, ReferrerReplied
from exchange.case.record import (
    Apology,
    Attendee,
    Copy,
    Dissent,
    Information,
    Minutes,
    OfSubject,
    Record,
    RecordApproved,
    RecordTold,
    RecordWritten,
    Release,
    Standing,
    Version,
)
from exchange.case.record_fields import BY_NAME, QUESTIONS, knows, say
from exchange.case.recording import follow
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.rules import Rules
from exchange.case.statute import NamedClock, Statute
from exchange.case.step import Step
from tests.case.stories import (
    CLOSE,
    CLOSE_ANYWAY,
    LOOK,
    RULES,
    Story,
    at,
    calls,
    child,
    contact,
    decides,
    rates,
    with_rules,
)
from tests.case.stories import says as answers

THERE = ("police", "health", "social_care")
CALLED = replace(calls(*THERE), subjects=("s1", "s2"))
HELD = DiscussionHeld(at(700), "manager-1", "d1", THERE)
DECIDED = tuple({"seen": "alone", "threshold": "met", "enquiry": "joint", "parents": "social_care"}.items())
WHOLE = Minutes(
    at(600), at(650), "video",
    attendees=tuple(Attendee(f"t{n}", a, "other", "video", vetted="yes") for n, a in enumerate(THERE, 1)),
    subjects=(OfSubject("s1", DECIDED, ("voice",)), OfSubject("s2", DECIDED)),
)  # fmt: skip
DAY = Statute(clocks=(NamedClock("strategy_record", "", "", "", read_spec("24h"), ""),))
DAILY = with_rules(statute=DAY)


def writes(version: str = "v1", minutes: Minutes = WHOLE, after: float = 720, by: str = "clerk-1") -> RecordWritten:
    """Somebody writes a version."""
    return RecordWritten(at(after), by, "d1", version, minutes)


def approves(
    version: str = "v1", by: str = "chair-1", after: float = 730, *, as_chair: bool = False
) -> RecordApproved:
    """Somebody approves it."""
    return RecordApproved(at(after), by, "d1", version, as_chair)


def news(copy: str, what: News = News.ACCEPTED, after: float = 740) -> LetterNews:
    """The mail with one copy moved."""
    return LetterNews(at(after), Letter.RECORD, copy, what)


def told(*more: Event, rules: Rules = DAILY) -> Story:
    """Two children are discussed by three agencies."""
    return Story(contact(child(), child("s2", "under_5")), LOOK, CALLED, HELD, *more, rules=rules)


def record(story: Story) -> Record:
    found = story.case.record("d1")
    assert found
    return found


def standings(story: Story) -> list[str]:
    return [v.standing.value for v in record(story).versions]


def copy(story: Story, name: str = "k1") -> Copy:
    found = story.case.copy(name)
    assert found
    return found


def test_a_record_is_owed_from_the_moment_the_discussion_was_held() -> None:
    before = Story(contact(child(), child("s2")), LOOK, CALLED)
    assert before.case.records == ()
    story = told()
    assert (record(story).due, story.clocks["record:d1"]) == (at(660 + 1440), at(660 + 1440))
    assert record(told(HELD)).due == record(story).due  # recording it twice starts nothing anew
    assert story.case.record("d9") is None
    assert record(told(rules=RULES)).due > at(700)  # a hub without the clock goes by one working day


def test_a_discussion_held_sooner_than_it_was_called_counts_from_when_it_was() -> None:
    sooner = Story(contact(child(), child("s2")), LOOK, CALLED, replace(HELD, at=at(100)), rules=DAILY)
    assert record(sooner).due == at(100 + 1440)


def test_a_discussion_that_was_held_before_records_were_kept_is_owed_one_too() -> None:
    story = told()
    older = replace(story.case, records=(), discussions=(replace(story.case.discussions[0], held_at=None),))
    assert follow(Step(older), at(900), DAILY).case.record("d1") == Record("d1", at(660 + 1440))


def test_what_is_late_is_pressed_until_it_is_circulated() -> None:
    story = told().run_out("record:d1", "record:d1")
    assert TaskKind.RECORD in story.kinds()
    story.tell(writes(), approves(), news("k1"), news("k2"))
    assert (standings(story), TaskKind.RECORD in story.kinds()) == (["approved"], True)
    story.tell(news("k3"))
    assert standings(story) == ["circulated"]
    assert (TaskKind.RECORD in story.kinds(), "record:d1" in story.clocks) == (False, False)
    assert record(story).versions[0].circulated_at == at(740)
    for name in ("record:d1", "record:d9"):
        story.tell(ClockRanOut(at(5000), name))
        assert story.effects == ()


def test_each_agency_gets_one_letter_and_nobody_before_the_approval() -> None:
    story = told(writes())
    assert not [k for k in story.letters if k.startswith("record:")]
    story.tell(approves())
    assert [k for k in story.letters if k.startswith("record:")] == ["record:k1", "record:k2", "record:k3"]
    assert [c.agency for c in record(story).copies] == list(THERE)
    assert story.case.spoken_to("k2") == "health"
    version = record(story).versions[0]
    assert (version.approved_by, version.approved_at) == ("chair-1", at(730))


def test_an_amended_draft_supersedes_the_one_before_and_overwrites_nothing() -> None:
    later = replace(WHOLE, next_at=at(9000))
    story = told(writes(), writes("v2", later))
    assert standings(story) == ["superseded", "draft"]
    assert [v.minutes.next_at for v in record(story).versions] == [None, at(9000)]
    assert story.clocks["record:d1"] == at(660 + 1440)  # amending gives nobody more time


def test_a_correction_is_approved_anew_and_replaces_what_was_sent() -> None:
    story = told(writes(), approves(), news("k1"), news("k2"), news("k3"))
    story.tell(writes("v2", after=3000))
    assert standings(story) == ["circulated", "draft"]
    assert story.clocks["record:d1"] == at(3000 + 1440)
    story.tell(news("k1", News.DELIVERED))  # late news of the older one ends nothing
    assert "record:d1" in story.clocks
    story.tell(approves("v2", after=3010))
    assert standings(story) == ["superseded", "approved"]
    assert [c.replaces for c in record(story).copies] == [False] * 3 + [True] * 3
    story.tell(*(news(f"k{n}") for n in (4, 5, 6)))
    assert standings(story) == ["superseded", "circulated"]
    assert "record:d1" not in story.clocks


def test_a_correction_takes_back_what_has_not_left_and_nobody_is_rung_about_it() -> None:
    story = told(writes(), approves(), news("k1"), news("k2", News.REFUSED))
    assert "telephone:k2" in story.tasks
    story.tell(writes("v2", after=3000), approves("v2", after=3010))
    assert "telephone:k2" not in story.tasks
    assert {k for k in story.waiting if k.startswith("record:")} == {"record:k4", "record:k5", "record:k6"}
    assert [c.replaces for c in record(story).copies[3:]] == [True, False, False]
    story.tell(news("k2", News.BOUNCED))
    assert "telephone:k2" not in story.tasks


def test_who_cannot_be_sent_it_is_rung_and_told_by_a_person() -> None:
    story = told(writes(), approves(), news("k1"), news("k2"), news("k3", News.HELD))
    assert (story.tasks["telephone:k3"].kind, story.tasks["telephone:k3"].about) == (TaskKind.TELEPHONE_AGENCY, "k3")
    assert standings(story) == ["approved"]
    story.tell(RecordTold(at(800), "duty-1", "k3"))
    assert standings(story) == ["circulated"]
    assert (copy(story, "k3").told_at, copy(story, "k3").told_by) == (at(800), "duty-1")
    assert "telephone:k3" not in story.tasks
    story.tell(news("k3", News.BOUNCED), RecordTold(at(900), "duty-2", "k3"))
    assert "telephone:k3" not in story.tasks
    assert copy(story, "k3").told_by == "duty-1"


def test_a_bounce_after_it_was_taken_makes_the_record_owed_again() -> None:
    story = told(writes(), approves(), *(news(f"k{n}") for n in (1, 2, 3)), news("k2", News.BOUNCED))
    assert (standings(story), record(story).versions[0].circulated_at) == (["approved"], None)
    assert story.clocks["record:d1"] == record(story).due
    assert "telephone:k2" in story.tasks
    story.tell(news("k2"))
    assert standings(story) == ["circulated"]
    assert "telephone:k2" not in story.tasks


def test_news_of_a_letter_that_is_not_there_changes_nothing() -> None:
    story = told(writes(), approves())
    before = story.case
    story.tell(news("k9"), news("k1", News.DELAYED))
    assert story.case == before


def test_an_agency_that_is_shut_out_is_sent_nothing_and_holds_nothing_up() -> None:
    shut = Restricted(at(705), "duty-1", Kind.AGENCY, "health", Why.CONFLICT)
    story = told(shut, writes(), approves())
    assert [c.agency for c in record(story).copies] == ["police", "social_care"]
    assert record(story).versions[0].kept_from == ("health",)
    story.tell(news("k1"), news("k2"))
    assert standings(story) == ["circulated"]


def test_what_an_agency_has_when_it_is_shut_out_is_recalled_and_what_waits_is_withdrawn() -> None:
    story = told(writes(), approves(), news("k1"), news("k2", News.HELD))
    for agency in ("police", "health", "social_care"):
        story.tell(Restricted(at(750), "duty-1", Kind.AGENCY, agency, Why.CONFLICT))
    assert "shut_out:k1" in story.tasks
    assert not {"shut_out:k2", "telephone:k2"} & set(story.tasks)
    assert not [k for k in story.waiting if k.startswith("record:")]
    assert standings(story) == ["circulated"]
    with pytest.raises(CannotHappen, match="tell it nothing"):
        story.tell(RecordTold(at(800), "duty-1", "k2"))


def test_a_chair_may_approve_what_they_wrote_and_nobody_else_may() -> None:
    story = told(writes(by="chair-1"))
    before = story.case
    with pytest.raises(CannotHappen, match="somebody else must approve"):
        story.tell(approves())
    assert story.case == before
    assert standings(story.tell(approves(as_chair=True))) == ["approved"]


def without(**changes: Any) -> Minutes:
    return replace(WHOLE, **changes)


ONE = WHOLE.subjects[0]


@pytest.mark.parametrize(
    ("minutes", "why"),
    [
        (without(attendees=()), "nobody is named"),
        (without(attendees=WHOLE.attendees[:1]), r"not quorate \(social care, health missing\)"),
        (without(subjects=(ONE,)), "of subject 2: Have they been seen"),
        (without(subjects=(ONE, OfSubject("s2", DECIDED[:1]))), "of subject 2: Threshold"),
    ],
)
def test_what_is_unfinished_may_be_written_and_not_approved(minutes: Minutes, why: str) -> None:
    story = told(writes(minutes=minutes))
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(approves())
    assert story.case == before


def test_an_inquorate_discussion_says_why_it_went_on_and_the_hubs_own_people_fill_no_function() -> None:
    hub = Attendee("t9", "hub", "minute_taker", "video")
    story = told(
        writes(minutes=without(attendees=(WHOLE.attendees[0], hub), emergency="immediate_danger")), approves()
    )
    assert standings(story) == ["approved"]
    assert [c.agency for c in record(story).copies] == list(THERE)


def test_who_only_wrote_fills_no_function() -> None:
    wrote = tuple(replace(t, mode="written") if t.agency == "health" else t for t in WHOLE.attendees)
    story = told(writes(minutes=without(attendees=wrote)))
    with pytest.raises(CannotHappen, match=r"not quorate \(health missing\)"):
        story.tell(approves())


def test_who_poses_a_risk_or_was_not_discussed_needs_no_decision() -> None:
    man = replace(child("s2", "adult"), role="poses_risk")
    called = replace(CALLED, subjects=("s1", "s2"))
    story = Story(contact(child(), man, child("s3")), LOOK, called, HELD, writes(minutes=without(subjects=(ONE,))))
    assert standings(story.tell(approves())) == ["approved"]


def row(**changes: Any) -> Minutes:
    return replace(WHOLE, **changes)


@pytest.mark.parametrize(
    ("minutes", "why"),
    [
        (row(ended=at(500)), "begins before it ends"),
        (row(ended=at(9000)), "has ended before its record"),
        (row(mode="smoke"), "“smoke” is none of"),
        (row(emergency="whim"), "“whim” is none of"),
        (row(apologies=(Apology("police", "bored"),)), "“bored” is none of"),
        (row(apologies=(Apology("nobody", "ill"),)), "not in this hub"),
        (row(attendees=(Attendee("t1", "nobody", "chair", "video"),)), "not in this hub"),
        (row(attendees=(Attendee("t1", "police", "king", "video"),)), "“king” is none of"),
        (row(attendees=(Attendee("t1", "police", "chair", "smoke"),)), "“smoke” is none of"),
        (row(attendees=(Attendee("t1", "police", "chair", "video", vetted="so-so"),)), "“so-so” is none of"),
        (row(attendees=(WHOLE.attendees[0], WHOLE.attendees[0])), "a number of its own"),
        (row(subjects=(OfSubject("s9"),)), "subjects of this discussion only"),
        (row(subjects=(ONE, ONE)), "each child or adult one part"),
        (row(subjects=(OfSubject("s1", (("seen", "perhaps"),)),)), "not in its list"),
        (row(subjects=(OfSubject("s1", (("protection", "safety_plan, moon"),)),)), "not in its list"),
        (row(subjects=(OfSubject("s1", (("seen", ""),)),)), "not in its list"),
        (row(subjects=(OfSubject("s1", (("voice", "yes"),)),)), "not in its list"),
        (row(subjects=(OfSubject("s1", (("colour", "yes"),)),)), "not in its list"),
        (row(subjects=(OfSubject("s1", words=("seen",)),)), "takes words"),
        (row(subjects=(OfSubject("s1", words=("colour",)),)), "takes words"),
        (row(information=(Information("n1", "police", ()),)), "at least one"),
        (row(information=(Information("n1", "police", ("s9",)),)), "subjects of this discussion only"),
        (row(information=(Information("n1", "police", ("s1",), Release.NAMED),)), "named recipients names them"),
        (row(information=(Information("n1", "police", ("s1",), Release.NAMED, ("nobody",)),)), "not in this hub"),
        (row(dissents=(Dissent("o1", "nobody", ("s1",)),)), "not in this hub"),
    ],
)
def test_what_a_record_cannot_say_is_refused_and_changes_nothing(minutes: Minutes, why: str) -> None:
    story = told()
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(writes(minutes=minutes))
    assert story.case == before


@pytest.mark.parametrize(
    ("minutes", "place"),
    [
        (row(ended=at(500)), "ended"),
        (row(ended=at(9000)), "ended"),
        (row(mode="smoke"), "mode"),
        (row(emergency="whim"), "emergency"),
        (row(apologies=(Apology("police", "bored"),)), "apology.police.why"),
        (row(attendees=(Attendee("t7", "police", "king", "video"),)), "attendee.7.role"),
        (row(attendees=(Attendee("t7", "police", "chair", "smoke"),)), "attendee.7.mode"),
        (row(attendees=(Attendee("t7", "police", "chair", "video", vetted="so-so"),)), "attendee.7.vetted"),
        (row(subjects=(OfSubject("s1", (("seen", "perhaps"),)),)), "subject.s1.seen"),
        (row(information=(Information("n4", "police", ("s9",)),)), "information.4.subjects"),
        (row(information=(Information("n4", "police", ("s1",), Release.NAMED),)), "information.4.recipients"),
        (row(dissents=(Dissent("o2", "police", ()),)), "dissent.2.subjects"),
    ],
)
def test_what_a_record_cannot_say_is_told_at_its_place_on_the_form(minutes: Minutes, place: str) -> None:
    with pytest.raises(CannotHappen) as refused:
        told().tell(writes(minutes=minutes))
    assert list(refused.value.faults) == [place]


@pytest.mark.parametrize(
    ("events", "event", "why"),
    [
        ((), replace(writes(), discussion="d9"), "no discussion “d9”"),
        ((), approves(), "not the newest"),
        ((writes(), writes("v2")), approves("v1"), "not the newest"),
        ((writes(), approves()), approves(), "approved already"),
        ((), writes("v2"), "wrote a newer version meanwhile"),
        ((writes(),), writes("v1"), "wrote a newer version meanwhile"),
        ((), RecordTold(at(800), "duty-1", "k1"), "name a copy"),
        ((writes(), approves(), writes("v2"), approves("v2")), RecordTold(at(800), "duty-1", "k1"), "name a copy"),
    ],
)
def test_what_staff_ask_for_and_cannot_be_is_said_and_changes_nothing(
    events: tuple[Event, ...], event: Event, why: str
) -> None:
    story = told(*events)
    before = deepcopy(story.case)
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before


def test_nothing_is_recorded_of_a_discussion_that_was_not_held() -> None:
    story = Story(contact(child(), child("s2")), LOOK, CALLED)
    with pytest.raises(CannotHappen, match="has not been held"):
        story.tell(writes())


def test_a_case_does_not_close_over_an_owed_record_and_is_pressed_for_it_after_the_end() -> None:
    story = told(rates(), rates("s2"), decides(), decides("s2"))
    story.tell(*(answers(Answer.INFORMATION, leg.id, after=100) for leg in story.case.legs))
    story.tell(ReferrerReplied(at(300), answers=True))
    with pytest.raises(CannotHappen, match="the record of a discussion"):
        story.tell(CLOSE)
    story.tell(CLOSE_ANYWAY).run_out("record:d1")
    assert TaskKind.RECORD in story.kinds()
    story.tell(writes(after=2200), approves(after=2210), *(news(f"k{n}") for n in (1, 2, 3)))
    assert standings(story) == ["circulated"]


REACHED: dict[Standing, tuple[Event, ...]] = {  # a story in which the first version stands so
    Standing.DRAFT: (writes(),),
    Standing.APPROVED: (writes(), approves()),
    Standing.CIRCULATED: (writes(), approves(), *(news(f"k{n}") for n in (1, 2, 3))),
    Standing.SUPERSEDED: (writes(), approves(), writes("v2"), approves("v2")),
}


def test_the_same_events_give_the_same_record() -> None:
    told_twice = [told(*REACHED[Standing.CIRCULATED]) for _ in range(2)]
    assert told_twice[0].case == told_twice[1].case
    case = None
    for event in (contact(child(), child("s2", "under_5")), LOOK, CALLED, HELD, *REACHED[Standing.CIRCULATED]):
        case = advance(case, event, DAILY).case
    assert case == told_twice[0].case


def test_a_record_finds_its_parts_or_none() -> None:
    nothing = Record("d1", at(0))
    assert (nothing.latest, nothing.in_force, nothing.owed, nothing.version("v1")) == (None, None, True, None)
    versions = tuple(Version(v, at(0), "clerk-1", WHOLE) for v in ("v1", "v2"))
    copies = tuple(Copy(k, v, "police", (), (), (), (), "", "", at(0), "m") for k, v in (("k1", "v1"), ("k2", "v2")))
    whole = Record("d1", at(0), versions, copies)
    assert (whole.version("v2"), whole.copies_of(versions[0])) == (versions[1], copies[:1])
    changed = whole.with_copy(replace(copies[1], delivery=Delivery.DELIVERED))
    assert [c.reached for c in changed.copies] == [False, True]
    assert (ONE.code("threshold"), ONE.code("voice")) == ("met", "")


def test_an_answer_is_said_in_words() -> None:
    assert say(BY_NAME["protection"], "safety_plan,hospital") == "Safety plan agreed; Stays in hospital"
    assert say(BY_NAME["seen"], "alone") == "Yes, alone"
    assert say(BY_NAME["voice"], "I want to stay") == "I want to stay"
    assert [q.name for q in QUESTIONS if q.codes is None and knows(q, "anything")] == []
