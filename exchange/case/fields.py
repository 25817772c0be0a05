"""The questions of a referral: one list from which form, JSON Schema, text template and packets are made.

Source: the child and adult forms merged in the field's own practice (multi-agency referral forms; Care Act
concern forms). `part` says in which part of a packet an answer may travel, so that a routing rule can give an
agency what it needs to know and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an answer looks like."""

    TEXT = "text"  # one line
    LONG = "long"  # several lines
    DATE = "date"  # ISO 8601, YYYY-MM-DD
    CHOICE = "choice"
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


@dataclass(frozen=True, slots=True)
class Field:
    """One question."""

    section: Section
    name: str  # unique within its section
    label: str  # as the person is asked
    part: Part
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str, str], ...] = ()  # (code, label), for CHOICE
    required: bool = False  # on screen and in the API; a referral on paper or by mail is never refused for a blank
    forms: frozenset[str] = frozenset({"child", "adult"})
    hint: str = ""

    @property
    def key(self) -> str:
        """`section.name`, as manifests and schemas write it."""
        return f"{self.section}.{self.name}"


YES_NO = (("yes", "Yes"), ("no", "No"))
YES_NO_UNKNOWN = (*YES_NO, ("unknown", "Not known"))
SOURCES = (  # source of referral, DfE children in need census codes
    ("1A", "Family member, relative or carer"),
    ("1B", "Acquaintance, neighbour or childminder"),
    ("1C", "Self"),
    ("1D", "Other individual, including a stranger or MP"),
    ("2A", "School"),
    ("2B", "Education service"),
    ("3A", "GP"),
    ("3B", "Health visitor"),
    ("3C", "School nurse"),
    ("3D", "Other primary health service"),
    ("3E", "A&E"),
    ("3F", "Other health service"),
    ("4", "Housing"),
    ("5A", "Local authority social care"),
    ("5B", "Other local authority service (internal)"),
    ("5C", "Local authority service (external)"),
    ("5D", "Early help"),
    ("6", "Police"),
    ("7", "Other legal agency"),
    ("8", "Other, including a children’s centre or voluntary organisation"),
    ("9", "Anonymous"),
    ("10", "Not known"),
)
CHILD = frozenset({"child"})
ADULT = frozenset({"adult"})
_NO_CONSENT = (
    ("unsafe_child", "It would be unsafe for the child or adult"),
    ("unsafe_other", "It would be unsafe for somebody else"),
    ("prejudice", "It could harm an investigation"),
    ("delay", "It would cause a delay"),
    ("no_contact", "They could not be contacted"),
    ("refused", "They refused"),
)
_R, _C, _S, _P, _A = Section.REFERRER, Section.CONCERN, Section.SUBJECT, Section.PERSON, Section.CONSENT

FIELDS: tuple[Field, ...] = (
    Field(_R, "name", "Your name", Part.REFERRER, required=True),
    Field(_R, "role", "Your role", Part.REFERRER, hint="For example, designated safeguarding lead"),
    Field(_R, "organisation", "Your organisation", Part.REFERRER),
    Field(_R, "source", "Which of these describes you best?", Part.REFERRER, Kind.CHOICE, SOURCES, required=True),
    Field(_R, "telephone", "Telephone number we can ring you on", Part.REFERRER, Kind.PHONE, required=True),
    Field(_R, "mail", "Email address", Part.REFERRER, Kind.MAIL),
    Field(_R, "safe_contact", "Is there anything we should know before we contact you?", Part.REFERRER, Kind.LONG),
    Field(_R, "rang_first", "Have you already telephoned about this?", Part.REFERRER, Kind.CHOICE, YES_NO),
    Field(_C, "immediate_danger", "Is anyone in immediate danger?", Part.RISK, Kind.CHOICE, YES_NO, required=True),
    Field(_C, "what_happened", "What has happened, and what are you worried about?", Part.CONCERN, Kind.LONG,
          required=True, hint="Say what you saw or heard yourself, and what others told you"),
    Field(_C, "when", "When did it happen?", Part.CONCERN),
    Field(_C, "where", "Where did it happen?", Part.CONCERN),
    Field(_C, "injury", "Is there an injury? Describe it", Part.HEALTH, Kind.LONG),
    Field(_C, "history", "What has happened before?", Part.CONCERN, Kind.LONG),
    Field(_C, "working_well", "What is working well?", Part.CONCERN, Kind.LONG),
    Field(_C, "done_so_far", "What have you done so far?", Part.CONCERN, Kind.LONG),
    Field(_C, "level_of_need", "Which level of need do you think this is?", Part.CONCERN, Kind.CHOICE,
          (("1", "1 – universal"), ("2", "2 – early help"), ("3", "3 – targeted, complex"), ("4", "4 – statutory"))),
    Field(_C, "risks_to_workers", "Is there any risk to people who visit?", Part.RISK, Kind.LONG,
          hint="For example weapons, dogs, or a person who has been violent"),
    Field(_A, "informed", "Do the parents, carers or the adult know you are making this referral?", Part.CONSENT,
          Kind.CHOICE, YES_NO),
    Field(_A, "consent", "Have they agreed to it?", Part.CONSENT, Kind.CHOICE, YES_NO),
    Field(_A, "why_not", "If not, why?", Part.CONSENT, Kind.CHOICE, _NO_CONSENT),
    Field(_A, "identity_known", "May the family be told who you are?", Part.CONSENT, Kind.CHOICE, YES_NO),
    Field(_S, "given_name", "First name", Part.IDENTITY, required=True),
    Field(_S, "family_name", "Last name", Part.IDENTITY),
    Field(_S, "aliases", "Other names used", Part.IDENTITY),
    Field(_S, "date_of_birth", "Date of birth", Part.IDENTITY, Kind.DATE),
    Field(_S, "expected_date", "Expected date of birth, if not yet born", Part.IDENTITY, Kind.DATE, forms=CHILD),
    Field(_S, "sex", "Sex", Part.IDENTITY, Kind.CHOICE,
          (("female", "Female"), ("male", "Male"), ("unknown", "Not known"))),
    Field(_S, "address", "Home address", Part.IDENTITY, Kind.LONG),
    Field(_S, "postcode", "Postcode", Part.IDENTITY),
    Field(_S, "address_protected", "Must this address be kept secret (for example a refuge)?", Part.RISK,
          Kind.CHOICE, YES_NO),
    Field(_S, "whereabouts", "Where are they now?", Part.WHEREABOUTS),
    Field(_S, "ethnicity", "Ethnicity", Part.IDENTITY),
    Field(_S, "language", "First language, and whether an interpreter is needed", Part.IDENTITY),
    Field(_S, "communication", "Communication needs", Part.IDENTITY),
    Field(_S, "disability", "Disability", Part.HEALTH),
    Field(_S, "nhs_number", "NHS number", Part.HEALTH),
    Field(_S, "gp", "GP practice", Part.HEALTH),
    Field(_S, "health_visitor", "Health visitor or school nurse", Part.HEALTH, forms=CHILD),
    Field(_S, "upn", "Unique pupil number", Part.EDUCATION, forms=CHILD),
    Field(_S, "school", "School, nursery or college", Part.EDUCATION, forms=CHILD),
    Field(_S, "legal_status", "Legal status, for example looked after", Part.CARE, forms=CHILD),
    Field(_S, "words", "What have they said, in their own words?", Part.VOICE, Kind.LONG),
    Field(_S, "wishes", "What do they want to happen?", Part.VOICE, Kind.LONG),
    Field(_S, "types_of_abuse", "Type of abuse", Part.CONCERN, forms=ADULT),
    Field(_S, "care_needs", "Needs for care and support", Part.CARE, Kind.LONG, forms=ADULT),
    Field(_S, "lives_alone", "Do they live alone?", Part.CARE, Kind.CHOICE, YES_NO_UNKNOWN, forms=ADULT),
    Field(_S, "capacity", "Can they make this decision for themselves (mental capacity)?", Part.CARE, Kind.CHOICE,
          (*YES_NO, ("doubt", "In doubt")), forms=ADULT),
    Field(_S, "capacity_assessed", "Who assessed that, and when?", Part.CARE, forms=ADULT),
    Field(_S, "advocate", "Advocate or representative", Part.CARE, forms=ADULT),
    Field(_S, "children_in_household", "Are there children in the household?", Part.HOUSEHOLD, Kind.CHOICE,
          YES_NO_UNKNOWN, forms=ADULT),
    Field(_P, "name", "Name", Part.HOUSEHOLD),
    Field(_P, "relationship", "Relationship", Part.HOUSEHOLD),
    Field(_P, "date_of_birth", "Date of birth", Part.HOUSEHOLD, Kind.DATE),
    Field(_P, "lives_there", "Do they live there?", Part.HOUSEHOLD, Kind.CHOICE, YES_NO_UNKNOWN),
    Field(_P, "poses_risk", "Might they pose a risk?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN),
    Field(_P, "safe_to_contact", "Is it safe to contact them?", Part.RISK, Kind.CHOICE, YES_NO_UNKNOWN),
)  # fmt: skip
BY_KEY = {f.key: f for f in FIELDS}


def questions(section: Section, form: str) -> tuple[Field, ...]:
    """The questions of one section of the `child` or `adult` form, in the order asked."""
    return tuple(f for f in FIELDS if f.section == section and form in f.forms)
