"""Code lists: what may be chosen, in our code, in words, and in the code that national returns want.

1. A code, once used, keeps its meaning: lists grow, and a withdrawn code stays readable but is offered no more.
2. National values are those of the children in need census (DfE), the safeguarding adults collection (SAC, whose
   categories are their names) and the Interweave adult requesters; "" where no return asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a list."""

    code: str  # ours: stored, sent, compared
    label: str  # as people read it
    national: str = ""  # as returns write it


@dataclass(frozen=True, slots=True)
class CodeList:
    """What may be chosen."""

    name: str
    source: str  # who defines the national codes; "" for a list of our own
    codes: tuple[Code, ...]

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """(code, label), in the order offered."""
        return tuple((c.code, c.label) for c in self.codes)

    def label(self, code: str) -> str:
        """A code in words; what is no code is said as it stands."""
        return next((c.label for c in self.codes if c.code == code), code)

    def national(self, code: str) -> str:
        """What a return writes for a code; "" where it has no word for it."""
        return next((c.national for c in self.codes if c.code == code), "")


def _list(name: str, source: str, *rows: tuple[str, ...]) -> CodeList:
    return CodeList(name, source, tuple(Code(*row) for row in rows))


def _as_coded(name: str, source: str, rows: Iterable[tuple[str, str]]) -> CodeList:
    """A list whose national codes are short enough to be ours too."""
    return CodeList(name, source, tuple(Code(code, label, code) for code, label in rows))


CIN = "DfE children in need census"
SAC = "NHS England safeguarding adults collection"
SSD = "Standard safeguarding dataset"
YES_NO = _list("yes_no", "", ("yes", "Yes"), ("no", "No"))
YES_NO_UNKNOWN = _list("yes_no_unknown", "", ("yes", "Yes"), ("no", "No"), ("unknown", "Not known"))
SEX = _list("sex", CIN, ("female", "Female", "F"), ("male", "Male", "M"), ("unknown", "Not known", "U"))
LEVEL_OF_NEED = _list(
    "level_of_need", "",
    ("1", "1 – universal"), ("2", "2 – early help"), ("3", "3 – targeted, complex"), ("4", "4 – statutory"),
)  # fmt: skip
NO_CONSENT = _list(
    "no_consent", "",
    ("unsafe_child", "It would be unsafe for the child or adult"),
    ("unsafe_other", "It would be unsafe for somebody else"),
    ("prejudice", "It could harm an investigation"),
    ("delay", "It would cause a delay"),
    ("no_contact", "They could not be contacted"),
    ("refused", "They refused"),
)  # fmt: skip
WITHOUT_CONSENT = _list(  # when special category data may be used without asking
    "without_consent", "Data Protection Act 2018 Sch 1 para 18(3)",
    ("cannot_consent", "Consent cannot be given by the person"),
    ("not_obtainable", "Consent cannot reasonably be obtained"),
    ("prejudice", "Asking would prejudice the protection of the person"),
)  # fmt: skip
FEEDBACK_ROUTE = _list(
    "feedback_route", "",
    ("telephone", "By telephone"), ("mail", "By email"), ("page", "On the receipt page, with my code"),
    ("none", "Do not contact me"),
)  # fmt: skip

# ---- Who tells ---------------------------------------------------------------------------------------------------

BUSINESS = "B"  # the census has no word of its own for a hotel, a shop or a taxi firm: there they are "other"
SOURCES = _list("source_of_referral", CIN, *((code, label, code) for code, label in (
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
)), (BUSINESS, "Business, for example a hotel, shop or taxi firm", "8"))  # fmt: skip
REQUESTERS = _list(
    "adult_requester", "Interweave adult requester",
    ("advocate", "Advocate", "Advocate"),
    ("anonymous", "Anonymous", "Anonymous"),
    ("care_provider", "Adult social care provider", "ASC provider"),
    ("family_friend", "Family, friend or neighbour", "Family/friend/neighbour"),
    ("internal", "The council itself", "Internal"),
    ("housing", "Housing", "Housing"),
    ("legal", "Legal agency", "Legal agency"),
    ("community_health", "GP or community health", "GP/community"),
    ("secondary_health", "Hospital or other secondary health", "Secondary health"),
    ("self", "Self", "Self"),
    ("unknown", "Not known", "Unknown"),
    ("other", "Other", "Other"),
)  # fmt: skip

# ---- Children ----------------------------------------------------------------------------------------------------

PRIMARY_NEED = _as_coded("primary_need", CIN, (
    ("N1", "Abuse or neglect"),
    ("N2", "Child’s disability or illness"),
    ("N3", "Parental disability or illness"),
    ("N4", "Family in acute stress"),
    ("N5", "Family dysfunction"),
    ("N6", "Socially unacceptable behaviour"),
    ("N7", "Low income"),
    ("N8", "Absent parenting"),
    ("N9", "Cases other than children in need"),
    ("N0", "Not stated"),
))  # fmt: skip
# True: no assessment and no section 47 activity may follow in this episode (rule 8831).
REFERRAL_NFA = _list("referral_nfa", CIN, ("yes", "No further action", "true"), ("no", "Taken further", "false"))
CLOSURE = _as_coded("reason_for_closure", CIN, (
    ("RC1", "Adopted"),
    ("RC2", "Died"),
    ("RC3", "Child arrangements order"),
    ("RC4", "Special guardianship order"),
    ("RC5", "Transferred to another local authority"),
    ("RC6", "Transferred to adult social care"),
    ("RC7", "Services ceased for any other reason, including no longer in need"),
    ("RC8", "Closed after assessment, no further action"),
    ("RC9", "Closed after assessment, referred to early help"),
))  # fmt: skip
_WHOSE = (("A", "the child"), ("B", "a parent or carer"), ("C", "another person in the household"))
_FACTORS_OF_EACH = (
    ("1", "Alcohol misuse"),
    ("2", "Drug misuse"),
    ("3", "Domestic abuse"),
    ("4", "Mental health"),
    ("5", "Learning disability"),
    ("6", "Physical disability or illness"),
)
# 18A was withdrawn (rule 8945Q).
ASSESSMENT_FACTORS = _as_coded("assessment_factors", CIN, (
    *((f"{n}{who}", f"{what}: {whose}") for n, what in _FACTORS_OF_EACH for who, whose in _WHOSE),
    ("7A", "Young carer"),
    ("8B", "Privately fostered: from overseas, intends to return"),
    ("8C", "Privately fostered: from overseas, intends to stay"),
    ("8D", "Privately fostered: in an educational placement"),
    ("8E", "Privately fostered: other family arrangement"),
    ("8F", "Privately fostered: other"),
    ("9A", "Unaccompanied asylum-seeking child"),
    ("10A", "Missing"),
    ("11A", "Child sexual exploitation"),
    ("12A", "Trafficking"),
    ("13A", "Gangs"),
    ("14A", "Socially unacceptable behaviour"),
    ("15A", "Self-harm"),
    ("16A", "Neglect"),
    ("17A", "Emotional abuse"),
    ("18B", "Physical abuse by another child"),
    ("18C", "Physical abuse by an adult"),
    ("19B", "Sexual abuse by another child"),
    ("19C", "Sexual abuse by an adult"),
    ("20", "Other"),
    ("21", "None"),
    ("22A", "Female genital mutilation"),
    ("23A", "Abuse linked to faith or belief"),
    ("24A", "Child criminal exploitation"),
))  # fmt: skip
CHILD_ABUSE = _list(
    "category_of_abuse", CIN,
    ("neglect", "Neglect", "NEG"),
    ("physical", "Physical abuse", "PHY"),
    ("sexual", "Sexual abuse", "SAB"),
    ("emotional", "Emotional abuse", "EMO"),
    ("multiple", "More than one category", "MUL"),
)  # fmt: skip
# What a referrer ticks: several together are MUL.
CHILD_CONCERNS = CodeList("child_concerns", CIN, CHILD_ABUSE.codes[:4])
MISSING = _list("missing_episode", "DfE looked after children return", ("missing", "Missing", "M"),
                ("away", "Away without authorisation", "A"))  # fmt: skip

# ---- Adults ------------------------------------------------------------------------------------------------------

ADULT_ABUSE = _list(  # Care and support statutory guidance 14.17; the collection counts an eleventh
    "type_of_adult_abuse", SAC,
    ("physical", "Physical abuse", "Physical Abuse"),
    ("domestic", "Domestic abuse", "Domestic Abuse"),
    ("sexual", "Sexual abuse", "Sexual Abuse"),
    ("psychological", "Psychological or emotional abuse", "Psychological Abuse"),
    ("financial", "Financial or material abuse", "Financial or Material Abuse"),
    ("modern_slavery", "Modern slavery", "Modern Slavery"),
    ("discriminatory", "Discriminatory abuse", "Discriminatory Abuse"),
    ("organisational", "Organisational abuse", "Organisational Abuse"),
    ("neglect", "Neglect or acts of omission", "Neglect and Acts of Omission"),
    ("self_neglect", "Self-neglect", "Self-Neglect"),
    ("sexual_exploitation", "Sexual exploitation", "Sexual Exploitation"),
    ("hate", "Hate crime"),
    ("mate", "Mate crime: a false friend"),
    ("cuckooing", "Cuckooing: somebody took over the home"),
    ("radicalisation", "Radicalisation"),
    ("fgm", "Female genital mutilation"),
    ("forced_marriage", "Forced marriage"),
    ("honour", "So-called honour-based abuse"),
)  # fmt: skip
HATE_STRANDS = _list(
    "hate_strand", "Home Office monitored strands",
    ("disability", "Disability", "Disability"),
    ("race", "Race", "Race"),
    ("religion", "Religion", "Religion"),
    ("orientation", "Sexual orientation", "Sexual orientation"),
    ("transgender", "Transgender", "Transgender"),
)  # fmt: skip
SUPPORT_REASON = _list(
    "primary_support_reason", SAC,
    ("physical", "Physical support", "Physical Support"),
    ("sensory", "Sensory support", "Sensory Support"),
    ("memory", "Support with memory and cognition", "Support with Memory and Cognition"),
    ("learning", "Learning disability support", "Learning Disability Support"),
    ("mental_health", "Mental health support", "Mental Health Support"),
    ("social", "Social support", "Social Support"),
    ("none", "No support reason", "No Support Reason"),
    ("unknown", "Not known", "Not Known"),
)  # fmt: skip
LOCATION = _list(
    "location_of_risk", SAC,
    ("own_home", "Their own home", "Own Home"),
    ("community", "In the community", "In the Community (excluding community services)"),
    ("community_service", "In a community service", "In a Community Service"),
    ("nursing_home", "Nursing home", "Care Home - Nursing"),
    ("residential_home", "Residential home", "Care Home - Residential"),
    ("acute_hospital", "Acute hospital", "Hospital - Acute"),
    ("mental_hospital", "Mental health hospital", "Hospital - Mental Health"),
    ("community_hospital", "Community hospital", "Hospital - Community"),
    ("other", "Somewhere else", "Other"),
)  # fmt: skip
SOURCE_OF_RISK = _list(
    "source_of_risk", SAC,
    ("provider", "A service provider", "Service Provider"),
    ("known", "Somebody else whom the adult knows", "Other - Known to Individual"),
    ("unknown", "Somebody else whom the adult does not know", "Other - Unknown to Individual"),
)  # fmt: skip
RISK_ASSESSMENT = _list(
    "risk_assessment", SAC,
    ("identified_action", "Risk identified, action taken", "Risk identified and action taken"),
    ("identified_none", "Risk identified, no action taken", "Risk identified and no action taken"),
    ("inconclusive_action", "Inconclusive, action taken", "Risk - Assessment inconclusive and action taken"),
    ("inconclusive_none", "Inconclusive, no action taken", "Risk - Assessment inconclusive and no action taken"),
    ("none_action", "No risk identified, action taken", "No risk identified and action taken"),
    ("none_none", "No risk identified, no action taken", "No risk identified and no action taken"),
    ("ceased", "Ceased at the adult’s request", "Enquiry ceased at individual's request"),
)  # fmt: skip
RISK_OUTCOME = _list(
    "risk_outcome", SAC,
    ("remained", "Risk remained", "Risk Remained"),
    ("reduced", "Risk reduced", "Risk Reduced"),
    ("removed", "Risk removed", "Risk Removed"),
)  # fmt: skip
CAPACITY = _list("capacity", "", ("yes", "Yes"), ("no", "No"), ("doubt", "In doubt"))  # as a referrer sees it
CAPACITY_AT_ENQUIRY = _list(
    "capacity_at_enquiry", SAC,
    ("lacked", "Lacked capacity", "Yes, they lacked capacity"),
    ("did_not", "Did not lack capacity", "No, they did not lack capacity"),
    ("unknown", "Don’t know", "Don't know"),
    ("not_recorded", "Not recorded", "Not recorded"),
)  # fmt: skip
OUTCOMES_ASKED = _list(  # Making Safeguarding Personal
    "outcomes_asked", SAC,
    ("expressed", "Yes, and they said what they want", "Yes they were asked and outcomes were expressed"),
    ("none_expressed", "Yes, and they said nothing", "Yes they were asked but no outcomes were expressed"),
    ("no", "No", "No"),
    ("unknown", "Don’t know", "Don't know"),
    ("not_recorded", "Not recorded", "Not recorded"),
)  # fmt: skip
OUTCOMES_ACHIEVED = _list(
    "outcomes_achieved", SAC,
    ("fully", "Fully achieved", "Fully Achieved"),
    ("partly", "Partly achieved", "Partially Achieved"),
    ("not", "Not achieved", "Not Achieved"),
)  # fmt: skip
ALREADY_TOLD = _list(
    "already_told", "",
    ("provider", "The care provider"), ("cqc", "The Care Quality Commission"), ("commissioner", "The commissioner"),
    ("police", "The police"),
)  # fmt: skip

NOT_HEARD = _list(  # the voice of a child or adult in a decision
    "voice_not_heard", "",
    ("too_young", "Too young to say"), ("unsafe", "It would not be safe to ask"),
    ("not_seen", "Nobody has seen them yet"), ("cannot_say", "Cannot say, even with help"),
    ("unwilling", "Does not want to say"),
)  # fmt: skip

CONSULTATION_ADVICE = _list(
    "consultation_advice", "",
    ("refer", "Refer: give the name now"), ("early_help", "Offer early help (family help)"),
    ("own_procedures", "Follow your own agency’s procedures"), ("talk_to_family", "Talk to the family first"),
    ("other_service", "Ask another service"), ("keep_watching", "Keep a record and come back if it gets worse"),
)  # fmt: skip

# ---- What comes of it --------------------------------------------------------------------------------------------

CONTACT_OUTCOMES = _list(
    "contact_outcome", SSD,
    ("nfa", "No further action", "No further action"),
    ("advice", "Information and advice", "Information and advice"),
    ("early_help", "Early help (family help)", "Early help"),
    ("assessment", "Assessment (section 17)", "Assessment"),
    ("section_47", "Strategy discussion and section 47 enquiry", "Strategy discussion/section 47"),
    ("open_case", "To the allocated worker of an open case"),
    ("lado", "Designated officer (LADO)"),
    ("marac", "MARAC"),
    ("prevent", "Prevent (Channel)"),
    ("section_42", "Adult safeguarding enquiry (section 42)"),
    ("other_enquiry", "Other safeguarding enquiry"),
    ("transfer", "Transfer to another area"),
    ("consultation", "Consultation"),
)  # fmt: skip
LADO_TEST = _list(  # a person in a position of trust: Working Together, allegations
    "lado_test", "",
    ("harmed", "Behaved in a way that has harmed, or may have harmed, a child"),
    ("offence", "Possibly committed an offence against or about a child"),
    ("may_pose_risk", "Behaved in a way that shows they may pose a risk to children"),
    ("not_suitable", "Behaved in a way that shows they may not be suitable to work with children"),
)  # fmt: skip
LADO_OUTCOME = _list(
    "lado_outcome", "",
    ("substantiated", "Substantiated"), ("unsubstantiated", "Unsubstantiated"), ("unfounded", "Unfounded"),
    ("false", "False"), ("malicious", "Malicious"),
)  # fmt: skip

LISTS: tuple[CodeList, ...] = (
    YES_NO, YES_NO_UNKNOWN, SEX, LEVEL_OF_NEED, NO_CONSENT, WITHOUT_CONSENT, FEEDBACK_ROUTE, SOURCES, REQUESTERS,
    PRIMARY_NEED, REFERRAL_NFA, CLOSURE, ASSESSMENT_FACTORS, CHILD_ABUSE, CHILD_CONCERNS, MISSING, ADULT_ABUSE,
    HATE_STRANDS, SUPPORT_REASON, LOCATION, SOURCE_OF_RISK, RISK_ASSESSMENT, RISK_OUTCOME, CAPACITY,
    CAPACITY_AT_ENQUIRY, OUTCOMES_ASKED, OUTCOMES_ACHIEVED, ALREADY_TOLD, NOT_HEARD,
    CONSULTATION_ADVICE,
    CONTACT_OUTCOMES, LADO_TEST, LADO_OUTCOME,
)  # fmt: skip


def child_category(ticked: Iterable[str]) -> str:
    """The national category of what was ticked of CHILD_CONCERNS: one, MUL for several, "" for none."""
    found = [CHILD_ABUSE.national(code) for code in dict.fromkeys(ticked)]
    return "" if not found else found[0] if len(found) == 1 else "MUL"
