"""Journeys: which of the questions are put to whom, in which order and in which words.

1. A journey asks questions of fields.py and nothing else: whoever writes, it becomes the same referral, on the same
   way through the hub.
2. A journey never asks for more than it needs: only people who write as part of their work are asked everything.
3. `young` is read by a child of nine: short sentences, no word they do not use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from exchange.case.code_lists import FEEDBACK_ROUTE, YES_NO, CodeList
from exchange.case.fields import Section
from exchange.case.topics import (
    ABOUT_PERSON,
    ABOUT_SUBJECT,
    ABOUT_YOU,
    CONSENT,
    DANGER,
    HAPPENED,
    MORE,
    TOOLS_OF_SUBJECT,
    WITHOUT,
    Topic,
    Words,
)


class Journey(StrEnum):
    """Who writes."""

    WORK = "work"  # a professional, who is asked everything and is never unnamed (domain design truth 8)
    PUBLIC = "public"  # family, friend, neighbour: may stay unnamed
    YOUNG = "young"  # a child, about themself or a friend
    BUSINESS = "business"  # a hotel, a shop, a taxi firm: says what was seen, and is told that it was received


class When(StrEnum):
    """When a page is asked at all."""

    ALWAYS = ""
    DANGER = "danger"  # somebody is in danger now
    MORE = "more"  # whoever writes says that they can tell more
    SELF = "self"  # a child writes about themself
    FRIEND = "friend"  # or about somebody else


class Per(StrEnum):
    """How often a page is asked."""

    ONCE = ""
    SUBJECT = "subject"
    PERSON = "person"


class Group(StrEnum):
    """A part of the form, as the list of its parts shows it."""

    START = "start"
    SUBJECT = "subject"  # one for each
    OTHERS = "others"  # is there another, and who else is around them
    HAPPENED = "happened"
    MORE = "more"
    FAMILY = "family"
    YOU = "you"


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of a journey, or one for each person."""

    slug: str
    topic: Topic | None  # None: a page of its own
    group: Group
    when: When = When.ALWAYS
    per: Per = Per.ONCE
    off_the_way: bool = False  # reached from the list of what was left blank only


RING_FIRST, ANOTHER, PEOPLE, TELL_MORE, MAY_WE = "ring-999", "another", "people", "more", "may-we-know"
WHOM, HOW_OLD, SAME = "whom", "how-old", "same"


def _topics(
    topics: tuple[Topic, ...], group: Group, when: When = When.ALWAYS, per: Per = Per.ONCE
) -> tuple[Stop, ...]:
    return tuple(Stop(t.slug, t, group, when, per) for t in topics)


def _subject(*topics: Topic, when: When = When.ALWAYS) -> tuple[Stop, ...]:
    """The pages about each child or adult; of further ones, first what is the same as for the first."""
    who, *rest = _topics(topics, Group.SUBJECT, when, Per.SUBJECT)
    same = Stop(SAME, None, Group.SUBJECT, when, Per.SUBJECT)
    return (who, same, *rest) if rest else (who,)


_C, _S, _A, _R = Section.CONCERN, Section.SUBJECT, Section.CONSENT, Section.REFERRER
_START = (*_topics((DANGER,), Group.START), Stop(RING_FIRST, None, Group.START, When.DANGER))
_ANOTHER = Stop(ANOTHER, None, Group.OTHERS)

WORK = (
    *_START,
    *_subject(*ABOUT_SUBJECT),
    _ANOTHER,
    *_topics(ABOUT_PERSON, Group.OTHERS, per=Per.PERSON),
    Stop(PEOPLE, None, Group.OTHERS),
    *_topics((HAPPENED,), Group.HAPPENED),
    Stop(TELL_MORE, None, Group.MORE),
    *_topics(TOOLS_OF_SUBJECT, Group.MORE, When.MORE, Per.SUBJECT),
    *_topics(MORE, Group.MORE, When.MORE),
    *_topics((CONSENT, WITHOUT), Group.FAMILY),
    *_topics(ABOUT_YOU, Group.YOU),
)

# ---- Family, friends and neighbours ------------------------------------------------------------------------------

_LOOKS = Words("features", "What do they look like?", "If you do not know their name")
_AGE = Words("age", "How old are they, about?")
_MAY_THEY = Topic("may-they-know", "What the family may know", _A, ("identity_known",), help="share")

PUBLIC = (
    *_START,
    *_topics((replace(HAPPENED, names=("what_happened", "when", "where")),), Group.HAPPENED),
    *_subject(
        Topic("who", "Who they are", _S, ("given_name", "family_name", "age", "features"), words=(_AGE, _LOOKS),
              note="Write what you know. A first name is enough. You can add others later."),
        Topic("home", "Where they are", _S, ("address", "postcode", "address_protected", "whereabouts"),
              words=(Words("address", "Where do they live?", "A street or a house number helps"),)),
    ),
    _ANOTHER,
    Stop(TELL_MORE, None, Group.MORE, off_the_way=True),
    *_topics(ABOUT_PERSON[:1], Group.MORE, When.MORE, Per.PERSON),
    Stop(PEOPLE, None, Group.MORE, When.MORE),
    *_topics(MORE[:-2], Group.MORE, When.MORE),
    Stop(MAY_WE, None, Group.YOU),
    *_topics((
        Topic("you", "About you", _R, ("name", "source", "relationship")),
        Topic("contact", "How we can reach you safely", _R,
              ("telephone", "mail", "mail_shared", "safe_contact", "feedback_route")),
        _MAY_THEY,
    ), Group.YOU),
)  # fmt: skip

# ---- A child -----------------------------------------------------------------------------------------------------


def _reworded(codes: CodeList, **labels: str) -> CodeList:
    return replace(codes, codes=tuple(replace(c, label=labels.get(c.code, c.label)) for c in codes.codes))


_ANSWER_A_CHILD = _reworded(
    FEEDBACK_ROUTE, telephone="Ring me", mail="Send me an email", page="I will look here with my code",
    none="Do not try to reach me",
)  # fmt: skip
_SAFE = Topic(
    "safe", "Are you safe now?", _C, ("immediate_danger",),
    words=(Words("immediate_danger", "Is somebody hurting you or a friend, or about to, right now?", codes=YES_NO),),
)  # fmt: skip
_HAPPENING = Topic(
    "happened", "What is happening?", _C, ("what_happened",),
    note="Tell us in your own words. You do not have to tell us all of it.",
    words=(Words("what_happened", "What has happened, or what makes you sad or scared?"),),
)  # fmt: skip
_WHO_I_AM = Topic(
    "who", "About you", _S, ("given_name", "age", "whereabouts", "school"), ("child",),
    note="We need a way to find you, so that we can help you.",
    words=(
        Words("given_name", "What is your name?", "You can use a nickname"),
        Words("age", "How old are you?"),
        Words("whereabouts", "Where do you live?", "Your street or your town is enough"),
        Words("school", "Which school do you go to?"),
    ),
)  # fmt: skip
_WHO_IT_IS = Topic(
    "who", "About your friend", _S, ("given_name", "age", "whereabouts", "school"), ("child",),
    note="We need a way to find them, so that we can help them.",
    words=(
        Words("given_name", "What is their name?", "You can use a nickname"),
        Words("age", "How old are they?"),
        Words("whereabouts", "Where do they live?", "Their street or their town is enough"),
        Words("school", "Which school do they go to?"),
    ),
)  # fmt: skip
_ANSWER = Topic(
    "contact", "A safe way to answer you", _R, ("feedback_route", "telephone", "mail", "mail_shared", "safe_contact"),
    note="You do not have to let us answer you. We still read what you write.",
    words=(
        Words("feedback_route", "How can we answer you?", codes=_ANSWER_A_CHILD),
        Words("telephone", "Your phone number"),
        Words("mail", "Your email"),
        Words("mail_shared", "Can somebody else read your email?", "If they can, we do not write to it"),
        Words("safe_contact", "What must we know first?", "Like when to ring, or who must not find out"),
    ),
)  # fmt: skip
_MY_NAME = Topic(
    "you", "About you", _R, ("name",), words=(Words("name", "What is your name?", "A nickname is fine"),)
)

YOUNG = (
    Stop(_SAFE.slug, _SAFE, Group.START),
    Stop(RING_FIRST, None, Group.START, When.DANGER),
    Stop(WHOM, None, Group.START),
    *_topics((_HAPPENING,), Group.HAPPENED),
    *_topics((_WHO_I_AM,), Group.SUBJECT, When.SELF, Per.SUBJECT),
    *_topics((_WHO_IT_IS,), Group.SUBJECT, When.FRIEND, Per.SUBJECT),
    *_topics((_MY_NAME,), Group.YOU, When.FRIEND),
    *_topics((_ANSWER,), Group.YOU),
)

# ---- A business --------------------------------------------------------------------------------------------------

BUSINESS = (
    *_START,
    *_topics((Topic(
        "happened", "What you saw", _C, ("what_happened", "when", "where"),
        words=(
            Words("what_happened", "What did you see or hear?",
                  "Who came and went, what was said, a vehicle and its number plate, a room or booking"),
            Words("when", "When was that?"),
            Words("where", "Where was that?", "The address of the hotel, shop or journey"),
        ),
    ),), Group.HAPPENED),
    Stop(HOW_OLD, None, Group.SUBJECT),
    *_subject(Topic(
        "who", "Who may be at risk", _S, ("given_name", "features", "age", "whereabouts"),
        note="You need not know a name. What they looked like is enough.",
        words=(
            Words("given_name", "Name, if you know it"),
            Words("features", "What did they look like?", "For example height, hair, clothes"),
            _AGE,
            Words("whereabouts", "Where are they now?"),
        ),
    )),
    _ANOTHER,
    *_topics((
        Topic("you", "About you", _R, ("organisation", "name", "role", "telephone", "mail"),
              note="We ring you only if we need to ask you something.",
              words=(
                  Words("organisation", "Name of the business"),
                  Words("role", "Your job", "For example receptionist or driver"),
              )),
    ), Group.YOU),
)  # fmt: skip

JOURNEYS: dict[Journey, tuple[Stop, ...]] = {
    Journey.WORK: WORK, Journey.PUBLIC: PUBLIC, Journey.YOUNG: YOUNG, Journey.BUSINESS: BUSINESS,
}  # fmt: skip
# What may be the same for a brother or sister, by what it is called: offered with one press, and never health.
SHARED: dict[str, tuple[str, ...]] = {
    "home": ("address", "postcode", "address_protected", "current_address", "whereabouts"),
    "school": ("school",),
    "doctor": ("gp", "health_visitor"),
    "background": ("language", "ethnicity", "religion"),
}
# The source of referral where the journey itself says it.
SOURCE_OF = {When.SELF: "1C", When.FRIEND: "1B"}
