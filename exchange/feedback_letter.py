"""The letter that tells a referrer what came of it: the same for the wire, the receipt page and the second reader."""

from __future__ import annotations

import json
from collections.abc import Mapping

from exchange import content
from exchange.case.decision import Decision
from exchange.case.feedback import Draft, ReferrerClass, Told
from exchange.case.packet import struck
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.telling import may_know, reach_of
from exchange.our_name import sender_of
from templates.disclosed import seen
from templates.letters import Decided, Outcome


def body(words: str, asks: str) -> bytes:
    """Free words to the referrer and what is asked of them, as a sealed body."""
    return json.dumps({"words": words, "asks": asks}, ensure_ascii=False).encode()


def outcome_letter(
    case: Case, rules: Rules, referral: Referral | None, said: Mapping[str, bytes], page: str, draft: Draft | None,
    *, kept: Referral | None = None, ahead: bool = False,
) -> Outcome:  # fmt: skip
    """As far as the referrer's class may be told. Without `referral` nobody is named; `draft` adds its free words,
    without the protected addresses of the referral (`kept`, where nobody is to be named). `ahead` of the decision
    that is open is left open, for staff."""
    may = may_know(case)
    subjects = tuple(
        Decided(Decision(s.decision) if s.decision else None, s.codes.form, _given_name(referral, s.id))
        for s in case.subjects
        if s.decision or (ahead and not s.settled)
    )
    free = json.loads(said.get(f"{content.DRAFT}{draft.id}", b"{}")) if draft and Told.WORDS in may else {}
    return Outcome(
        sender_of(rules),
        case.reference,
        case.received_at,
        may,
        subjects if Told.DECISION in may else (),
        page,
        taken_on=accepted_by(case, rules) if Told.ACCEPTED in may else (),
        words=seen(struck(referral or kept, free.get("words", ""))),
        asks=seen(struck(referral or kept, free.get("asks", ""))),
        reach=reach_of(case.referrer),
        young=a_child_tells(case),
    )


def a_child_tells(case: Case) -> bool:
    """Whoever told us is a child who told of themself."""
    of_themself = case.referrer.referrer_class is ReferrerClass.SELF
    return of_themself and any(s.codes.form == "child" for s in case.subjects)


def accepted_by(case: Case, rules: Rules) -> tuple[str, ...]:
    """The agencies in which a person has accepted, by name; the person is named to nobody."""
    accepted = (leg.agency for leg in case.legs if any(stamp.code == "said:accept" for stamp in leg.evidence))
    named = (rules.agency(agency) for agency in dict.fromkeys(accepted))
    return tuple(agency.name for agency in named if agency)


def _given_name(referral: Referral | None, subject: str) -> str:
    number = int(subject.removeprefix("s"))
    subjects = referral.subjects if referral else ()
    return subjects[number - 1].get("given_name", "") if number <= len(subjects) else ""
