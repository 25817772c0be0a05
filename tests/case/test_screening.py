"""Sorting a contact, and what is known of its subjects before anybody decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import Event, LookedAt, PacketNews, Transcribed
from exchange.case.fields import Part
from exchange.case.referral import SubjectCodes
from exchange.case.rules import Route
from exchange.case.sorting import (
    AcceptedElsewhere,
    Borderline,
    CohortSet,
    Ground,
    Levelled,
    PersonChanged,
    RefusalOverridden,
    SecondReview,
    Sorted,
    Sorting,
    SubjectAdded,
    SubjectCorrected,
)
from tests.case.stories import (
    CLOSE,
    CLOSE_ANYWAY,
    FIELDS,
    LOOK,
    RULES,
    SCHOOL,
    Story,
    adult,
    at,
    child,
    contact,
    decides,
    rates,
    with_rules,
)

COHORTS = with_rules(
    cohorts=("exploitation", "missing"),
    open_cases=("social_care",),
    routes=(*RULES.routes, Route("housing", RULES.routes[0].parts, "knows the place", cohorts=("exploitation",))),
)
REFUSING = replace(adult(), refuses=True)
ADULTS = with_rules(routes=(Route("health", RULES.routes[0].parts, "knows them", forms=("adult",)),))


def sorts(into: Sorting, about: str = "", after: float = 10) -> Sorted:
    return Sorted(at(after), "duty-1", into, about)


def adds(codes: SubjectCodes, after: float = 100) -> SubjectAdded:
    return SubjectAdded(at(after), "duty-1", codes, tuple(f"{codes.id}.{name}" for name in codes.fields))


def told(*events: Event, rules: Any = COHORTS) -> Story:
    return Story(contact(child()), *events, rules=rules)


# ---- Sorting -----------------------------------------------------------------------------------------------------


def test_every_sort_stays_in_the_history_and_what_was_sent_on_is_looked_at_again_first() -> None:
    story = told(sorts(Sorting.DUPLICATE, "MASH-0000-0000"), sorts(Sorting.SCREENING, after=20))
    assert [s.code for s in story.case.sortings] == ["duplicate", "screening"]
    story.tell(sorts(Sorting.OUT_OF_AREA, after=30))
    with pytest.raises(CannotHappen, match="sort it to screening first"):
        story.tell(sorts(Sorting.DUPLICATE, "MASH-0000-0000", after=40))


def test_an_open_case_goes_to_the_allocated_worker_as_a_leg_with_clocks() -> None:
    story = told(sorts(Sorting.OPEN_CASE))
    leg = story.case.legs[-1]
    assert (leg.agency, leg.subjects, story.case.sorted_about) == ("social_care", ("s1",), "social_care")
    assert {f"packet:{leg.id}"} <= set(story.letters)
    assert {f"remind:{leg.id}", f"answer:{leg.id}"} <= set(story.clocks)


def names_worker(agency: str = "", after: float = 10) -> Sorted:
    return replace(sorts(Sorting.OPEN_CASE, agency, after), worker=True)


def test_an_agency_that_has_its_packet_already_is_told_who_there_has_the_case_open() -> None:
    story = told(sorts(Sorting.OPEN_CASE), PacketNews(at(11), "l4", News.ACCEPTED), names_worker(after=20))
    assert story.leg("l4").agency == "social_care"
    letters = [x for x in story.waiting.values() if x.letter is Letter.WORKER]
    assert [(x.key, x.about) for x in letters] == [("worker:l4:2", "l4")]
    story.tell(names_worker(after=30))  # another worker after all: the letter about the first does not leave any more
    assert [x.key for x in story.waiting.values() if x.letter is Letter.WORKER] == ["worker:l4:3"]


def test_a_packet_that_is_still_to_be_written_names_the_worker_itself() -> None:
    assert not [x for x in told(names_worker()).waiting.values() if x.letter is Letter.WORKER]


def test_who_has_it_open_must_be_said_where_several_may_and_may_be_said_again() -> None:
    several = replace(COHORTS, open_cases=("social_care", "housing"))
    story = told(rules=several)
    before = story.case
    with pytest.raises(CannotHappen, match=r"which agency has it open .*social_care, housing"):
        story.tell(sorts(Sorting.OPEN_CASE))
    assert story.case == before
    story.tell(sorts(Sorting.OPEN_CASE, "social_care"), sorts(Sorting.OPEN_CASE, "housing", after=20))
    assert story.case.sorted_about == "housing"
    assert [leg.agency for leg in story.case.legs[-2:]] == ["social_care", "housing"]


def test_an_open_case_asks_nobody_a_second_time() -> None:
    story = told(sorts(Sorting.OPEN_CASE), sorts(Sorting.SCREENING), sorts(Sorting.OPEN_CASE))
    assert [leg.agency for leg in story.case.legs].count("social_care") == 1


TYPED = Transcribed(at(30), "duty-1", (child("s1"), child("s2")), FIELDS, SCHOOL)


def untyped(*events: Event) -> Story:
    """A mail that nobody has typed in."""
    return Story(contact(channel="mail"), *events, rules=COHORTS)


def test_an_open_case_sorted_before_it_is_typed_in_goes_to_that_agency_alone() -> None:
    story = untyped(sorts(Sorting.OPEN_CASE), LOOK)
    assert not story.case.legs
    assert TaskKind.TRANSCRIBE in story.kinds()
    story.tell(TYPED, rates("s1"), adds(child("s3")), rates("s3", after=120))
    assert {leg.agency for leg in story.case.legs} == {"social_care"}
    assert {s for leg in story.case.legs for s in leg.subjects} == {"s1", "s2", "s3"}
    assert {"remind:l1", "answer:l1"} <= set(story.clocks)
    story.tell(sorts(Sorting.SCREENING, after=200))
    assert {"police", "health"} <= {leg.agency for leg in story.case.legs}


@pytest.mark.parametrize("into", [Sorting.OUT_OF_AREA, Sorting.UNACCEPTED_CHANNEL, Sorting.DUPLICATE])
def test_what_is_sorted_otherwise_is_routed_nowhere_until_it_is_sorted_to_screening(into: Sorting) -> None:
    story = untyped(sorts(into, "MASH-0000-0000" if into is Sorting.DUPLICATE else ""), TYPED, rates("s1"))
    assert not story.case.legs
    assert TaskKind.NO_ROUTE not in story.kinds()
    story.tell(sorts(Sorting.SCREENING, after=90))
    assert {"police", "health", "education", "probation"} == {leg.agency for leg in story.case.legs}


def test_who_refuses_is_not_told_to_the_worker_of_an_open_case_either() -> None:
    story = Story(contact(REFUSING), rules=replace(ADULTS, open_cases=("social_care",)))
    story.tell(sorts(Sorting.OPEN_CASE))
    assert not story.case.legs
    assert TaskKind.REFUSAL in story.kinds()


def test_who_may_pose_a_risk_is_asked_about_only_by_rows_that_say_so() -> None:
    poses = replace(adult("s2"), role="poses_risk")
    story = told(adds(poses), rules=ADULTS)
    assert not [leg for leg in story.case.legs if "s2" in leg.subjects]
    assert story.tasks["no_route:s2"].kind is TaskKind.NO_ROUTE
    of_risk = Route("police", RULES.routes[0].parts, "knows them", roles=("poses_risk",))
    story = told(adds(poses), rules=with_rules(routes=(*ADULTS.routes, of_risk)))
    assert {leg.agency for leg in story.case.legs if "s2" in leg.subjects} == {"police"}
    missing = told(adds(replace(adult("s2"), role="missing")), rules=ADULTS)
    assert [leg.agency for leg in missing.case.legs if "s2" in leg.subjects] == ["health"]


@pytest.mark.parametrize(
    ("story", "event", "why"),
    [
        (lambda: told(rules=RULES), sorts(Sorting.OPEN_CASE), "screens open cases too"),
        (told, sorts(Sorting.OPEN_CASE, "police"), "open cases go to social_care"),
        (told, sorts(Sorting.DUPLICATE), "name the reference"),
        (lambda: told(CLOSE_ANYWAY), sorts(Sorting.SCREENING, after=3000), "closed"),
        (told, AcceptedElsewhere(at(20), "duty-1"), "out of area first"),
        (told, CohortSet(at(20), "duty-1", "s1", "gardening"), "use one of exploitation, missing"),
        (told, CohortSet(at(20), "duty-1", "s9", "missing"), "no subject"),
        (told, Levelled(at(20), "duty-1", "s1", "5"), "use one of 1, 2, 3, 4"),
        (told, SecondReview(at(20), "duty-2", "s1", agrees=True), "not marked as borderline"),
        (told, RefusalOverridden(at(20), "manager-1", "s1", Ground.CRIME), "has not refused"),
        (told, adds(child("s3")), "the next subject of this case is s2"),
        (told, adds(replace(child("s2"), role="culprit")), "say what they are"),
        (lambda: told(CLOSE_ANYWAY), adds(child("s2"), after=3000), "closed"),
        (lambda: Story(contact(channel="mail")), adds(child("s1")), "type the contact in first"),
        (told, SubjectCorrected(at(20), "duty-1", child("s9"), ()), "no subject"),
    ],
)
def test_what_staff_may_not_do_is_said_and_changes_nothing(story: Any, event: Event, why: str) -> None:
    made = story()
    before = made.case
    with pytest.raises(CannotHappen, match=why):
        made.tell(event)
    assert made.case == before


def test_a_contact_of_another_area_is_ours_until_a_named_person_there_has_accepted_it() -> None:
    story = told(sorts(Sorting.OUT_OF_AREA), rates(), rules=RULES)
    assert TaskKind.ELSEWHERE in story.kinds()
    assert "decide:s1" in story.clocks
    with pytest.raises(CannotHappen, match="nobody in the other area has accepted"):
        story.tell(decides(decision=Decision.TRANSFER))
    story.run_out("elsewhere", "elsewhere")
    story.tell(AcceptedElsewhere(at(200), "duty-1"))
    assert TaskKind.ELSEWHERE not in story.kinds()
    assert "elsewhere" not in story.clocks
    assert story.tell(decides(decision=Decision.TRANSFER)).case.subjects[0].decision == "transfer"


def test_a_contact_that_turns_out_to_be_ours_is_no_longer_waited_for_elsewhere() -> None:
    story = told(sorts(Sorting.OUT_OF_AREA))
    clock = story.clocks["elsewhere"]
    story.tell(sorts(Sorting.SCREENING))
    assert ("elsewhere" in story.clocks, TaskKind.ELSEWHERE in story.kinds()) == (False, False)
    story.clocks["elsewhere"] = clock  # it ran out in the same moment
    assert not story.run_out("elsewhere").kinds() & {TaskKind.ELSEWHERE}


@pytest.mark.parametrize(("referrer", "letters"), [(SCHOOL, 1), (replace(SCHOOL, replyable=False), 0)])
def test_an_unaccepted_channel_is_answered_with_guidance_and_what_came_is_kept(referrer: Any, letters: int) -> None:
    story = Story(contact(child(), referrer=referrer), sorts(Sorting.UNACCEPTED_CHANNEL))
    assert [s.letter for s in story.waiting.values()].count(Letter.GUIDANCE) == letters
    assert "decide:s1" in story.clocks  # loud until a person closes it


@pytest.mark.parametrize("into", [Sorting.DUPLICATE, Sorting.UNACCEPTED_CHANNEL])
def test_what_is_set_aside_closes_without_a_decision_of_its_own(into: Sorting) -> None:
    story = Story(contact(adult()), LOOK, sorts(into, "MASH-0000-0000"), CLOSE)
    assert story.case.closed


# ---- Subjects ----------------------------------------------------------------------------------------------------


def test_an_adult_and_a_child_of_one_household_are_two_lanes_of_one_case() -> None:
    story = told(adds(adult("s2")), rates(), rates("s2", "amber"), rules=RULES)
    story.tell(decides("s1", Decision.SECTION_47), decides("s2", Decision.SECTION_42))
    assert [(s.codes.form, s.rating, s.decision) for s in story.case.subjects] == [
        ("child", "red", "section_47"),
        ("adult", "amber", "section_42"),
    ]


def test_the_clocks_of_somebody_added_run_from_when_we_learned_of_them() -> None:
    story = told(adds(child("s2"), after=100), rates("s2", "red", after=110), rules=RULES)
    assert story.case.subjects[1].decide_due == at(100 + 4 * 60)
    assert {"s2"} <= {s for leg in story.case.legs for s in leg.subjects}


def test_a_person_posing_risk_and_somebody_missing_may_be_subjects_of_their_own() -> None:
    story = told(adds(replace(adult("s2"), role="poses_risk")), adds(replace(child("s3"), role="missing")))
    assert [s.codes.role for s in story.case.subjects] == ["at_risk", "poses_risk", "missing"]


def test_an_unborn_child_is_born_and_the_rules_look_again() -> None:
    story = Story(contact(child(age_band="unborn"), fields=("s1.given_name", "s1.expected_date")))
    assert "education" not in {leg.agency for leg in story.case.legs}
    born = SubjectCorrected(at(50), "duty-1", child(age_band="school"), ("s1.given_name", "s1.date_of_birth"))
    story.tell(born)
    assert story.case.subjects[0].codes.age_band == "school"
    assert story.case.fields == ("s1.given_name", "s1.date_of_birth")
    assert "education" in {leg.agency for leg in story.case.legs}


def test_an_address_that_must_be_secret_now_and_was_told_is_loud() -> None:
    story = Story(contact(child()))
    assert any("s1.address" in leg.manifest for leg in story.case.legs)
    story.tell(*(PacketNews(at(2), leg.id, News.KEPT) for leg in story.case.legs))
    story.tell(SubjectCorrected(at(50), "duty-1", child(protected=True), FIELDS[3:7]))
    assert TaskKind.PROTECTED in story.kinds()
    unknown = Story(contact(child(), fields=("s1.given_name",)))
    unknown.tell(SubjectCorrected(at(50), "duty-1", child(protected=True), ("s1.given_name", "s1.address")))
    assert TaskKind.PROTECTED not in unknown.kinds()


def test_a_correction_after_the_end_asks_nobody() -> None:
    story = Story(contact(child(age_band="unborn")), CLOSE_ANYWAY)
    asked = len(story.case.legs)
    story.tell(SubjectCorrected(at(5000), "duty-1", child(), FIELDS))
    assert len(story.case.legs) == asked


def test_the_stream_of_work_may_be_open_at_receipt_and_must_be_known_at_the_decision() -> None:
    story = told(rates())
    with pytest.raises(CannotHappen, match="which stream of work"):
        story.tell(decides())
    story.tell(CohortSet(at(50), "duty-1", "s1", "missing"), CohortSet(at(55), "duty-2", "s1", "exploitation"))
    assert [c.code for c in story.case.subjects[0].cohorts] == ["missing", "exploitation"]
    assert "housing" in {leg.agency for leg in story.case.legs}  # its row asks for that stream
    story.tell(decides())
    story.tell(CLOSE_ANYWAY, CohortSet(at(3000), "duty-1", "s1", "missing"))
    assert story.case.subjects[0].codes.cohort == "missing"


def test_a_level_of_need_is_no_rating_and_sets_no_clock() -> None:
    story = told(rates())
    clocks = dict(story.clocks)
    story.tell(Levelled(at(30), "duty-1", "s1", "3"), Levelled(at(40), "duty-2", "s1", "4"))
    assert [x.code for x in story.case.subjects[0].levels] == ["3", "4"]
    assert (story.clocks, story.case.subjects[0].rating) == (clocks, "red")


# ---- Borderline --------------------------------------------------------------------------------------------------


def test_a_borderline_subject_needs_a_second_person_and_a_day_to_look_again() -> None:
    story = told(rates(), Borderline(at(30), "duty-1", "s1"), Borderline(at(31), "duty-2", "s1"), rules=RULES)
    assert TaskKind.SECOND_REVIEW in story.kinds()
    with pytest.raises(CannotHappen, match="somebody else must look first"):
        story.tell(decides())
    with pytest.raises(CannotHappen, match="you called it borderline yourself"):
        story.tell(SecondReview(at(40), "duty-1", "s1", agrees=True))
    story.tell(SecondReview(at(40), "manager-1", "s1", agrees=True))
    with pytest.raises(CannotHappen, match="somebody else must look first"):  # who decides is not the second person
        story.tell(decides())
    story.tell(SecondReview(at(45), "manager-2", "s1", agrees=False))
    with pytest.raises(CannotHappen, match="on which day somebody looks again"):
        story.tell(decides())
    story.tell(decides(follow_up=at(20_000)))
    assert TaskKind.SECOND_REVIEW not in story.kinds()
    story.tell(CLOSE_ANYWAY).run_out("follow_up:s1")  # closed or not: somebody meant to look again
    assert TaskKind.FOLLOW_UP in story.kinds()


# ---- Stepping up and down ----------------------------------------------------------------------------------------


def sent(story: Story, leg: str = "l1") -> Story:
    from exchange.case.delivery import News
    from exchange.case.event import PacketNews

    return story.tell(PacketNews(at(1), leg, News.KEPT), PacketNews(at(2), leg, News.ACCEPTED))


def test_who_holds_a_packet_learns_that_its_times_have_changed() -> None:
    story = sent(Story(contact(child()))).tell(rates(code="green", after=20))
    for minute, code in ((20, "green"), (30, "red"), (40, "amber")):  # of letters that wait the newest alone goes
        story.tell(*([rates(code=code, after=minute)] if minute > 20 else []))
        assert [k for k in story.waiting if k.startswith("stepped:l1")] == [f"stepped:l1:{at(minute).isoformat()}"]
    assert not [k for k in story.letters if k.startswith("stepped:l2")]  # its packet has not left
    assert [r.code for r in story.case.subjects[0].ratings] == ["green", "red", "amber"]


def test_a_lower_rating_is_told_though_it_is_the_first_that_anybody_confirmed() -> None:
    look = LookedAt(at(5), "duty-1", "red")
    story = sent(Story(contact(child()), look)).tell(
        rates(code="green", after=20)
    )  # seemed red, and so they were told
    assert [k for k in story.waiting if k.startswith("stepped:l1")] == [f"stepped:l1:{at(20).isoformat()}"]


def test_what_does_not_move_the_times_of_an_agency_is_no_letter() -> None:
    story = sent(Story(contact(child()), LookedAt(at(5), "duty-1", "green")))
    before = list(story.letters)
    assert story.tell(rates(code="green", after=20)).letters == before


def test_the_look_at_a_contact_asks_nobody_about_who_was_added_later() -> None:
    """Probation is asked about whoever is rated red: the red was said before anybody knew of them."""
    story = told(replace(LOOK, rating="red"), adds(child("s2")))
    asked = {leg.agency for leg in story.case.legs if "s2" in leg.subjects}
    assert "police" in asked
    assert "probation" not in asked
    story.tell(SubjectCorrected(at(110), "duty-1", child("s2"), ("s2.given_name",)))
    assert "probation" not in {leg.agency for leg in story.case.legs if "s2" in leg.subjects}
    story.tell(rates("s2", after=120))
    assert "probation" in {leg.agency for leg in story.case.legs if "s2" in leg.subjects}


# ---- The household ------------------------------------------------------------------------------------------------


def person(*fields: str, name: str = "p1", after: float = 60) -> PersonChanged:
    return PersonChanged(at(after), "duty-1", name, tuple(f"{name}.{field}" for field in fields))


HOUSEHOLD = ("s1.given_name", "p1.name", "p1.address")
WHEREABOUTS = with_rules(
    routes=(replace(RULES.routes[0], parts=(*RULES.routes[0].parts, Part.HOUSEHOLD, Part.WHEREABOUTS)),)
)


@pytest.mark.parametrize("left", [True, False])
def test_a_secret_address_of_the_household_is_left_out_of_what_is_not_written_and_rung_about_where_it_went(
    left: bool,
) -> None:
    story = Story(contact(child(), fields=HOUSEHOLD), rules=WHEREABOUTS)
    assert "p1.address" in story.leg().manifest
    if left:
        story.tell(PacketNews(at(1), "l1", News.ACCEPTED))
    story.tell(person("name", "address", "address_protected"))
    assert ("p1.address" in story.leg().manifest) is left
    assert ("p1.address" in story.leg().kept_back) is not left
    assert ("protected:p1" in story.tasks) is left


def test_a_secret_address_of_a_subject_is_left_out_of_what_is_not_written() -> None:
    moved = replace(child(), address_protected=True)
    story = Story(contact(child(), fields=("s1.given_name", "s1.address")), rules=WHEREABOUTS)
    assert "s1.address" in story.leg().manifest
    story.tell(SubjectCorrected(at(60), "duty-1", moved, ("s1.given_name", "s1.address", "s1.address_protected")))
    assert "s1.address" not in story.leg().manifest
    assert "protected:s1" not in story.tasks


def test_who_is_added_is_the_next_and_nobody_else() -> None:
    story = Story(contact(child(), fields=HOUSEHOLD)).tell(person("name", name="p2"))
    assert "p2.name" in story.case.fields
    with pytest.raises(CannotHappen, match="nobody of the household is “p4”"):
        story.tell(person("name", name="p4"))
    with pytest.raises(CannotHappen, match="type the contact in first"):
        untyped().tell(person("name"))
