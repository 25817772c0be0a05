"""Correcting: answers that were typed in wrongly are put right, and whoever was told them wrongly is told.

1. An agency hears of an answer that its packet holds, and of one that would be in it had it been given at once; of
   nobody who is in the case by error, of no adult who refuses, and of no protected address.
2. A packet that has not left is written anew; of one that cannot arrive, was asked back or was declined
   nobody hears.
3. What else an agency has of the answer (a product, a record, the papers of a discussion) is not sent anew: where no
   letter of rule 1 tells the agency, a person rings it.
4. A rating or a decision does not change by itself: a person judges anew. Whether somebody is in danger does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from exchange.case import packet, routing, telling
from exchange.case.acknowledgement import DeclineReason
from exchange.case.contact import named_other_times, reclock_legs
from exchange.case.correction import Correction, WordsCorrected
from exchange.case.delivery import THERE
from exchange.case.effect import Effect, Letter, OpenTask, SendLetter, TaskKind
from exchange.case.entrusting import protected
from exchange.case.event import ReferralCorrected
from exchange.case.lateral_check import Decline, Recall
from exchange.case.packet import PLACES, WARNED
from exchange.case.papers import papers
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.step import CannotHappen, Step

_OF_CONTACT = frozenset({"referrer", "concern", "consent"})


def referral_corrected(case: Case, event: ReferralCorrected, rules: Rules) -> Step:
    """What was told of the contact as a whole, or of who told it, is put right."""
    if not case.subjects:
        raise CannotHappen("type the contact in first: there is nothing to correct yet")
    if not event.changed:
        raise CannotHappen("nothing differs from what is known: change at least one answer")
    others = tuple(name for name in case.fields if name.partition(".")[0] not in _OF_CONTACT)
    endangered = event.danger != case.danger
    case = replace(case, fields=(*others, *event.fields), danger=event.danger)
    step = reclock_legs(case, tuple(s.id for s in case.subjects), event.at, rules) if endangered else Step(case)
    step = step.then(told(step.case, Correction(event.at, event.by, event.changed), rules))
    of_referrer = any(name.startswith("referrer.") for name in event.changed)
    return step.then(telling.referrer_corrected(step.case, event, rules)) if of_referrer else step


def words_corrected(case: Case, event: WordsCorrected, rules: Rules) -> Step:
    """Words stand beside what was typed before; nothing else follows from them."""
    return Step(case)


def told(case: Case, made: Correction, rules: Rules) -> Step:
    """Keep which answers were put right, and tell the agencies that have them otherwise."""
    if not made.names:
        return Step(case)
    case = replace(case, corrections=(*case.corrections, made))
    number = len(case.corrections)
    step = Step(case)
    for leg in case.legs:
        step = step.then(_told(step.case, leg, number, made, rules))
    return step.then(Step(step.case, _to_ring(step, made, rules)))


def _told(case: Case, leg: Leg, number: int, made: Correction, rules: Rules) -> Step:
    leg = replace(leg, manifest=(*leg.manifest, *_added(case, leg, made.names, rules)))
    names = names_for(case, leg, made.names)
    if not names or not _standing(case, leg):
        return Step(case)
    key, about = f"corrected:{leg.id}:{number}", f"{leg.id}/{number}"
    letters = [SendLetter(key, Letter.CORRECTED, about)] if named_other_times(leg.delivery) else []
    if leg.deputy_asked_at and named_other_times(leg.deputy_mail):
        letters.append(SendLetter(f"{key}/deputy", Letter.CORRECTED, f"{about}/deputy"))
    return Step(case.with_leg(leg), tuple(letters))


def _to_ring(told: Step, made: Correction, rules: Rules) -> tuple[Effect, ...]:
    """Whoever has an answer that was put right, and is sent no letter that says all of it."""
    case, found = told.case, dict[str, str]()
    about = {e.about.partition("/")[0] for e in told.effects if isinstance(e, SendLetter)}
    heard = {(leg.agency, n) for leg in case.legs if leg.id in about for n in names_for(case, leg, made.names)}
    for what, agency, subjects, manifest in _had_otherwise(case, rules):
        names = _may_be_told(case, agency, subjects, manifest, made.names)
        if not case.shuts_out(agency) and any((agency, name) not in heard for name in names):
            found[agency] = what
    return tuple(OpenTask(f"put_right:{a}", TaskKind.PUT_RIGHT, what, made.at) for a, what in found.items())


def _had_otherwise(case: Case, rules: Rules) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """What agencies have beside packets: (what it is, the agency, about whom, which answers)."""
    for sent in (x for x in case.disclosures if named_other_times(x.delivery)):
        yield sent.id, sent.recipient, sent.subjects, sent.manifest
    for copy in (c for r in case.records for c in r.copies if c.told_at or named_other_times(c.delivery)):
        yield copy.id, copy.agency, copy.subjects, copy.manifest
    for discussion in case.discussions:
        for seat in (i for i in discussion.invitees if i.mail in THERE):  # its papers went out with the invitation
            theirs = papers(case, discussion, seat.agency, rules)
            yield f"{discussion.id}/{seat.id}", seat.agency, theirs.subjects, theirs.manifest


def _standing(case: Case, leg: Leg) -> bool:
    """The agency has the packet to use it."""
    declined = leg.decline is not Decline.NONE and leg.decline_reason != DeclineReason.ALREADY_OPEN
    return leg.recall is Recall.NONE and not (declined or leg.shut_out or case.shuts_out(leg.agency))


def _added(case: Case, leg: Leg, names: tuple[str, ...], rules: Rules) -> tuple[str, ...]:
    """Of these answers, those that nobody had given when the packet was written, and that belong in it."""
    new = {n for n in names if n in case.fields and not {n, n + WARNED} & {*leg.manifest, *leg.kept_back}}
    if not new:
        return ()
    parts = routing.parts_of(leg, rules)
    words, released = case.words_for(leg.subjects, leg.agency), case.released_to(leg.agency)
    codes = tuple(s.codes for s in case.subjects)
    given = packet.manifest(case.fields, codes, leg.subjects, parts, released, words=words)
    return tuple(name for name in given if name.removesuffix(WARNED) in new)


def names_for(case: Case, leg: Leg, names: tuple[str, ...]) -> tuple[str, ...]:
    """Of these answers, those that the agency of a leg has, as its packet lists them, and may be told now."""
    return _may_be_told(case, leg.agency, leg.subjects, leg.manifest, names)


def _may_be_told(
    case: Case, agency: str, subjects: tuple[str, ...], manifest: tuple[str, ...], names: tuple[str, ...]
) -> tuple[str, ...]:
    secret = protected(case) - case.released_to(agency)
    kept = {s.id for s in case.subjects if s.in_error or s.keeps_from(agency)}
    words = case.words_for(subjects, agency)

    def may(name: str) -> bool:
        owner, _, plain = name.removesuffix(WARNED).partition(".")
        of_subject = case.subject(owner) is not None
        return owner not in kept and (words or of_subject) and not (owner in secret and plain in PLACES)

    listed = (as_ for name in names for as_ in (name, name + WARNED) if as_ in manifest)
    return tuple(filter(may, listed))
