"""Labels: the words of codes, each family in a table of its own, so that no code of one gets the word of another.

`wording` tells with them what happened; whatever else is said of a code on a page stands there too.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchange.case.acknowledgement import Proof
from exchange.case.product import Stage
from exchange.case.sorting import Ground, Sorting

_SAID_OF = {  # of each family of codes; one code has one word, whichever family it comes from
    "acknowledgement": {
        "nothing_known": "not known to them",
        "wrong_agency": "wrong agency",
        "interim": "interim note",
        "asked_again": "declined, given more, asked again",
    },
    "marking": {"hub_only": "inside the hub only", "released": "may leave the hub"},
}


def one_word_each(families: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The words of every family by code. Raises ValueError for a code that two families would word otherwise: one of
    them needs a table of its own."""
    found: dict[str, str] = {}
    for words in families.values():
        for code, word in words.items():
            if found.setdefault(code, word) != word:
                raise ValueError(f"the code “{code}” is worded twice")
    return found


SAID = one_word_each(_SAID_OF)
OWED_BY_HUB = {  # after whom it is about
    "to_hand_over": "is to be handed over",
    "refusal": "refuses: respect it, or record the ground",
    "elsewhere": "is to have the other area’s word",
    "decided_anew": "is to be told what holds now",
    "keep_from": "waits until somebody has settled who must not see it",
    "told_late": "told something after the decision",
    "unclear_answer": "wrote something that nobody has read yet",
    "mail_waits": "has a mail to read that may be about this case",
    "first_look": "is to read it",
    "transcribe": "is to type it in as a referral",
    "feedback": "is to tell the referrer",
    "decline": "what follows a decline",
    "decision": "is to be decided about",
    "milestone": "is to be done",
    "challenge": "is owed a reply",
    "second_look": "has words for the referrer that somebody else must read first",
}
STAGES = {  # of an information product's version
    Stage.DRAFT: "draft",
    Stage.ASKED: "its owners are asked",
    Stage.RELEASED: "released",
    Stage.SUPERSEDED: "replaced by a newer version",
}
OWES = {  # after who owes it
    "acknowledgement": "owes an acknowledgement",
    "answer": "owes an answer",
    "attendance": "owes a reply to an invitation",
    "action": "owes an action",
    "duty": "has not accepted it yet: nothing is handed over",
    "return_note": "owes its note",
    "release": "owes its word whether its words may leave the hub",
    "hand_over": "has not accepted it yet: nothing is handed over",
    "outcome": "owes what came of it",
    "unqualified_nil": "owes how it searched (unqualified nil return)",
    "recall": "owes its word that a recalled packet is deleted",
}
PROOFS = {
    Proof.NONE: "none",
    Proof.PAGE: "page",
    Proof.DKIM: "their mail domain",
    Proof.PACKET_CODE: "the code from inside the packet",
    Proof.SIGNATURE: "signature",
    Proof.STAFF: "staff",
}
LIMBS = {  # of Care Act 2014 s42(1)
    "needs": "Needs for care and support",
    "risk": "Abuse or neglect, or a risk of it",
    "unable": "Cannot protect themselves",
}
TEST = {  # the three-part test, in the order of its sense
    "necessary": "Necessary",
    "proportionate": "Proportionate",
    "justified": "Justified",
}
SORTINGS = {
    Sorting.UNSORTED: "not sorted yet",
    Sorting.SCREENING: "to screening",
    Sorting.OPEN_CASE: "open case, to the allocated worker",
    Sorting.OUT_OF_AREA: "another area’s",
    Sorting.UNACCEPTED_CHANNEL: "came by a channel that cannot be used: tell the sender how to refer",
    Sorting.DUPLICATE: "the same concern sent twice",
}
GROUNDS = {
    Ground.LIFE_OR_LIMB: "High risk to life or limb",
    Ground.OTHERS_AT_RISK: "Others are at risk, children among them",
    Ground.CRIME: "A crime, or another public interest",
    Ground.COERCION: "Coercion",
    Ground.POSITION_OF_TRUST: "Somebody in a position of trust",
    Ground.LACKS_CAPACITY: "Lacks capacity for this decision after all",
}
