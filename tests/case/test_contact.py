"""A contact gets its clocks, its receipt and its agencies, and nothing about it can go unread."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.advance import CannotHappen
from exchange.case.effect import OpenTask, SendLetter, SetClock, TaskKind
from exchange.case.event import AgencyAsked, ClockRanOut, InformationAdded, LookedAt, Transcribed
from exchange.case.feedback import ReferrerClass
from exchange.case.state import ReferrerCodes
from tests.case.stories import (
    FIELDS,
    LOOK,
    SCHOOL,
    Story,
    adult,
    at,
    child,
    contact,
    decides,
    rates,
    says,
    with_rules,
)

PROVED = replace(SCHOOL, mailbox="school-1", proved=True)
TOLD_MORE = InformationAdded(at(30), "referrer", "mail")


def typed(*subjects: str) -> Transcribed:
    return Transcribed(at(40), "duty-1", tuple(child(s) for s in subjects), FIELDS, SCHOOL, danger=True)


def asks(agency: str, *subjects: str, after: float = 70, instead_of: str = "") -> AgencyAsked:
    return AgencyAsked(at(after), "duty-1", agency, subjects, instead_of)


def test_a_contact_has_a_clock_until_somebody_looks_and_one_for_every_decision() -> None:
    story = Story(contact(child("s1"), child("s2", "under_5")))
    assert story.clocks["first_look"] == at(30)
    assert story.clocks["decide:s1"] == story.clocks["decide:s2"] == at(24 * 60)
    assert story.kinds() == {TaskKind.FIRST_LOOK}


@pytest.mark.parametrize(
    ("channel", "proved", "letters", "tasks"),
    [
        ("web", False, [], {TaskKind.FIRST_LOOK}),
        ("telephone", True, [], {TaskKind.FIRST_LOOK}),
        ("mail", True, ["receipt"], {TaskKind.FIRST_LOOK}),
        ("mail", False, [], {TaskKind.FIRST_LOOK, TaskKind.NO_AUTOMATIC_RECEIPT}),
    ],
)
def test_an_automatic_receipt_goes_to_a_proved_sender_only(
    channel: str, proved: bool, letters: list[str], tasks: set[TaskKind]
) -> None:
    story = Story(contact(channel=channel, referrer=replace(SCHOOL, proved=proved)))
    assert story.letters == letters
    assert story.kinds() == tasks


def test_the_first_reader_counts_and_a_referring_mailbox_is_told_once() -> None:
    story = Story(contact(child(), referrer=PROVED), LOOK)
    assert "accepted" in story.letters
    assert "first_look" not in story.clocks
    story.tell(LookedAt(at(9), "duty-2", "amber"))
    assert story.case.looked_at
    assert story.case.looked_at.by == "duty-1"
    assert story.effects == ()


@pytest.mark.parametrize("rating", ["", "purple"])
def test_nobody_has_looked_who_does_not_say_how_urgent_it_seems(rating: str) -> None:
    for story in (Story(contact(child())), Story(contact())):
        with pytest.raises(CannotHappen, match="one of red, amber, green"):
            story.tell(LookedAt(at(5), "duty-1", rating))
        assert story.case.looked_at is None
        assert story.clocks["first_look"] == at(30)


def test_the_first_look_s_rating_holds_until_somebody_rates_and_moves_clocks_and_agencies() -> None:
    story = Story(contact(child("s1"), child("s2")), rates("s2", "green", after=3))
    story.tell(LookedAt(at(5), "duty-1", "red"))
    seen, other = story.case.subjects
    assert (seen.rating, seen.ratings, other.rating) == ("red", (), "green")
    assert story.clocks["decide:s1"] == at(4 * 60)
    assert [leg.subjects for leg in story.case.legs if leg.agency == "probation"] == [("s1",)]
    with pytest.raises(CannotHappen, match="rate this subject before deciding"):
        story.tell(decides("s1"))
    story.tell(rates("s1", "amber"), decides("s1"))
    assert story.case.subjects[0].rating == "amber"


def test_a_rating_comes_before_anything_is_typed_in_and_holds_for_who_is_typed_in() -> None:
    story = Story(contact(channel="mail"), LookedAt(at(5), "duty-1", "red"))
    assert story.tasks["transcribe"].due == at(4 * 60)
    story.run_out("transcribe")  # no agency knows of it: it is pressed until somebody has typed it in
    assert story.tasks["transcribe"].kind is TaskKind.TRANSCRIBE
    assert story.clocks["transcribe"] > at(4 * 60)
    story.tell(Transcribed(at(30), "duty-1", (child(),), FIELDS, SCHOOL))
    assert story.case.subjects[0].rating == "red"
    assert story.clocks["decide:s1"] == at(4 * 60)  # from receipt, not from the typing
    assert "probation" in [leg.agency for leg in story.case.legs]


def test_who_reads_what_was_added_need_not_rate_again() -> None:
    story = Story(contact(child()), LOOK, rates("s1", "red"), TOLD_MORE, LookedAt(at(40), "duty-2"))
    assert story.case.looked_at
    assert story.case.subjects[0].rating == "red"


def test_who_says_more_before_anybody_looked_does_not_push_back_what_is_due() -> None:
    story = Story(contact(child()), TOLD_MORE, InformationAdded(at(31), "referrer", "web"))
    assert story.clocks["first_look"] == at(30)
    assert story.case.first_look_due == at(30)
    assert (story.case.additions, story.case.read_before) == (2, False)


def test_what_is_added_later_is_unread_again_and_not_announced_twice() -> None:
    story = Story(contact(child(), referrer=PROVED), LOOK, TOLD_MORE)
    assert story.case.looked_at is None
    assert story.clocks["first_look"] == at(60)
    story.tell(LookedAt(at(40), "duty-2", "amber"))
    assert story.letters.count("accepted") == 1
    assert story.case.additions == 1


def test_who_adds_something_before_the_first_look_is_still_told_that_a_person_has_looked() -> None:
    story = Story(contact(child(), referrer=PROVED), TOLD_MORE, LookedAt(at(40), "duty-1", "amber"))
    assert "accepted" in story.letters


def test_nobody_looking_is_pressed_again_and_again_until_somebody_does() -> None:
    story = Story(contact(child())).run_out("first_look", "first_look")
    assert story.clocks["first_look"] == at(30 + 2 * 60)
    story.tell(LOOK)
    assert TaskKind.FIRST_LOOK not in story.kinds()
    assert story.tell(ClockRanOut(at(210), "first_look")).effects == ()


def test_an_unstructured_contact_becomes_a_referral_whose_clocks_run_from_its_receipt() -> None:
    story = Story(contact(channel="mail", fields=()), typed("s1"))
    assert story.case.danger
    assert story.case.fields == FIELDS
    assert story.clocks["decide:s1"] == at(4 * 60)  # in danger: the most urgent clock
    assert story.leg("l1").acknowledge_due == at(40 + 30)  # in danger: the most urgent clock until somebody rates


def test_an_unstructured_contact_that_was_read_but_not_typed_in_is_not_forgotten() -> None:
    story = Story(contact(channel="mail", referrer=PROVED, fields=()), LOOK)
    assert story.clocks or story.tasks


def test_a_referral_is_not_typed_in_twice() -> None:
    with pytest.raises(CannotHappen, match="add information"):
        Story(contact(child()), typed("s1"))


def test_siblings_are_asked_about_together_but_only_where_they_concern_the_agency() -> None:
    story = Story(contact(child("s1"), child("s2", "under_5")))
    assert {leg.agency: leg.subjects for leg in story.case.legs} == {
        "police": ("s1", "s2"),
        "health": ("s1", "s2"),
        "education": ("s1",),
    }


def test_a_subject_whom_no_row_routes_is_a_task_until_an_agency_is_asked() -> None:
    story = Story(contact(adult()))
    assert story.tasks["no_route:s1"].about == "s1"
    story.tell(asks("social_care", "s1"))
    assert "no_route:s1" not in story.tasks
    assert story.leg().agency == "social_care"


def test_a_rating_that_routes_a_subject_ends_the_task_of_routing_it() -> None:
    story = Story(contact(adult()), rates("s1", "red"))
    assert story.leg().agency == "probation"
    assert "no_route:s1" not in story.tasks


def test_a_red_rating_asks_who_waits_for_one_and_only_once() -> None:
    story = Story(contact(child()), rates("s1", "red"), rates("s1", "red", after=25))
    assert [leg.agency for leg in story.case.legs] == ["police", "health", "education", "probation"]


def test_a_rating_moves_the_clocks_counted_from_the_receipt() -> None:
    story = Story(contact(child()), rates("s1", "red"))
    assert story.clocks["decide:s1"] == at(4 * 60)
    assert story.clocks["answer:l1"] == at(2 * 60)
    assert story.clocks["remind:l1"] == at(15)


def test_a_lower_rating_never_erases_a_breach() -> None:
    story = Story(contact(child()), rates("s1", "red"), rates("s1", "green", after=5 * 60))
    assert story.clocks["decide:s1"] == at(4 * 60)
    assert story.leg().answer_due == at(2 * 60)
    assert story.case.subjects[0].rating == "green"


def test_a_lower_rating_in_time_gives_more_time() -> None:
    story = Story(contact(child()), rates("s1", "red"), rates("s1", "green", after=25))
    assert story.clocks["decide:s1"] == at(72 * 60)


def test_a_rating_leaves_alone_what_is_answered_acknowledged_decided_or_about_a_sibling() -> None:
    story = Story(contact(child("s1"), child("s2", "under_5")), rates("s2", "amber"))
    story.tell(says(Answer.INFORMATION, "l1"), says(Answer.RECEIVED, "l2"), decides("s2"))
    story.tell(rates("s2", "red", after=70))
    set_now = {e.clock for e in story.effects if isinstance(e, SetClock)}
    assert set_now == {"answer:l2", "nudge:l2", "remind:l4", "answer:l4"}


def test_a_red_child_is_not_kept_waiting_by_a_sibling_whom_nobody_has_rated() -> None:
    story = Story(contact(child("s1"), child("s2")), rates("s1", "red"))
    assert story.leg("l1").answer_due == at(2 * 60)


def test_the_most_urgent_sibling_sets_the_clocks() -> None:
    story = Story(contact(child("s1"), child("s2")), rates("s1", "green"), rates("s2", "amber"))
    assert story.leg("l1").answer_due == at(8 * 60)


@pytest.mark.parametrize(
    ("subject", "code", "why"), [("s9", "red", "no subject “s9”"), ("s1", "purple", "red, amber, green")]
)
def test_a_rating_must_be_about_somebody_and_of_this_hub(subject: str, code: str, why: str) -> None:
    with pytest.raises(CannotHappen, match=why):
        Story(contact(child()), rates(subject, code))


@pytest.mark.parametrize(
    ("agency", "subjects", "why"),
    [
        ("housing", (), "at least one subject"),
        ("housing", ("s1", "s9"), "at least one subject"),
        ("nobody", ("s1",), "no agency “nobody”"),
    ],
)
def test_asking_needs_an_agency_of_the_hub_and_subjects_of_the_case(
    agency: str, subjects: tuple[str, ...], why: str
) -> None:
    with pytest.raises(CannotHappen, match=why):
        Story(contact(child()), asks(agency, *subjects))


def test_an_agency_asked_by_a_person_gets_its_packet_and_its_clocks() -> None:
    story = Story(contact(child()), asks("housing", "s1"))
    assert story.leg("l4").basis == "6(1)(e); 9(2)(g)"
    assert {"remind:l4", "answer:l4"} <= set(story.clocks)
    assert isinstance(story.effects[0], SendLetter)
    assert story.effects[0].about == "l4"


def test_asking_another_agency_answers_a_decline() -> None:
    story = Story(contact(child()), says(Answer.DECLINE))
    assert isinstance(story.tasks["declined:l1"], OpenTask)
    story.tell(asks("housing", "s1"))
    assert "declined:l1" in story.tasks  # nobody said that it stands for the one that declined
    story.tell(asks("social_care", "s1", instead_of="l1"))
    assert "declined:l1" not in story.tasks
    assert story.leg("l1").rerouted_to == ("l5",)


def test_asking_elsewhere_about_one_sibling_leaves_the_decline_open_for_the_other() -> None:
    story = Story(contact(child("s1"), child("s2")), says(Answer.DECLINE), asks("housing", "s1", instead_of="l1"))
    assert "declined:l1" in story.tasks
    story.tell(asks("social_care", "s2", instead_of="l1"))
    assert "declined:l1" not in story.tasks
    assert story.leg("l1").rerouted_to == ("l4", "l5")
    assert story.leg("l5").subjects == ("s2",)  # and nobody was told of a child that is not their business


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (asks("housing", "s1", instead_of="l2"), "no decline is waiting there"),
        (asks("housing", "s1", instead_of="l9"), "no decline is waiting there"),
        (asks("police", "s1", instead_of="l1"), "choose another"),
    ],
)
def test_a_re_route_that_stands_for_no_decline_changes_nothing(event: AgencyAsked, told: str) -> None:
    story = Story(contact(child()), says(Answer.DECLINE))
    before = story.case
    with pytest.raises(CannotHappen, match=told):
        story.tell(event)
    assert story.case == before


def test_an_anonymous_contact_is_a_case_like_any_other() -> None:
    nobody = ReferrerCodes(ReferrerClass.ANONYMOUS, "9")
    assert len(Story(contact(child(), referrer=nobody)).case.legs) == 3


def test_a_row_that_names_no_agency_of_the_hub_is_refused() -> None:
    with pytest.raises(CannotHappen, match="police"):
        Story(contact(child()), rules=with_rules(agencies=()))


def test_siblings_of_one_look_are_one_packet_to_an_agency() -> None:
    story = Story(contact(child("s1"), child("s2")), LookedAt(at(5), "duty-1", "red"))
    assert [leg.subjects for leg in story.case.legs if leg.agency == "probation"] == [("s1", "s2")]
    assert story.case.number_of("l1") == 0
    apart = Story(contact(child("s1"), child("s2")), rates("s1"), rates("s2", after=21))
    assert [apart.case.number_of(leg.id) for leg in apart.case.legs if leg.agency == "probation"] == [1, 2]


def test_whoever_reads_it_first_follows_it_unless_the_record_cannot_name_them() -> None:
    assert Story(contact(child()), LookedAt(at(5), "duty-1", "amber")).case.owner == "duty-1"
    story = Story(contact(child()), LookedAt(at(5), "operator", "amber", follows=False))
    assert (story.case.owner, story.case.looked_at is not None) == ("", True)
