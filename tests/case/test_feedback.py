"""Who may be told what follows from the class of referrer, and who is unknown is told least."""

from __future__ import annotations

import pytest

from exchange.case.code_lists import SOURCES
from exchange.case.feedback import (
    MAY_BE_TOLD,
    SETTLED,
    Contact,
    Feedback,
    ReferrerClass,
    Told,
    class_of_source,
    forbids_mail,
    safe_contact,
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ReferrerClass.PUBLIC),
        ("1A", ReferrerClass.PUBLIC),
        ("1B", ReferrerClass.PUBLIC),
        ("1C", ReferrerClass.SELF),
        ("B", ReferrerClass.BUSINESS),
        ("1D", ReferrerClass.PUBLIC),
        ("2A", ReferrerClass.PROFESSIONAL),
        ("3A", ReferrerClass.PROFESSIONAL),
        ("6", ReferrerClass.PROFESSIONAL),
        ("9", ReferrerClass.ANONYMOUS),
        ("10", ReferrerClass.PUBLIC),
    ],
)
def test_a_source_has_its_class(source: str, expected: ReferrerClass) -> None:
    assert class_of_source(source) is expected


def test_a_source_that_nobody_knows_is_no_profession() -> None:
    assert "77" not in dict(SOURCES.choices)
    assert class_of_source("77") is not ReferrerClass.PROFESSIONAL


@pytest.mark.parametrize("referrer", list(ReferrerClass))
def test_everybody_hears_that_it_was_received(referrer: ReferrerClass) -> None:
    assert Told.RECEIVED in MAY_BE_TOLD[referrer]


@pytest.mark.parametrize("secret", [Told.DECISION, Told.ALTERNATIVES, Told.CHALLENGE, Told.CONTACT])
def test_only_a_professional_hears_the_decision_and_how_to_challenge_it(secret: Told) -> None:
    assert [who for who, may in MAY_BE_TOLD.items() if secret in may] == [ReferrerClass.PROFESSIONAL]


def test_a_restricted_referrer_hears_only_that_it_is_being_dealt_with() -> None:
    assert MAY_BE_TOLD[ReferrerClass.RESTRICTED] == {Told.RECEIVED, Told.BEING_DEALT_WITH}


@pytest.mark.parametrize("open_", [Feedback.NOT_DUE, Feedback.DUE, Feedback.DISPUTED, Feedback.UNDELIVERABLE])
def test_who_was_not_told_or_disagrees_is_not_settled(open_: Feedback) -> None:
    assert open_ not in SETTLED


_ROWS = """
              professional restricted public self anonymous business
thanks        yes          -          yes    yes  -         yes
received      yes          yes        yes    yes  yes       yes
accepted      yes          -          -      -    -         -
considered    yes          -          yes    -    -         -
decision      yes          -          -      -    -         -
alternatives  yes          -          -      -    -         -
words         yes          -          -      -    -         -
contact       yes          -          -      -    -         -
challenge     yes          -          -      -    -         -
add           yes          -          yes    yes  yes       -
being_dealt_with -         yes        -      -    -         -
in_person     -            -          -      yes  -         -
"""


def test_what_each_class_may_be_told_is_this_table_and_nothing_else() -> None:
    head, *rows = (line.split() for line in _ROWS.split("\n") if line.strip())
    table = {ReferrerClass(of): {Told(r[0]) for r in rows if r[n + 1] == "yes"} for n, of in enumerate(head)}
    assert {r[0] for r in rows} == set(Told)
    assert table == MAY_BE_TOLD


@pytest.mark.parametrize(
    ("answers", "contact", "may_mail"),
    [
        ({}, Contact.UNSAID, True),
        ({"feedback_route": "mail"}, Contact.MAIL, True),
        ({"feedback_route": "mail", "safe_contact": "Tuesdays only"}, Contact.TELEPHONE, False),
        ({"feedback_route": "mail", "safe_contact": "Do not mail, he reads it"}, Contact.TELEPHONE, False),
        ({"feedback_route": "telephone"}, Contact.TELEPHONE, False),
        ({"feedback_route": "page"}, Contact.PAGE, False),
        ({"feedback_route": "none"}, Contact.NONE, False),
        ({"safe_contact": "He opens my letters"}, Contact.TELEPHONE, False),
        ({"mail_shared": "yes"}, Contact.PAGE, False),
        ({"mail_shared": "unknown", "feedback_route": "mail"}, Contact.PAGE, False),
        ({"mail_shared": "yes", "feedback_route": "telephone"}, Contact.TELEPHONE, False),
        ({"mail_shared": "yes", "feedback_wanted": "yes", "telephone": "01632 960111"}, Contact.TELEPHONE, False),
        ({"mail_shared": "yes", "source": "2A", "telephone": "01632 960111"}, Contact.TELEPHONE, False),
        (
            {"mail_shared": "unknown", "feedback_route": "mail", "source": "2A", "telephone": "01632 960111"},
            Contact.TELEPHONE,
            False,
        ),
        ({"mail_shared": "yes", "source": "1B", "telephone": "01632 960111"}, Contact.PAGE, False),
        (
            {"mail_shared": "yes", "source": "2A", "telephone": "01632 960111", "feedback_wanted": "no"},
            Contact.PAGE,
            False,
        ),
        (
            {"mail_shared": "yes", "source": "2A", "telephone": "01632 960111", "feedback_route": "page"},
            Contact.PAGE,
            False,
        ),
        ({"mail_shared": "yes", "feedback_wanted": "yes"}, Contact.PAGE, False),
        ({"mail_shared": "no", "feedback_wanted": "no"}, Contact.PAGE, True),
        ({"feedback_wanted": "no", "safe_contact": "He reads my mail"}, Contact.PAGE, False),
        ({"feedback_route": "mail", "safe_contact": "Email is not safe"}, Contact.TELEPHONE, False),
    ],
)
def test_which_way_is_safe_follows_from_the_answers(
    answers: dict[str, str], contact: Contact, may_mail: bool
) -> None:
    assert safe_contact(answers) == (contact, may_mail)


@pytest.mark.parametrize(
    "text",
    [
        "Please do not reply to this address",
        "Don’t write back, he reads my mail",
        "never contact me here",
        "It is not safe to email me",
        "Please no mail",
    ],
)
def test_words_that_ask_not_to_be_written_to_are_heeded(text: str) -> None:
    assert forbids_mail(text)


@pytest.mark.parametrize("text", ["Please reply soon", "I do not know who lives there", ""])
def test_other_words_forbid_nothing(text: str) -> None:
    assert not forbids_mail(text)
