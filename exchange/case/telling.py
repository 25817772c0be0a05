"""Telling: how the referrer hears what came of it, by the way they said is safe, and says whether that answers.

1. When every subject is decided the referrer is told, once for each set of decisions; unless it is withheld.
2. No letter goes to an address that is not known to be safe; then the receipt page tells, or a person rings.
3. Free words go out after somebody other than their writer has read them.
4. What the referrer has said outlives late news of a letter.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.contact import TO_THEM, clocks_again
from exchange.case.delivery import ARRIVED, LOST, News
from exchange.case.effect import (
    TO_REFERRER,
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawLetters,
)
from exchange.case.event import ClockRanOut, LetterNews, ReferralCorrected, ReferrerReplied
from exchange.case.feedback import (
    DISCREETLY,
    DRAFT_MAY_BECOME,
    MAY_BE_TOLD,
    SETTLED,
    TELLING,
    WITHHOLDING,
    Contact,
    ContactChanged,
    Draft,
    DraftStanding,
    Feedback,
    FeedbackApproved,
    FeedbackDrafted,
    FeedbackDropped,
    FeedbackReleased,
    FeedbackTold,
    FeedbackWithheld,
    Reach,
    ReceiptCodeGiven,
    ReferrerClass,
    Telling,
    Told,
)
from exchange.case.pressing import press_again
from exchange.case.rules import Rules
from exchange.case.state import Case, ReferrerCodes
from exchange.case.step import CannotHappen, Step

_SETTLED_BY_TELLING: tuple[Effect, ...] = (
    StopClock("feedback"),
    CloseTask("tell_referrer"),
    CloseTask("ring_referrer"),
)
_OF_THE_END = frozenset({Told.CONSIDERED, Told.DECISION, Told.BEING_DEALT_WITH})  # what a letter could say of it
_SHOWN_THE_CODE = frozenset({"web", "api"})  # channels that end with the receipt code before whoever wrote
_NO_REVIEW: tuple[Effect, ...] = (StopClock("review:feedback"), CloseTask("review_feedback"))


def tell(case: Case, at: datetime, rules: Rules) -> Step:
    """Every subject is decided: the referrer is to know, as far as they may. What is withheld stays so."""
    return _telling(case, Telling.DECIDED, f"outcome:{case.decisions}", at, rules)


def may_know(case: Case) -> frozenset[Told]:
    """What this referrer may be told of this case as it stands."""
    may = MAY_BE_TOLD[case.referrer.referrer_class]
    return DISCREETLY if Told.DECISION in may and case.discreet else may


def is_sent(case: Case) -> bool:
    """Whether a letter could say anything of the end to this referrer."""
    return bool(_OF_THE_END & may_know(case))


def reach_of(referrer: ReferrerCodes) -> Reach:
    """Whether they can be reached without putting them at risk, and want to be."""
    if referrer.contact is Contact.NONE:
        return Reach.UNWANTED
    rings = referrer.way is Contact.TELEPHONE and referrer.telephone
    return Reach.SAFELY if rings or referrer.way is Contact.MAIL else Reach.UNKNOWN


def code_given(case: Case, event: ReceiptCodeGiven, rules: Rules) -> Step:
    """It is in the record; a code that somebody has is no proof that they have looked."""
    return Step(case)


def _moved(case: Case, *happened: Telling) -> Case:
    """The same case after what happened to the telling, one thing upon another."""
    for one in happened:
        case = replace(case, feedback=TELLING.get((case.feedback, one), case.feedback))
    return case


def _telling(case: Case, why: Telling, key: str, at: datetime, rules: Rules) -> Step:
    if (case.feedback, why) not in TELLING:
        return Step(case)
    case = _moved(case, why)
    way, due = way_told(case), clock.due(rules.feedback, at, rules.calendar)
    withdrawn = WithdrawLetters("outcome:")
    if not is_sent(case):
        return _no_letter(case, due, withdrawn)
    if way is Contact.PAGE:
        return Step(_moved(case, Telling.NOTHING_GOES), (withdrawn, *_SETTLED_BY_TELLING))
    case = replace(case, feedback_due=due)
    ask: tuple[Effect, ...] = (SendLetter(key, Letter.OUTCOME), CloseTask("ring_referrer"))
    if way is Contact.TELEPHONE:
        ask = (OpenTask("ring_referrer", TaskKind.RING_REFERRER, "", due),)
    return Step(case, (withdrawn, *ask, SetClock("feedback", due)))


def _no_letter(case: Case, due: datetime, withdrawn: Effect) -> Step:
    """A letter could only say that there is nothing it may say. The child or adult themself hears from whoever works
    with them, which a person sees to; a business has had its thanks."""
    if case.referrer.referrer_class is not ReferrerClass.SELF or case.referrer.contact is Contact.NONE:
        return Step(_moved(case, Telling.NOTHING_GOES), (withdrawn, *_SETTLED_BY_TELLING))
    case = replace(case, feedback_due=due)
    told = OpenTask("tell_referrer", TaskKind.TELL_REFERRER, "", due)
    return Step(case, (withdrawn, CloseTask("ring_referrer"), told, SetClock("feedback", due)))


def way_told(case: Case) -> Contact:
    """As they said; but whoever was never shown a receipt code cannot look it up, so that a person tells them."""
    way, said = case.referrer.way, case.referrer.contact
    nobody_to_tell = case.referrer.referrer_class is ReferrerClass.ANONYMOUS or said is Contact.NONE
    was_read_out = case.channel == "telephone" and said is Contact.PAGE
    has_code = case.channel in _SHOWN_THE_CODE or was_read_out
    return way if way is not Contact.PAGE or nobody_to_tell or has_code else Contact.TELEPHONE


def _tell_again(case: Case, why: Telling, at: datetime, rules: Rules) -> Step:
    case = replace(case, told_again=case.told_again + 1, withheld_until=None)
    step = _telling(case, why, f"outcome:{case.decisions}:{case.told_again}", at, rules)
    return Step(step.case, (*_NO_REVIEW, *step.effects))


def drafted(case: Case, event: FeedbackDrafted, rules: Rules) -> Step:
    """Free words, for a second person to read."""
    if Told.WORDS not in MAY_BE_TOLD[case.referrer.referrer_class]:
        raise CannotHappen("this referrer may be told nothing in free words: send the approved wording")
    _need_decided(case)
    if Told.WORDS not in may_know(case):
        raise CannotHappen(
            "this goes a discreet way (LADO, Prevent, MARAC): the referrer learns that it is dealt with, and nothing "
            "in free words until a manager releases what was decided (send_feedback)"
        )
    if any(d.id == event.draft for d in case.drafts):
        raise CannotHappen("somebody else wrote words in the same moment: read theirs first")
    older = (case.draft,) if case.draft else ()
    for draft in older:
        case = case.with_draft(replace(draft, standing=DraftStanding.SUPERSEDED))
    case = replace(case, drafts=(*case.drafts, Draft(event.draft, event.by, event.at)))
    return Step(case, (OpenTask("approve_feedback", TaskKind.APPROVE_FEEDBACK, "", event.at),))


def approved(case: Case, event: FeedbackApproved, rules: Rules) -> Step:
    """A second person lets the words go."""
    draft = _found(case, event.draft, DraftStanding.APPROVED)
    if draft.by == event.by:
        raise CannotHappen("somebody other than the writer must read these words")
    case = case.with_draft(replace(draft, standing=DraftStanding.APPROVED, decisions=case.decisions))
    step = _tell_again(case, Telling.SENT_ANEW, event.at, rules)
    return Step(step.case, (CloseTask("approve_feedback"), *step.effects))


def dropped(case: Case, event: FeedbackDropped, rules: Rules) -> Step:
    """The words do not go out."""
    draft = _found(case, event.draft, DraftStanding.DROPPED)
    case = case.with_draft(replace(draft, standing=DraftStanding.DROPPED))
    return Step(case, (CloseTask("approve_feedback"),))


def _found(case: Case, draft: str, into: DraftStanding) -> Draft:
    found = next((d for d in case.drafts if d.id == draft), None)
    if found is None or into not in DRAFT_MAY_BECOME[found.standing]:
        raise CannotHappen("no such words wait for a second person: open the case again")
    return found


def _need_decided(case: Case) -> None:
    if not case.decided:
        raise CannotHappen("not every subject is decided: there is nothing to tell the referrer yet")


def withheld(case: Case, event: FeedbackWithheld, rules: Rules) -> Step:
    """The referrer is not told until the review."""
    reasons = dict(WITHHOLDING.choices)
    if event.reason not in reasons:
        raise CannotHappen(f"say why it is withheld: one of {', '.join(reasons)}")
    if event.review <= event.at:
        raise CannotHappen("say when it is looked at again: a date that is still to come")
    case = replace(_moved(case, Telling.WITHHELD), withheld_until=event.review)
    effects: tuple[Effect, ...] = (
        WithdrawLetters("outcome:"),
        WithdrawLetters("news:"),
        *_SETTLED_BY_TELLING,
        CloseTask("review_feedback"),
        SetClock("review:feedback", event.review),
    )
    return Step(case, effects)


def released(case: Case, event: FeedbackReleased, rules: Rules) -> Step:
    """The referrer is told now, in the approved wording, whatever way it goes."""
    _need_decided(case)
    return _tell_again(replace(case, detail_released=case.decisions), Telling.SENT_ANEW, event.at, rules)


def told(case: Case, event: FeedbackTold, rules: Rules) -> Step:
    """A person told them."""
    _need_decided(case)
    if (case.feedback, Telling.TOLD) not in TELLING:
        raise CannotHappen("this is withheld: end that first, by sending it")
    return Step(_moved(case, Telling.TOLD), (WithdrawLetters("outcome:"), *_SETTLED_BY_TELLING))


def contact_changed(case: Case, event: ContactChanged, rules: Rules) -> Step:
    """The referrer says how they may be told from now on. What has not left under the old way never leaves."""
    may_mail = event.contact is Contact.MAIL
    case = replace(case, referrer=replace(case.referrer, contact=event.contact, may_mail=may_mail))
    step = Step(case, () if may_mail else TO_THEM)
    return step.then(_reach_them(case, Telling.REACHED_OTHERWISE, event.at, rules))


def _reach_them(case: Case, why: Telling, at: datetime, rules: Rules) -> Step:
    """By the way that is right now, unless they have heard or nothing is to be told."""
    unheard = case.decided and (case.feedback, why) in TELLING
    return _tell_again(case, why, at, rules) if unheard else Step(case)


def referrer_corrected(case: Case, event: ReferralCorrected, rules: Rules) -> Step:
    """How the referrer can be reached was typed in wrongly. What is sealed for the wrong address never leaves (the
    last gate compares it), and what was sent to it is sent again."""
    elsewhere = "referrer.mail" in event.changed and not case.referrer.mailbox
    if event.referrer == case.referrer and not elsewhere and "referrer.telephone" not in event.changed:
        return Step(case)
    step = Step(replace(case, referrer=event.referrer), () if event.referrer.may_mail else TO_THEM)
    why = Telling.WENT_ASTRAY if elsewhere else Telling.REACHED_OTHERWISE
    return step.then(_reach_them(step.case, why, event.at, rules))


def review_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """What was withheld is to be looked at again, closed or not."""
    if case.feedback is not Feedback.WITHHELD:
        return Step(case)
    return Step(
        case, press_again("review:feedback", TaskKind.REVIEW_FEEDBACK, "", event, rules, key="review_feedback")
    )


def letter_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """A letter other than a packet moved. One that cannot arrive becomes a task."""
    if event.letter is Letter.OUTCOME:
        return _outcome_news(case, event)
    if event.letter in TO_REFERRER and event.news is News.HELD and not case.referrer.may_mail:
        return Step(case)  # the last gate kept it back: as it should be
    key = f"letter:{event.letter}:{event.about}"
    if event.news in LOST:
        about = f"{event.letter}:{event.about or _why_held(event)}"
        return Step(case, (OpenTask(key, TaskKind.LETTER_FAILED, about, event.at),))
    if event.news in ARRIVED:
        return Step(case, (CloseTask(key),))
    return Step(case)


def _why_held(event: LetterNews) -> str:
    """Of a letter to the referrer, for whoever is to ring them."""
    return event.code if event.news is News.HELD and ":" not in event.code else ""


def _outcome_news(case: Case, event: LetterNews) -> Step:
    if (case.feedback, Telling.ARRIVED) not in TELLING:
        return Step(case)  # the referrer, or we, know more than any server can
    if event.news is News.HELD and not case.referrer.may_mail:
        return Step(case)
    if event.news in LOST:
        return Step(_moved(case, Telling.LOST), (OpenTask("tell_referrer", TaskKind.TELL_REFERRER, "", event.at),))
    if event.news in ARRIVED:
        return Step(_moved(case, Telling.ARRIVED), (StopClock("feedback"), CloseTask("tell_referrer")))
    return Step(case)


def referrer_replied(case: Case, event: ReferrerReplied, rules: Rules) -> Step:
    """Does this answer your concern? "No" reopens, loudly; neither ends what is withheld."""
    if event.answers:
        heard = _SETTLED_BY_TELLING if (case.feedback, Telling.SATISFIED) in TELLING else ()
        return Step(_moved(case, Telling.SATISFIED), (CloseTask("disputed"), *heard))
    reopened = clocks_again(case) if case.closed else ()
    case = replace(_moved(case, Telling.DISPUTED), closed=None)
    return Step(case, (OpenTask("disputed", TaskKind.DISPUTED, "", event.at), *reopened))


def feedback_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """The referrer should have been told by now."""
    if case.closed or case.feedback in SETTLED:
        return Step(case)
    ring = case.referrer.way is Contact.TELEPHONE and case.referrer.referrer_class is not ReferrerClass.SELF
    kind = TaskKind.RING_REFERRER if ring else TaskKind.TELL_REFERRER
    return Step(case, press_again("feedback", kind, "", event, rules, key=str(kind)))
