"""The questions of a referral: one list from which form, JSON Schema, text template and packets are made.

Source: the child and adult forms merged in the field's own practice (multi-agency referral forms; Care Act
concern forms). `part` says in which part of a packet an answer may travel, so that a routing rule can give an
agency what it needs to know and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exchange.case import code_lists as codes
from exchange.case import tools
from exchange.case.code_lists import YES_NO, YES_NO_UNKNOWN, CodeList


class Kind(StrEnum):
    """What an answer looks like."""

    TEXT = "text"  # one line
    LONG = "long"  # several lines
    DATE = "date"  # ISO 8601, YYYY-MM-DD
    CHOICE = "choice"
    SEVERAL = "several"  # codes of a list, separated by commas
    MAIL = "mail"
    PHONE = "phone"


class Section(StrEnum):
    """Whose answer it is. `SUBJECT` and `PERSON` repeat."""

    REFERRER = "referrer"
    CONCERN = "concern"
    CONSENT = "consent"
    SUBJECT = "subject"
    PERSON = "person"  # household and significant others


class Part(StrEnum):
    """A portion of a packet; routing rules name these."""

    IDENTITY = "identity"
    WHEREABOUTS = "whereabouts"
    HEALTH = "health"
    EDUCATION = "education"
    CARE = "care"
    HOUSEHOLD = "household"
    CONCERN = "concern"
    RISK = "risk"
    VOICE = "voice"
    CONSENT = "consent"
    REFERRER = "referrer"
    TOOLS = "tools"  # ticks of the risk tools (tools.py): only to whom a hub file gives them


@dataclass(frozen=True, slots=True)
class Field:
    """One question."""

    section: Section
    name: str  # unique within its section
    label: str  # as the person is asked
    part: Part
    kind: Kind = Kind.TEXT
    codes: CodeList | None = None  # for CHOICE and SEVERAL
    required: bool = False  # on screen and in the API, of whom it can be asked (`referral.needed`); a referral on
    # paper or by mail is never refused for a blank
    forms: frozenset[str] = frozenset({"child", "adult"})
    hint: str = ""

    @property
    def key(self) -> str:
        """`section.name`, as manifests and schemas write it."""
        return f"{self.section}.{self.name}"

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """(code, label) of what may be chosen; none where people write their own words."""
        return self.codes.choices if self.codes else ()

    def chosen(self, answer: str) -> tuple[str, ...]:
        """The codes in an answer: one of a choice, any number of several."""
        if self.kind is not Kind.SEVERAL:
            return (answer.strip(),)
        return tuple(dict.fromkeys(code for part in answer.split(",") if (code := part.strip())))

    def say(self, answer: str) -> str:
        """An answer as people read it."""
        return "; ".join(map(self.codes.label, self.chosen(answer))) if self.codes else answer


CHILD = frozenset({"child"})
ADULT = frozenset({"adult"})
_R, _C, _S, _P, _A = Section.REFERRER, Section.CONCERN, Section.SUBJECT, Section.PERSON, Section.CONSENT

FIELDS: tuple[Field, ...] = (
    Field(_R, "name", "Your name", Part.REFERRER, required=True),
    Field(_R, "role", "Your role", Part.REFERRER, hint="For example, designated safeguarding lead"),
    Field(_R, "organisation", "Your organisation", Part.REFERRER),
    Field(_R, "source", "Which of these describes you best?", Part.REFERRER, Kind.CHOICE, codes.SOURCES,
          required=True),
    Field(_R, "requester", "And which of these, for adult social care?", Part.REFERRER, Kind.CHOICE,
          codes.REQUESTERS, forms=ADULT),
    Field(_R, "relationship", "How do you know them, and for how long?", Part.REFERRER),
    Field(_R, "lead_consulted", "Have you spoken to your line manager or safeguarding lead?", Part.REFERRER,
          Kind.CHOICE, YES_NO),
    Field(_R, "telephone", "Telephone number we can ring you on", Part.REFERRER, Kind.PHONE, required=True),
    Field(_R, "mail", "Email address", Part.REFERRER, Kind.MAIL),
    Field(_R, "mail_shared", "Can anybody else read what is sent to this address?", Part.REFERRER, Kind.CHOICE,
          YES_NO_UNKNOWN, hint="If so, we write nothing to it"),
    Field(_R, "safe_contact", "Is there anything we should know before we contact you?", Part.REFERRER, Kind.LONG),
    Field(_R, "keep_from", "Is there an organisation that must not see this, because somebody involved works there?",
          Part.REFERRER, hint="Write the name of each, with commas between. Leave blank if there is none"),
    Field(_R, "rang_first", "Have you already telephoned about this?", Part.REFERRER, Kind.CHOICE, YES_NO),
    Field(_R, "rang_whom", "If so, whom did you speak to, and when?", Part.REFERRER),
    Field(_R, "consultation", "Reference of advice you asked us for before, if you did", Part.REFERRER,
          hint="It begins with CONS"),
    Field(_R, "feedback_wanted", "Do you want to hear what comes of it?", Part.REFERRER, Kind.CHOICE, YES_NO),
    Field(_R, "feedback_route", "How can we tell you safely?", Part.REFERRER, Kind.CHOICE, codes.FEEDBACK_ROUTE),
    Field(_C, "immediate_danger", "Is anyone in immediate danger?", Part.RISK, Kind.CHOICE, YES_NO, required=True),
    Field(_C, "what_happened", "What has happened, and what are you worried about?", Part.CONCERN, Kind.LONG,
          required=True, hint="Say what you saw or heard yourself, and what others told you"),
    Field(_C, "when", "When did it happen?", Part.CONCERN),
    Field(_C, "where", "Where did it happen?", Part.CONCERN),
    Field(_C, "location", "What sort of place is that?", Part.CONCERN, Kind.CHOICE, codes.LOCATION, forms=ADULT),
    Field(_C, "ongoing", "Is it still going on?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN, forms=ADULT),
    Field(_C, "seen", "What did you see yourself?", Part.CONCERN, Kind.LONG),
    Field(_C, "heard", "What did you hear yourself?", Part.CONCERN, Kind.LONG),
    Field(_C, "told", "What were you told, and by whom?", Part.CONCERN, Kind.LONG),
    Field(_C, "opinion", "What is your own opinion of it?", Part.CONCERN, Kind.LONG),
    Field(_C, "injury", "Is there an injury? Describe it", Part.HEALTH, Kind.LONG),
    Field(_C, "body_map", "Where on the body is it?", Part.HEALTH, Kind.LONG,
          hint="Side, size, colour and shape, for example: left forearm, 3 cm, blue, round"),
    Field(_C, "history", "What has happened before?", Part.CONCERN, Kind.LONG),
    Field(_C, "working_well", "What is working well?", Part.CONCERN, Kind.LONG),
    Field(_C, "worries", "What do you fear will happen if nothing changes?", Part.CONCERN, Kind.LONG),
    Field(_C, "parents_view", "What do the parents or carers say?", Part.CONCERN, Kind.LONG, forms=CHILD),
    Field(_C, "done_so_far", "What have you done so far?", Part.CONCERN, Kind.LONG),
    Field(_C, "risks_to_workers", "Is there any risk to people who visit?", Part.RISK, Kind.LONG,
          hint="For example weapons, dogs, or a person who has been violent"),
    Field(_C, "other_children", "Are other children at risk? Who?", Part.RISK, Kind.LONG, forms=CHILD),
    Field(_C, "others_at_risk", "Are others at risk? Who?", Part.RISK, Kind.LONG, forms=ADULT),
    Field(_C, "protection", "What protects them at present?", Part.RISK, Kind.LONG, forms=ADULT),
    Field(_C, "already_told", "Who else has been told?", Part.CONCERN, Kind.SEVERAL, codes.ALREADY_TOLD, forms=ADULT),
    Field(_C, "crime_reference", "Crime reference", Part.RISK, forms=ADULT),
    Field(_C, "level_of_need", "Which level of need do you think this is?", Part.CONCERN, Kind.CHOICE,
          codes.LEVEL_OF_NEED),
    Field(_C, "assessment_attached", "Is an assessment attached or being sent?", Part.CONCERN, Kind.CHOICE, YES_NO),
    Field(_C, "dash_score", "DASH score", Part.RISK, hint="Of a checklist that you have filled in, with its date"),
    Field(_C, "cse_score", "Exploitation tool: its name and score", Part.RISK, forms=CHILD),
    Field(_C, "domestic_signs", "Domestic abuse: which of these are true?", Part.TOOLS, Kind.SEVERAL,
          tools.DOMESTIC.codes,
          hint="Tick what you know. “They” is the person who is abused. It informs, and never decides"),
    Field(_A, "informed", "Do the parents, carers or the adult know you are making this referral?", Part.CONSENT,
          Kind.CHOICE, YES_NO),
    Field(_A, "consent", "Have they agreed to it?", Part.CONSENT, Kind.CHOICE, YES_NO),
    Field(_A, "share", "Have they agreed that information is shared?", Part.CONSENT, Kind.CHOICE, YES_NO),
    Field(_A, "by_whom", "Who agreed, or refused?", Part.CONSENT),
    Field(_A, "for_whom", "For whom?", Part.CONSENT, hint="For example: for herself and both children"),
    Field(_A, "why_not", "If not, why?", Part.CONSENT, Kind.CHOICE, codes.NO_CONSENT),
    Field(_A, "why_not_details", "If you go on without their agreement, what are your reasons?", Part.CONSENT,
          Kind.LONG),
    Field(_A, "identity_known", "May the family be told who you are?", Part.CONSENT, Kind.CHOICE, YES_NO),
    Field(_S, "given_name", "First name", Part.IDENTITY, required=True),
    Field(_S, "family_name", "Last name", Part.IDENTITY),
    Field(_S, "aliases", "Other names used", Part.IDENTITY),
    Field(_S, "date_of_birth", "Date of birth", Part.IDENTITY, Kind.DATE),
    Field(_S, "age", "Age, if you do not know the date of birth", Part.IDENTITY, hint="About is good enough"),
    Field(_S, "unborn", "Is this a baby not yet born?", Part.IDENTITY, Kind.CHOICE, YES_NO, forms=CHILD,
          hint="If so, no name is needed"),
    Field(_S, "expected_date", "Expected date of birth, if not yet born", Part.IDENTITY, Kind.DATE, forms=CHILD),
    Field(_S, "sex", "Sex", Part.IDENTITY, Kind.CHOICE, codes.SEX),
    Field(_S, "gender", "Gender, if different", Part.IDENTITY),
    Field(_S, "address", "Home address", Part.IDENTITY, Kind.LONG),
    Field(_S, "postcode", "Postcode", Part.IDENTITY),
    Field(_S, "address_protected", "Must this address be kept secret (for example a refuge)?", Part.RISK,
          Kind.CHOICE, YES_NO),
    Field(_S, "current_address", "Address where they are staying, if different", Part.WHEREABOUTS, Kind.LONG),
    Field(_S, "whereabouts", "Where are they now?", Part.WHEREABOUTS),
    Field(_S, "ethnicity", "Ethnicity", Part.IDENTITY),
    Field(_S, "religion", "Religion", Part.IDENTITY),
    Field(_S, "language", "First language, and whether an interpreter is needed", Part.IDENTITY),
    Field(_S, "immigration", "Immigration status", Part.CARE),
    Field(_S, "features", "Identifying features", Part.IDENTITY, hint="For example a scar, a tattoo or glasses"),
    Field(_S, "communication", "Communication needs", Part.IDENTITY),
    Field(_S, "disability", "Disability", Part.HEALTH),
    Field(_S, "nhs_number", "NHS number", Part.HEALTH),
    Field(_S, "gp", "GP practice", Part.HEALTH),
    Field(_S, "health_visitor", "Health visitor or school nurse", Part.HEALTH, forms=CHILD),
    Field(_S, "upn", "Unique pupil number", Part.EDUCATION, forms=CHILD),
    Field(_S, "school", "School, nursery or college", Part.EDUCATION, forms=CHILD),
    Field(_S, "legal_status", "Legal status, for example looked after", Part.CARE, forms=CHILD),
    Field(_S, "category", "What kind of harm is it?", Part.CONCERN, Kind.SEVERAL, codes.CHILD_CONCERNS, forms=CHILD),
    Field(_S, "abuse", "What kind of harm is it?", Part.CONCERN, Kind.SEVERAL, codes.ADULT_ABUSE, forms=ADULT),
    Field(_S, "types_of_abuse", "The kind of harm in your own words", Part.CONCERN, forms=ADULT),
    Field(_S, "hate", "If it is a hate crime, against what?", Part.CONCERN, Kind.SEVERAL, codes.HATE_STRANDS,
          forms=ADULT),
    Field(_S, "exploitation_signs", "Exploitation: which of these are true?", Part.TOOLS, Kind.SEVERAL,
          tools.EXPLOITATION.codes, forms=CHILD, hint="Tick what you know. It informs, and never decides"),
    Field(_S, "need_signs", "Level of need: which of these are true?", Part.TOOLS, Kind.SEVERAL,
          tools.NEED.codes, forms=CHILD, hint="Tick what you know. It informs, and never decides"),
    Field(_S, "words", "What have they said, in their own words?", Part.VOICE, Kind.LONG),
    Field(_S, "wishes", "What do they want to happen?", Part.VOICE, Kind.LONG),
    Field(_S, "outcomes_asked", "Were they asked what they want to come of it?", Part.VOICE, Kind.CHOICE,
          codes.OUTCOMES_ASKED, forms=ADULT),
    Field(_S, "safe_to_contact", "Is it safe to contact them directly?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN,
          forms=ADULT),
    Field(_S, "care_needs", "Needs for care and support", Part.CARE, Kind.LONG, forms=ADULT),
    Field(_S, "support_reason", "What do they mainly need support for?", Part.CARE, Kind.CHOICE,
          codes.SUPPORT_REASON, forms=ADULT),
    Field(_S, "lives_alone", "Do they live alone?", Part.CARE, Kind.CHOICE, YES_NO_UNKNOWN, forms=ADULT),
    Field(_S, "placing_authority", "Council that placed them or pays for their care", Part.CARE, forms=ADULT),
    Field(_S, "funding", "How is their care paid for?", Part.CARE, forms=ADULT),
    Field(_S, "capacity", "Can they make this decision for themselves (mental capacity)?", Part.CARE, Kind.CHOICE,
          codes.CAPACITY, forms=ADULT),
    Field(_S, "capacity_assessed", "Who assessed that, and when?", Part.CARE, forms=ADULT),
    Field(_S, "substantial_difficulty", "Would they have substantial difficulty in taking part?", Part.CARE,
          Kind.CHOICE, YES_NO_UNKNOWN, forms=ADULT),
    Field(_S, "advocate", "Advocate or representative", Part.CARE, forms=ADULT),
    Field(_S, "lasting_power", "Lasting power of attorney, or a deputy", Part.CARE, forms=ADULT),
    Field(_S, "children_in_household", "Are there children in the household?", Part.HOUSEHOLD, Kind.CHOICE,
          YES_NO_UNKNOWN, forms=ADULT),
    Field(_S, "children_told", "Has children’s social care been told of them?", Part.HOUSEHOLD, Kind.CHOICE,
          YES_NO_UNKNOWN, forms=ADULT),
    Field(_P, "name", "Name", Part.HOUSEHOLD),
    Field(_P, "relationship", "Relationship", Part.HOUSEHOLD),
    Field(_P, "date_of_birth", "Date of birth", Part.HOUSEHOLD, Kind.DATE),
    Field(_P, "lives_there", "Do they live there?", Part.HOUSEHOLD, Kind.CHOICE, YES_NO_UNKNOWN),
    Field(_P, "address", "Their address, if different", Part.WHEREABOUTS, Kind.LONG),
    Field(_P, "address_protected", "Must their address be kept secret (for example a refuge)?", Part.RISK,
          Kind.CHOICE, YES_NO),
    Field(_P, "parental_responsibility", "Do they have parental responsibility?", Part.HOUSEHOLD, Kind.CHOICE,
          YES_NO_UNKNOWN, forms=CHILD),
    Field(_P, "poses_risk", "Might they pose a risk?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN),
    Field(_P, "works_with", "Do they work with children or adults at risk?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN),
    Field(_P, "alleged", "Are they said to have caused the harm?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN,
          forms=ADULT),
    Field(_P, "main_carer", "Are they the main carer?", Part.HOUSEHOLD, Kind.CHOICE, YES_NO_UNKNOWN, forms=ADULT),
    Field(_P, "also_at_risk", "Are they at risk too?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN, forms=ADULT),
    Field(_P, "employer", "Who employs them, if that matters?", Part.RISK, forms=ADULT),
    Field(_P, "safe_to_contact", "Is it safe to contact them?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN),
)  # fmt: skip
# Asked by the hub of whoever is added to a contact later; no referral asks it.
OF_THE_HUB: tuple[Field, ...] = (
    Field(_S, "worry", "What is the worry about them?", Part.CONCERN, Kind.LONG),
)  # fmt: skip
BY_KEY = {f.key: f for f in (*FIELDS, *OF_THE_HUB)}


def questions(section: Section, form: str) -> tuple[Field, ...]:
    """The questions of one section of the `child` or `adult` form, in the order asked."""
    return tuple(f for f in FIELDS if f.section == section and form in f.forms)
