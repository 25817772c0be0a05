"""Nobody is written to who must not be, and of nobody more than they may know, in whatever order things happen."""

from __future__ import annotations

from hypothesis import given

from exchange.case.addressee import agency_of
from exchange.case.effect import (
    TO_REFERRER,
    Letter,
    SendLetter,
)
from exchange.case.event import (
    AgencyAsked,
    Answered,
    Event,
    LetterNews,
)
from exchange.case.feedback import (
    Feedback,
    FeedbackApproved,
    FeedbackReleased,
)
from exchange.case.restriction import Restricted
from exchange.case.sorting import (
    Sorted,
)
from exchange.case.state import (
    Case,
)
from tests.case.happenings import (
    ANYTHING,
    GIVES_AWAY,
    RULES,
    many,
    often,
    throughout,
)
from tests.case.stories import (
    Story,
)


def of_products(case: Case) -> set[str]:
    """What letters about products may be about: a passage, or what a recipient was sent."""
    return {f"{p.id}/{w.id}" for p in case.products for w in p.passages} | {x.id for x in case.disclosures}


@given(told=ANYTHING)
@many
def test_nobody_is_written_to_whom_no_row_routes_and_no_person_asked(told: list[Event]) -> None:
    routed = {row.agency for row in RULES.routes}

    def only_those(before: Case, story: Story, event: Event) -> None:
        if isinstance(event, AgencyAsked):
            routed.add(event.agency)
        if isinstance(event, Sorted):
            routed.add(story.case.sorted_about)
        owned = {a.id for a in story.case.actions}
        invited = {f"{d.id}/{i.id}" for d in story.case.discussions for i in d.invitees}
        for letter in story.effects:
            if isinstance(letter, SendLetter):
                leg = story.case.leg(letter.about.partition("/")[0])
                assert leg is None or leg.agency in routed
                assert leg or letter.about in invited | owned | {""} | of_products(story.case)

    throughout(told, only_those)


@given(told=ANYTHING)
@often
def test_nothing_is_asked_for_that_goes_to_an_agency_that_is_shut_out(told: list[Event]) -> None:
    allowed = {Letter.RECALL, Letter.UNINVITED}

    def nothing(before: Case, story: Story, event: Event) -> None:
        for letter in story.effects:
            if isinstance(letter, SendLetter) and letter.letter not in allowed:
                assert not story.case.shuts_out(agency_of(letter.letter, letter.about, story.case))
        for letter in story.waiting.values():
            if letter.letter not in allowed:
                assert not story.case.shuts_out(agency_of(letter.letter, letter.about, story.case))
        assert all(leg.shut_out for leg in story.case.legs if story.case.shuts_out(leg.agency))
        if any(isinstance(x, SendLetter) and x.letter is Letter.UNINVITED for x in story.effects):
            assert isinstance(event, Restricted | Answered | LetterNews)  # who is shut out, or what left all the same

    throughout(told, nothing)


@given(told=ANYTHING)
@many
def test_every_leg_has_one_packet_and_no_letter_is_asked_for_twice(told: list[Event]) -> None:
    story = throughout(told, lambda before, story, event: None)
    assert sorted(story.letters) == sorted(set(story.letters))
    packets = [key for key in story.letters if key.startswith("packet:")]
    assert packets == [f"packet:{leg.id}" for leg in story.case.legs]


@given(told=ANYTHING)
@many
def test_no_packet_gives_away_a_protected_place_or_a_subject_it_is_not_about(told: list[Event]) -> None:
    case = throughout(told, lambda before, story, event: None).case
    protected = {s.id for s in case.subjects if s.codes.address_protected}
    for leg in case.legs:
        for owner, _, plain in (name.partition(".") for name in leg.manifest):
            assert owner in leg.subjects or not case.subject(owner)
            assert owner not in protected or plain not in GIVES_AWAY


@given(told=ANYTHING)
@many
def test_nobody_is_asked_about_an_adult_who_refuses_unless_a_person_asks(told: list[Event]) -> None:
    def respected(before: Case, story: Story, event: Event) -> None:
        if isinstance(event, AgencyAsked | Sorted):
            return
        new = [leg for leg in story.case.legs if before.leg(leg.id) is None]
        asked = {subject for leg in new for subject in leg.subjects}
        assert not asked & {s.id for s in story.case.subjects if s.refuses}

    throughout(told, respected)


@given(told=ANYTHING)
@often
def test_nothing_is_written_to_an_address_that_is_not_safe(told: list[Event]) -> None:
    def nothing(before: Case, story: Story, event: Event) -> None:
        if not story.case.referrer.may_mail:
            assert not [k for k, letter in story.waiting.items() if letter.letter in TO_REFERRER]

    throughout(told, nothing)


@given(told=ANYTHING)
@often
def test_what_is_withheld_stays_so_until_a_person_lets_it_go_and_is_in_no_letter_that_waits(
    told: list[Event],
) -> None:
    def nothing(before: Case, story: Story, event: Event) -> None:
        if before.feedback is Feedback.WITHHELD and not isinstance(event, FeedbackReleased | FeedbackApproved):
            assert story.case.feedback is Feedback.WITHHELD  # only a person lets it go
        if story.case.feedback is Feedback.WITHHELD:
            assert not [k for k in story.waiting if k.startswith(("outcome:", "news:"))]

    throughout(told, nothing)
