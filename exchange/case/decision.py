"""Threshold decisions: software proposes, a named qualified person decides, per subject; siblings may differ."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """What was decided for one subject."""

    NFA = "nfa"
    ADVICE = "advice"
    EARLY_HELP = "early_help"
    ASSESSMENT = "assessment"
    SECTION_47 = "section_47"
    SECTION_42 = "section_42"
    OTHER_ENQUIRY = "other_enquiry"
    OPEN_CASE = "open_case"
    MARAC = "marac"
    LADO = "lado"
    PREVENT = "prevent"
    TRANSFER = "transfer"


LABELS: dict[Decision, str] = {
    Decision.NFA: "No further action",
    Decision.ADVICE: "Information and advice",
    Decision.EARLY_HELP: "Early help (family help)",
    Decision.ASSESSMENT: "Assessment (section 17)",
    Decision.SECTION_47: "Strategy discussion and section 47 enquiry",
    Decision.SECTION_42: "Adult safeguarding enquiry (section 42)",
    Decision.OTHER_ENQUIRY: "Other safeguarding enquiry",
    Decision.OPEN_CASE: "To the allocated worker of an open case",
    Decision.MARAC: "MARAC",
    Decision.LADO: "Designated officer (LADO)",
    Decision.PREVENT: "Prevent",
    Decision.TRANSFER: "Transfer to another area",
}
