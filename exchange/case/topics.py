"""Topics: the questions of a referral by what they are about, in the order in which people are asked them.

One list for the pages of the web form, the page for telephone calls, and the forms on paper (PDF and Word): every
question of fields.py stands in exactly one topic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from exchange.case.code_lists import CodeList
from exchange.case.fields import BY_KEY, Field, Section


@dataclass(frozen=True, slots=True)
class Words:
    """A question as one journey puts it (journeys.py): what it asks, and the codes of its answers, stay the same."""

    name: str
    label: str
    hint: str = ""
    codes: CodeList | None = None  # the same codes, or some of them, in other words


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of questions."""

    slug: str
    heading: str
    section: Section
    names: tuple[str, ...]
    forms: tuple[str, ...] = ("child", "adult")
    note: str = ""
    words: tuple[Words, ...] = ()  # where its questions are put otherwise than in the list
    help: str = ""  # what is explained beside the questions: "share"


_C, _S, _P, _A, _R = Section.CONCERN, Section.SUBJECT, Section.PERSON, Section.CONSENT, Section.REFERRER
DANGER = Topic("danger", "Before you start", _C, ("immediate_danger",))
WHO = Topic("who", "Who they are", _S, ("given_name", "family_name", "aliases", "unborn"),
            note="Write what you know. A first name is enough. You can add others later.")  # fmt: skip
ABOUT_SUBJECT = (
    WHO,
    Topic("born", "Age and sex", _S, ("date_of_birth", "age", "expected_date", "sex")),
    Topic("home", "Where they live", _S,
          ("address", "postcode", "address_protected", "current_address", "whereabouts")),
    Topic("school", "School, and the law", _S, ("school", "upn", "legal_status"), ("child",)),
    Topic("care", "Care and support", _S,
          ("care_needs", "support_reason", "lives_alone", "placing_authority", "funding"), ("adult",)),
    Topic("children", "Children around them", _S, ("children_in_household", "children_told"), ("adult",)),
    Topic("capacity", "Making decisions", _S,
          ("capacity", "capacity_assessed", "substantial_difficulty", "advocate", "lasting_power"), ("adult",)),
    Topic("needs", "Health and needs", _S, ("disability", "communication", "gp", "health_visitor", "nhs_number")),
    Topic("background", "Language and background", _S,
          ("language", "ethnicity", "religion", "gender", "immigration", "features")),
    Topic("harm", "The harm", _S, ("category", "abuse", "types_of_abuse", "hate")),
    Topic("voice", "What they say", _S, ("words", "wishes", "outcomes_asked", "safe_to_contact")),
)  # fmt: skip
ABOUT_PERSON = (
    Topic("person", "Who they are", _P,
          ("name", "relationship", "date_of_birth", "lives_there", "address", "address_protected")),
    Topic("person-part", "Their part in this", _P,
          ("parental_responsibility", "alleged", "poses_risk", "also_at_risk", "works_with", "safe_to_contact")),
    Topic("person-work", "Care and work", _P, ("main_carer", "employer"), ("adult",)),
)  # fmt: skip
HAPPENED = Topic("happened", "What has happened", _C, ("what_happened", "when", "where", "location", "ongoing"))
MORE = (  # only for whoever says that they can tell more
    Topic("seen", "What you saw, heard and were told", _C, ("seen", "heard", "told", "opinion"),
          note="Keep what you saw apart from what others said. Leave blank what you have written already."),
    Topic("injury", "Injuries", _C, ("injury", "body_map")),
    Topic("before", "What else you know", _C,
          ("history", "working_well", "worries", "parents_view", "done_so_far")),
    Topic("risk", "Risks", _C,
          ("risks_to_workers", "other_children", "others_at_risk", "protection", "already_told", "crime_reference")),
    Topic("domestic", "Signs of domestic abuse", _C, ("domestic_signs",),
          note="Leave this out where there is no domestic abuse."),
    Topic("scores", "Assessments and scores", _C,
          ("level_of_need", "assessment_attached", "dash_score", "cse_score")),
)  # fmt: skip
TOOLS_OF_SUBJECT = (
    Topic("exploitation", "Signs of exploitation", _S, ("exploitation_signs",), ("child",),
          note="Leave this out where you have no such worry."),
    Topic("need", "Level of need", _S, ("need_signs",), ("child",)),
)  # fmt: skip
CONSENT = Topic("consent", "What the family knows", _A,
                ("informed", "consent", "share", "by_whom", "for_whom", "identity_known"),
                note="If telling them could put somebody in danger, do not tell them.", help="share")  # fmt: skip
WITHOUT = Topic("without", "Without their agreement", _A, ("why_not", "why_not_details"),
                note="You can refer without agreement when somebody may be at risk of harm.",
                help="share")  # fmt: skip
ABOUT_YOU = (
    Topic("you", "About you", _R, ("name", "role", "organisation", "source", "requester", "relationship")),
    Topic("told", "Whom you have told", _R,
          ("lead_consulted", "rang_first", "rang_whom", "consultation", "keep_from")),
    Topic("contact", "How we can reach you", _R,
          ("telephone", "mail", "mail_shared", "safe_contact", "feedback_wanted", "feedback_route")),
)  # fmt: skip
TOPICS = (DANGER, *ABOUT_SUBJECT, *TOOLS_OF_SUBJECT, *ABOUT_PERSON, HAPPENED, *MORE, CONSENT, WITHOUT, *ABOUT_YOU)
ESSENTIAL = (DANGER, *ABOUT_SUBJECT[:3], ABOUT_PERSON[0], HAPPENED, CONSENT, *ABOUT_YOU)  # asked in every call


def fields(topic: Topic, form: str) -> tuple[Field, ...]:
    """The questions of a topic, in its words."""
    known = (BY_KEY[f"{topic.section}.{name}"] for name in topic.names)
    put = {words.name: words for words in topic.words}
    return tuple(_put(f, put.get(f.name)) for f in known if form in f.forms)


def _put(asked: Field, words: Words | None) -> Field:
    if words is None:
        return asked
    return replace(asked, label=words.label, hint=words.hint, codes=words.codes or asked.codes)
