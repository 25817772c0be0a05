"""One of every letter, with values nobody else uses, so that a leak shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from exchange.case.calendar import Calendar
from exchange.case.decision import Decision
from exchange.case.feedback import MAY_BE_TOLD, ReferrerClass
from templates.addressed import Urgency
from templates.corrected import Corrected
from templates.disclosed import Row, Warnings
from templates.discussed import Record, Undertaken
from templates.key_letters import Drill, KeyChanged, KeyWarning, MailboxMoves
from templates.letters import (
    Accepted,
    ALetter,
    Answering,
    Cancellation,
    ChallengeReply,
    Chaser,
    Decided,
    Entrusted,
    ForWorker,
    Guidance,
    HandOver,
    Invitation,
    More,
    Outcome,
    OutcomeAsked,
    OutcomeNotice,
    Overridden,
    Packet,
    Papers,
    Product,
    Recall,
    Receipt,
    ReleaseRequest,
    Reminder,
    Replied,
    Sender,
    Stepped,
    ToDo,
    Unqualified,
)
from templates.notices import Digest, Lead, Waiting
from templates.outside import Beside, OneTimeCode, Safely, Waits

AT = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
SOON = datetime(2026, 11, 23, 15, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
REFERENCE = "MASH-7K2F-9QXD"
PAGE = "https://exchange.example/answer/0f3kq9"
CODE = "4F7K-Q2ZD"
DRILL_WORDS = "copper lantern meadow"
RECEIPT_CODE = "7K2F9-QXD0M-3NB5V-8WZ1C-R4T6Y-P"
_OFFICE = (time(8, 30), time(17))
WEEK = Calendar("Europe/London", (_OFFICE, _OFFICE, (time(10, 30), time(17)), _OFFICE, _OFFICE, None, None))
HUB = Sender("Fakeshire MASH", "01632 960100", "01632 960199", calendar=WEEK)
RED = Urgency("Red", most=True)
ANSWERING = Answering(PAGE, "leg-0f3kq9@exchange.example", CODE)
CANARIES = ("Nettie", "Fabricate", "Otto", "Pretend", "Mockingbird", "ZZ99", "bruise", "Wilhelmina")
ANSWERS = {
    "referrer.name": "Wilhelmina Mockingbird",
    "concern.immediate_danger": "yes",
    "concern.what_happened": "On Friday she had a bruise on her left arm.\nShe said: “I fell.”",
    "concern.when": "Friday 20 November",
    "consent.informed": "no",
    "consent.why_not": "unsafe_child",
    "s2.given_name": "Nettie",
    "s2.family_name": "Fabricate",
    "s2.date_of_birth": "2019-03-27",
    "s2.address": "12 Imaginary Road\nMadeup",
    "s2.postcode": "ZZ99 3WZ",
    "s2.words": "“I do not want to go home on Fridays.”",
    "s3.given_name": "Otto",
    "s3.date_of_birth": "2025-08-02",
    "p1.name": "Rex Pretend",
    "p1.relationship": "mother’s partner",
    "p1.poses_risk": "yes",
}
EVERY_WARNING = Warnings(danger=True, family="unsafe", workers=True, address=True)


def packet(
    answers: dict[str, str] | None = None,
    manifest: tuple[str, ...] | None = None,
    warnings: Warnings = EVERY_WARNING,
) -> Packet:
    """A packet to the police about two siblings."""
    given = ANSWERS if answers is None else answers
    return Packet(
        sender=HUB,
        reference=REFERENCE,
        agency="Fakeshire Constabulary",
        leg="l1",
        form="child",
        purpose="holds what is known of the household, and investigates offences against children",
        basis="6(1)(e), 9(2)(g) with DPA 2018 Sch 1 para 18",
        manifest=tuple(given) if manifest is None else manifest,
        answers=given,
        warnings=warnings,
        answering=ANSWERING,
        written_at=AT,
        acknowledge_by=SOON,
        answer_by=LATER,
    )


def papers() -> Papers:
    """The papers for one seat."""
    return Papers(
        HUB,
        REFERENCE,
        "Fibshire NHS Trust",
        "child",
        LATER,
        60,
        ("Fakeshire Constabulary", "Fibshire NHS Trust", "Fakeshire children’s social care"),
        "6(1)(e)",
        tuple(ANSWERS),
        ANSWERS,
        EVERY_WARNING,
        AT,
        answering=ANSWERING,
    )


def outcome(of: ReferrerClass = ReferrerClass.PROFESSIONAL, *decided: Decided) -> Outcome:
    """What a referrer of this class is told."""
    subjects = decided or (
        Decided(Decision.SECTION_47, "child", "Nettie"),
        Decided(Decision.NFA, "child", "", "He was not there, and nothing is recorded."),
    )
    return Outcome(
        HUB, REFERENCE, AT, MAY_BE_TOLD[of], subjects, "https://exchange.example/receipt",
        taken_on=("Fakeshire Constabulary",), words="The school nurse will see her.", asks="Keep a record.",
    )  # fmt: skip


def sealed_receipt() -> Receipt:
    """A receipt with its code."""
    return Receipt(HUB, REFERENCE, AT, SOON, True, "https://exchange.example/receipt", RECEIPT_CODE)


def of_products() -> tuple[ALetter, ...]:
    """What the owners of contributions and the recipients of a product are written."""
    wording, told = (
        "A health worker saw a bruise.",
        "Nettie Fabricate had a bruise on Friday.\nSeen by Dr Mockingbird.",
    )
    who = ("s2.given_name", "s2.family_name", "s2.date_of_birth")
    known = (wording, "She is missing from school.")
    basis, purpose = "6(1)(e); 9(2)(g)", "to protect a child from harm"
    first = Product(HUB, REFERENCE, "Fakeshire children’s social care", "product 1, version 1", False, "child", who,
                    ANSWERS, known, "Seen together, this is grave.", purpose, basis,
                    AT)  # fmt: skip
    return (
        ReleaseRequest(
            HUB,
            REFERENCE,
            "Fibshire NHS Trust",
            wording,
            told,
            AT,
            ANSWERING,
            LATER,
            recipients=("Fakeshire children’s social care",),
            purpose=purpose,
        ),
        Overridden(HUB, REFERENCE, "Fibshire NHS Trust", wording, True, "manager-1", AT),
        Overridden(HUB, REFERENCE, "Fibshire NHS Trust", wording, False, "manager-1", AT, reworded=True),
        Overridden(HUB, REFERENCE, "Fibshire NHS Trust", wording, True, "manager-1", AT, recipients=("Police",)),
        Overridden(
            HUB,
            REFERENCE,
            "Fibshire NHS Trust",
            wording,
            True,
            "manager-1",
            AT,
            recipients=("Police",),
            shared_at=SOON,
        ),
        first,
        replace(first, title="product 1, version 2", replaces=True, passages=(), manifest=()),
        replace(first, analysis=""),
    )


def record() -> Record:
    """One agency's copy of a record about two siblings, with everything in it."""
    rows = (
        Row("Where are they now?", "With her grandmother Wilhelmina"),
        Row("Their wishes and views", "“I do not want to go home.”\nSaid twice.", long=True),
        Row("Enquiry", "Joint: social care and police"),
    )
    actions = (
        Undertaken("Fakeshire Constabulary", "Visit Nettie today", LATER, "open", True),
        Undertaken("the hub", "Ring the school", LATER, "done", False),
    )
    return Record(
        sender=HUB, reference=REFERENCE, agency="Fakeshire Constabulary", own_reference="Mockingbird/77",
        title="discussion 1, version 2", replaces=True, form="child", started=AT, ended=SOON, how="Video call",
        inquorate="Out of hours", trigger="A bruise on Friday",
        attended=("Sergeant Made-Up, Fakeshire Constabulary: police officer, by video",),
        apologies=("Fibshire NHS Trust: could not be reached",),
        must_not_say=("Do not name Mockingbird to the mother.",),
        must_not_ask=True, warnings=EVERY_WARNING, manifest=("s2.given_name", "s3.given_name"), answers=ANSWERS,
        subjects={"s2": rows, "s3": rows[2:]}, information=(("Fibshire NHS Trust", "A bruise was seen in May."),),
        dissents=(("Fibshire NHS Trust", "We think the threshold is not met for Otto."),), actions=actions,
        next_at=LATER, left_out=True, basis="6(1)(e); 9(2)(g)", approved_at=LATER, address=ANSWERING.address,
        rung=(("Fibshire NHS Trust", AT, False), ("Fakeshire Constabulary", AT, True)),
    )  # fmt: skip


def of_a_discussion() -> tuple[ALetter, ...]:
    """A record with everything in it, and one with next to nothing."""
    bare = replace(
        record(), own_reference="", replaces=False, inquorate="", trigger="", apologies=(), must_not_say=(),
        must_not_ask=False, warnings=Warnings(), manifest=(), subjects={}, information=(), dissents=(), actions=(),
        next_at=None, left_out=False, form="adult",
    )  # fmt: skip
    return record(), bare, replace(bare, subjects={"s2": ()})


def unqualified() -> Unqualified:
    """What an agency is asked that only said “not known”."""
    missing = ("which systems you searched", "when you searched")
    return Unqualified(HUB, REFERENCE, "Fakeshire Constabulary", missing, ANSWERING, SOON, LATER, "Mockingbird/77")


def more(words: str = "Nettie uses the surname Pretend at school.") -> More:
    """What an agency lacked."""
    return More(
        HUB, REFERENCE, "Fakeshire Constabulary", words, "6(1)(e)", ANSWERING, AT, SOON, LATER, "Mockingbird/77"
    )


def entrusted() -> Entrusted:
    """A protected address for one agency."""
    names = ("s2.given_name", "s2.address", "s2.postcode")
    answers = {name: ANSWERS[name] for name in names}
    return Entrusted(HUB, REFERENCE, "Fakeshire Constabulary", "child", names, answers, "manager-1", AT, "6(1)(e)",
                     "Mockingbird/77")  # fmt: skip


def corrected() -> Corrected:
    """A packet put right."""
    names = ("concern.what_happened", "s2.given_name")
    return Corrected(HUB, REFERENCE, "Fakeshire Constabulary", "child", names, {n: ANSWERS[n] for n in names}, (), AT,
                     SOON, "6(1)(e)")  # fmt: skip


def waiting() -> tuple[Waiting, ...]:
    """What a mailbox owes."""
    return (
        Waiting(REFERENCE, "acknowledgement", AT, SOON, PAGE),
        Waiting(REFERENCE, "answer", AT, LATER, urgency=Urgency("Amber")),
        Waiting(REFERENCE, "attendance", AT, LATER),
    )


def notices() -> tuple[ALetter, ...]:
    """The letters that may be read by whoever carries them."""
    page = "https://exchange.example/receipt"
    return (
        Reminder(HUB, REFERENCE, ANSWERING, AT, SOON, LATER),
        Reminder(HUB, REFERENCE, ANSWERING, AT, LATER, SOON, urgency=RED),
        Stepped(HUB, REFERENCE, ANSWERING, AT, SOON, LATER, AT),
        Stepped(HUB, REFERENCE, ANSWERING, AT, None, SOON, LATER),
        Guidance(HUB, REFERENCE, AT, "https://exchange.example"),
        Receipt(HUB, REFERENCE, AT, SOON, securely=False),
        Receipt(HUB, REFERENCE, AT, SOON, page=page),
        Receipt(HUB, REFERENCE, AT, SOON, opened=False),
        Accepted(HUB, REFERENCE, AT, SOON, page),
        OutcomeNotice(HUB, REFERENCE, AT, page),
        OutcomeNotice(HUB, REFERENCE, AT, page, asks=True),
        Invitation(HUB, REFERENCE, LATER, 60, SOON),
        Invitation(HUB, REFERENCE, LATER, 60, SOON, papers=False),
        Invitation(HUB, REFERENCE, LATER, 60, SOON, page=ANSWERING.page, kind="Planning meeting", moved=True),
        Cancellation(HUB, REFERENCE, LATER),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON, urgency=Urgency(most=True)),
        Reminder(HUB, REFERENCE, ANSWERING, AT, SOON, LATER, in_hand=True),
        Reminder(HUB, REFERENCE, ANSWERING, AT, LATER, SOON, in_hand=True),
        Lead(HUB, REFERENCE, "Fibshire NHS Trust", "acknowledgement", AT, SOON, LATER, ANSWERING),
        Lead(HUB, REFERENCE, "Fibshire NHS Trust", "answer", AT, SOON, LATER, deputy=True, urgency=RED),
        Lead(HUB, REFERENCE, "Fibshire NHS Trust", "attendance", AT, SOON, LATER),
        Digest(HUB, "Fibshire NHS Trust", waiting(), LATER),
        Beside(HUB, REFERENCE, "message.eml.pgp"),
        Waits(HUB, REFERENCE, PAGE, LATER, AT, SOON, RED),
        Waits(HUB, REFERENCE, PAGE, LATER, AT, LATER, Urgency("Amber")),
        Waits(HUB, REFERENCE, PAGE, LATER, SOON, AT),
        Waits(HUB, REFERENCE, PAGE, LATER, AT),
        Safely(HUB, "Fibshire NHS Trust", ("ABCD 1234 EF56 7890", "ABCD 1234")),
        Safely(HUB, "Fibshire NHS Trust", ("ABCD 1234 EF56 7890", "ABCD 1234"), counts=False),
        OneTimeCode(HUB, "402913", LATER),
        Digest(HUB, "Fibshire NHS Trust", waiting()[:1], AT),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON, ANSWERING.page),
        Invitation(HUB, REFERENCE, LATER, 60, SOON, deputy="asked"),
        Invitation(HUB, REFERENCE, LATER, 60, SOON, deputy="named"),
        Invitation(HUB, REFERENCE, LATER, 60, SOON, again=True),
        Invitation(HUB, REFERENCE, LATER, 60, SOON, follows=True, where="later"),
        Invitation(HUB, REFERENCE, LATER, 60, SOON, location="Room 1", where="papers", placed=True),
        Cancellation(HUB, REFERENCE, LATER, why="deputy_comes", page=ANSWERING.page),
        Cancellation(HUB, REFERENCE, LATER, why="not_needed", page=ANSWERING.page),
        Cancellation(HUB, REFERENCE, LATER, why="not_asked"),
        Cancellation(HUB, REFERENCE, LATER, why="held"),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON, ANSWERING.page, claim="unproved"),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON, ANSWERING.page, claim="outdated"),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON, ANSWERING.page, claim="unclear"),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON, ANSWERING.page, claim="not_opened"),
        Chaser(HUB, REFERENCE, LATER, SOON, AT, SOON, ANSWERING.page, claim="deputy"),
        Recall(HUB, REFERENCE, ANSWERING, AT, SOON),
        Recall(HUB, REFERENCE, ANSWERING, AT, SOON, more=True),
        *of_the_hub(sealed=False),
    )


def of_the_hub(*, sealed: bool) -> tuple[ALetter, ...]:
    """Letters of no case: those that go sealed, or those that anybody may read."""
    name, fingerprint = "Fibshire NHS Trust", "0123456789ABCDEF" * 4
    said_back = Answering("https://exchange.example/drill/0f3kq9", "drill-0f3kq9@exchange.example")
    box, ends = "safeguarding@health.example", datetime(2026, 12, 20, 9, 30, tzinfo=UTC)
    apart = (
        Drill(HUB, name, DRILL_WORDS, said_back, LATER, 91),
        Drill(HUB, name, DRILL_WORDS, said_back, LATER, 91, rings=True),
        KeyWarning(HUB, name, box, fingerprint[:40], ends, AT),
        KeyWarning(HUB, name, box, fingerprint, SOON, AT, deputy=True),
        KeyWarning(HUB, name, box, fingerprint, ends, AT, signs=True),
        KeyWarning(HUB, name, box, fingerprint[:40], ends, AT, beside=True),
        KeyChanged(HUB, name, fingerprint[:40], LATER, sealed=True, now=AT),
    )
    return (
        apart
        if sealed
        else (
            KeyWarning(HUB, name, "", fingerprint, LATER, AT),
            KeyWarning(HUB, name, "", fingerprint, SOON, AT, deputy=True, signs=True),
            KeyChanged(HUB, name, fingerprint, AT, sealed=False, now=AT),
            KeyChanged(HUB, name, fingerprint, None, sealed=False, now=AT),
            MailboxMoves(HUB, name, ("address", "telephone number"), LATER, AT),
            MailboxMoves(HUB, name, ("list of transports",), AT, AT),
        )
    )


def every() -> tuple[ALetter, ...]:
    """One of each."""
    todo = ToDo(HUB, REFERENCE, "Fakeshire Constabulary", "Visit today and see the child", LATER, ANSWERING)
    overdue = replace(todo, overdue=True, agreed=True, own_reference="Mockingbird/77",
                      manifest=tuple(ANSWERS), answers=ANSWERS, now=AT)  # fmt: skip
    second = replace(packet(), number=2, kept_back=("Home address", "School"), overridden=("Coercion",),
                     worry_kept_back=True)  # fmt: skip
    apart = (
        packet(),
        corrected(),
        replace(corrected(), gone=("Is there an injury? Describe it",), number=2, own_reference="Mockingbird/77"),
        second,
        papers(),
        outcome(),
        sealed_receipt(),
        todo,
        overdue,
        unqualified(),
        more(),
        entrusted(),
        ForWorker(HUB, REFERENCE, "Fakeshire children’s social care", "Wanda Worker", ANSWERING, AT, SOON, "Mock/77"),
        ForWorker(HUB, REFERENCE, "Fakeshire children’s social care", "", ANSWERING, AT, SOON),
    )
    asked = [
        OutcomeAsked(HUB, REFERENCE, ANSWERING, AT, *due, several=True) for due in ((SOON, LATER), (LATER, SOON))
    ]
    replies: list[ALetter] = [
        ChallengeReply(
            HUB,
            REFERENCE,
            ANSWERING,
            "We have read Nettie’s file again.",
            standing,
            "managers",
            LATER,
            warnings=EVERY_WARNING,
        )
        for standing in (True, False)
    ]
    handed = HandOver(
        HUB, REFERENCE, "Fakeshire children’s social care", ANSWERING, "child", ("s2.given_name", "s3.given_name"),
        ANSWERS, {"s2": "Assessment (section 17)", "s3": "Early help (family help)"}, LATER, AT,
        warnings=EVERY_WARNING,
    )  # fmt: skip
    again = replace(handed, again=True, decided={"s3": "Early help (family help)"}, manifest=(), warnings=Warnings())
    page = "https://exchange.example/receipt"
    told = [Replied(HUB, REFERENCE, "We have read Nettie’s file.", o, "managers", LATER, page) for o in (True, False)]
    replies += [handed, again, *told, replace(told[0], page="")]
    return (*apart, *of_products(), *asked, *replies, *of_a_discussion(), *of_the_hub(sealed=True), *notices())
