"""Releasing: how a product is written, its owners asked, overridden where need be, and the product sent.

1. Nothing leaves that rests on a contribution unless its owner agreed to these words, for whoever gets them, released
   it before, or a named manager overrode them with recorded reasons (truth 5).
2. A question has a time limit. Its end, and a refusal, are a person's at once; neither is a veto.
3. A passage left out of the newest version is waited for no more; what its owner still says is recorded.
4. Each recipient has one letter and one line in the record of disclosures.
5. An owner who was overridden hears what becomes of their words (owner_told.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock, delivery, owner_told, packet
from exchange.case.contribution import Marking
from exchange.case.delivery import ARRIVED, FAILED
from exchange.case.effect import (
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
from exchange.case.event import ClockRanOut, LetterNews
from exchange.case.product import (
    FREE,
    LEAST_PROOF,
    OWNERS,
    PURPOSES,
    STAGES,
    Disclosure,
    Move,
    NotShared,
    OwnerAnswered,
    OwnersWord,
    Passage,
    Product,
    ProductDrafted,
    ProductReleased,
    ProductReplyUnclear,
    Purpose,
    ReleaseAsked,
    ReleaseOverridden,
    Said,
    Stage,
    Version,
    Withheld,
    address,
)
from exchange.case.refusing import respect
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step

_IMPOSSIBLE = {
    (Stage.RELEASED, Move.ASK): "this version has been released: write a new one to say something else",
    (Stage.RELEASED, Move.RELEASE): "this version has been released: write a new one for other recipients",
}


def drafted(case: Case, event: ProductDrafted, rules: Rules) -> Step:
    """A first or a newer version."""
    _open(case)
    _names(case, event, rules)
    known = case.product(event.product)
    product = known or Product(event.product, ())
    first_free = len(case.products) + 1
    if known is None and event.product != f"p{first_free}":
        raise CannotHappen("somebody wrote another product meanwhile: open the case again and write yours")
    if event.version != f"v{len(product.versions) + 1}":
        raise CannotHappen("somebody wrote a newer version meanwhile: open the case again and begin from theirs")
    passages = (*product.passages, *_new_passages(case, product, event))
    before = product.pending if known else ()
    older = tuple(_moved(v, Move.REDRAFT) for v in product.versions)
    version = Version(
        event.version, event.at, event.by, event.subjects, tuple(name for name, _ in event.rests), event.recipients
    )
    after = Product(product.id, (*older, version), passages)
    others = tuple(p for p in case.products if p.id != product.id)
    dropped = tuple(e for p in before if p.id not in version.passages for e in _waits_no_more(product.id, p))
    after, righted = owner_told.put_right(after, before)
    kept = [
        p for p in after.pending if p not in before
    ]  # of a version that has gone out: what is not settled is owed
    again = tuple(e for p in kept for e in _owed(product.id, p, event.at))
    return Step(replace(case, products=_in_order(*others, after)), (*dropped, *again, *righted))


def _in_order(*products: Product) -> tuple[Product, ...]:
    return tuple(sorted(products, key=lambda p: int(p.id[1:])))


def _open(case: Case) -> None:
    if case.closed:
        raise CannotHappen("this case is closed: what is new is a new referral")


def _names(case: Case, event: ProductDrafted, rules: Rules) -> None:
    if not event.subjects or any(case.subject(s) is None for s in event.subjects):
        raise CannotHappen("name at least one subject of this case")
    if any(case.shuts_out(agency) for agency in event.recipients):
        raise CannotHappen("one of these agencies must not see this case: leave it out")
    if not event.recipients or any(rules.agency(a) is None for a in event.recipients):
        raise CannotHappen("name at least one agency of this hub that is to have it")
    sources = [contribution for _, contribution in event.rests]
    if len(set(sources)) != len(sources) or any(case.contribution(c) is None for c in sources):
        raise CannotHappen("name each source once, by the contribution of this case that it is")


def _new_passages(case: Case, product: Product, event: ProductDrafted) -> tuple[Passage, ...]:
    new: list[Passage] = []
    for name, contribution in event.rests:
        known, source = product.passage(name), case.contribution(contribution)
        if known and known.contribution == contribution:
            continue
        if known or name != f"w{len(product.passages) + len(new) + 1}" or source is None:
            raise CannotHappen("somebody wrote a newer version meanwhile: open the case again and begin from theirs")
        new.append(Passage(name, contribution, source.agency))
    return tuple(new)


def _moved(version: Version, move: Move) -> Version:
    after = STAGES.get((version.stage, move))
    if after is None:
        told = _IMPOSSIBLE.get((version.stage, move), "a newer version took this one’s place: use the newest")
        raise CannotHappen(told)
    return replace(version, stage=after)


def _waits_no_more(product: str, passage: Passage) -> tuple[Effect, ...]:
    about = address(product, passage.id)
    return (
        StopClock(f"release:{about}"),
        WithdrawLetters(f"release_request:{about}:"),
        CloseTask(f"owner_silent:{about}"),
        CloseTask(f"owner_refused:{about}"),
    )


def _owed(product: str, passage: Passage, at: datetime) -> tuple[Effect, ...]:
    about = address(product, passage.id)
    if passage.word is OwnersWord.ASKED and passage.due:
        return (SetClock(f"release:{about}", passage.due),)
    if passage.word is OwnersWord.SILENT:
        return (OpenTask(f"owner_silent:{about}", TaskKind.OWNER_SILENT, about, at),)
    if passage.word is OwnersWord.REFUSED:
        return (OpenTask(f"owner_refused:{about}", TaskKind.OWNER_REFUSED, about, at),)
    return ()


def asked(case: Case, event: ReleaseAsked, rules: Rules) -> Step:
    """Ask the owners whose agreement the newest version needs."""
    _open(case)
    product = _product(case, event.product)
    _same_purpose(product.latest, event.purpose)
    version = replace(_moved(product.latest, Move.ASK), purpose=event.purpose or product.latest.purpose)
    passages = _to_ask(case, product, event)
    due = clock.due(rules.product.agreement, event.at, rules.calendar)
    step = Step(case.with_product(product.with_version(version)))
    for passage in passages:
        step = step.then(_ask(step.case, product.id, passage, event, due))
    return step


def _same_purpose(version: Version, purpose: Purpose | None) -> None:
    """Owners agree to one purpose."""
    if version.purpose and purpose and purpose is not version.purpose:
        raise CannotHappen(
            f"its owners were asked for another purpose ({PURPOSES[version.purpose]}): choose that one, or write a "
            "new version and ask them anew"
        )


def _to_ask(case: Case, product: Product, event: ReleaseAsked) -> tuple[Passage, ...]:
    current = product.of(product.latest)
    unknown = set(event.passages) - {p.id for p in current}
    if unknown:
        raise CannotHappen("name passages of the newest version")
    if event.passages:
        wanted = tuple(p for p in current if p.id in event.passages and p.word not in (*FREE, OwnersWord.ASKED))
    else:
        wanted = tuple(p for p in current if p.word is OwnersWord.NOT_ASKED and not may_leave(case, p))
    if not wanted:
        raise CannotHappen("there is nobody to ask: each owner has been asked, or has agreed")
    return wanted


def _ask(case: Case, product_id: str, passage: Passage, event: ReleaseAsked, due: datetime) -> Step:
    about = address(product_id, passage.id)
    moved = replace(_said(passage, event.at, event.by, Said.ASK), asked_at=event.at, due=due)
    times = sum(said is Said.ASK for _, _, said in moved.history)
    effects = (
        *_waits_no_more(product_id, passage),
        SendLetter(f"release_request:{about}:{times}", Letter.RELEASE_REQUEST, about),
        SetClock(f"release:{about}", due),
    )
    return Step(_with(case, product_id, moved), effects)


def _with(case: Case, product_id: str, passage: Passage) -> Case:
    return case.with_product(_product(case, product_id).with_passage(passage))


def _product(case: Case, product: str) -> Product:
    found = case.product(product)
    if found is None:
        raise CannotHappen(f"no product “{product}” in this case")
    return found


def _said(passage: Passage, at: datetime, by: str, said: Said) -> Passage:
    after = OWNERS.get((passage.word, said))
    if after is None:
        raise CannotHappen(
            "only a refusal, or silence past the time limit, can be overridden: ring the owner, wait for the limit, "
            "or write a version without this source"
        )
    unread = None if said in _READ else passage.unread
    return replace(passage, word=after, history=(*passage.history, (at, by, said)), unread=unread)


_READ = frozenset({Said.ASK, Said.AGREE, Said.REFUSE})  # whoever says so has read what the owner wrote


def may_leave(case: Case, passage: Passage) -> bool:
    """Whether the hub may send this passage out."""
    source = case.contribution(passage.contribution)
    return passage.word in FREE or (source is not None and source.marking is Marking.RELEASED)


def owner_answered(case: Case, event: OwnerAnswered, rules: Rules) -> Step:
    """An owner agrees or refuses. Too little proof is the desk's, and changes nothing."""
    product = case.product(event.product)
    passage = product.passage(event.passage) if product else None
    if product is None or passage is None:
        return Step(case)
    about = address(product.id, passage.id)
    if event.proof < LEAST_PROOF:
        return reply_unclear(case, ProductReplyUnclear(event.at, about, "unproved"), rules)
    said = Said.AGREE if event.agrees else Said.REFUSE
    if (event.at, event.by, said) in passage.history:
        return Step(case)  # the same words once more
    moved = _said(passage, event.at, event.by, said)
    # What they wrote before was about this one question, to which they have now said plainly yes or no.
    effects = (*_waits_no_more(product.id, passage), CloseTask(f"unclear:{about}"))
    effects += _refused(product, moved, event.at) if said is Said.REFUSE else (CloseTask(f"late_refusal:{about}"),)
    return Step(_with(case, product.id, moved), effects)


def _refused(product: Product, passage: Passage, at: datetime) -> tuple[Effect, ...]:
    about = address(product.id, passage.id)
    late: tuple[Effect, ...] = ()
    if product.has_left(passage.id):  # it cannot be called back by mail: somebody must ring, now
        late = (OpenTask(f"late_refusal:{about}", TaskKind.LATE_REFUSAL, about, at),)
    return late + (_owed(product.id, passage, at) if passage in product.with_passage(passage).pending else ())


def reply_unclear(case: Case, event: ProductReplyUnclear, rules: Rules) -> Step:
    """Words no state may follow from: a person reads them, before anybody goes on as if nothing had been said."""
    name, _, passage_id = event.about.partition("/")
    product = case.product(name)
    passage = product.passage(passage_id) if product else None
    if product and passage:
        case = _with(case, product.id, replace(passage, unread=event.at))
    return Step(case, (OpenTask(f"unclear:{event.about}", TaskKind.UNCLEAR_ANSWER, event.about, event.at),))


def limit_ended(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """The owner has not answered in time: the desk is asked, again and again, until somebody acts."""
    name, _, passage_id = about.partition("/")
    product = case.product(name)
    passage = next((p for p in product.pending if p.id == passage_id), None) if product else None
    if product is None or passage is None or passage.word not in (OwnersWord.ASKED, OwnersWord.SILENT):
        return Step(case)
    moved = passage
    if passage.word is OwnersWord.ASKED:
        moved = _said(passage, event.at, "system", Said.LAPSE)
    again = clock.due(rules.overdue_again, event.at, rules.calendar)
    effects = (*_owed(product.id, moved, event.at), SetClock(f"release:{about}", again))
    return Step(_with(case, product.id, moved), effects)


def overridden(case: Case, event: ReleaseOverridden, rules: Rules) -> Step:
    """A manager lets the passage go out; its owner is told."""
    _open(case)
    product = _product(case, event.product)
    passage = next((p for p in product.pending if p.id == event.passage), None)
    if passage is None:
        raise CannotHappen("name a passage of the newest version, before it is released")
    if passage.unread:
        raise CannotHappen(
            "its owner has written, and nobody has recorded what they said: read it, ring them if it is not plain, "
            "and record it first (owner_answered)"
        )
    moved = owner_told.tells(_said(passage, event.at, event.by, Said.OVERRIDE), product.latest)
    after = product.with_passage(moved)
    return Step(case.with_product(after), (*_waits_no_more(product.id, passage), *owner_told.letter(after, moved)))


def released(case: Case, event: ProductReleased, rules: Rules) -> Step:
    """The product goes to its recipients, each alone."""
    _open(case)
    product = _product(case, event.product)
    version = product.version(event.version)
    if version is None:
        raise CannotHappen(f"no version “{event.version}” of this product")
    if any(case.shuts_out(agency) for agency in version.recipients):
        raise CannotHappen("one of its recipients must not see this case any more: write a version without it")
    respect(case, version.subjects, version.recipients)
    _same_purpose(version, event.purpose)
    version = replace(_moved(version, Move.RELEASE), released_at=event.at, released_by=event.by)
    _refuse_if_held_back(case, product, version, rules)
    older = tuple(_moved(v, Move.REPLACE) for v in product.versions[:-1])
    after, told = owner_told.of_what_goes(replace(product, versions=(*older, version)), event.purpose)
    sent = tuple(
        _disclosure(case, after, version, agency, number, event, rules)
        for number, agency in enumerate(version.recipients, len(case.disclosures) + 1)
    )
    settled = tuple(e for p in product.pending for e in _waits_no_more(product.id, p))
    letters = tuple(SendLetter(f"product:{x.id}", Letter.PRODUCT, x.id) for x in sent)
    case = replace(case.with_product(after), disclosures=(*case.disclosures, *sent))
    return Step(case, (*settled, *told, *letters))


def _refuse_if_held_back(case: Case, product: Product, version: Version, rules: Rules) -> None:
    narrow = {p.agency for p in product.of(version) if not _agreed_to_all(case, product, version, p)}
    if narrow:
        raise CannotHappen(
            f"agreed by {_named(narrow, rules)} when these words were to go to fewer agencies: ring them and record "
            "what they say of the others (owner_answered), leave the others out, or write the words anew and ask"
        )
    held = {p.agency for p in product.of(version) if not may_leave(case, p)}
    if held:
        names = _named(held, rules)
        raise CannotHappen(
            f"not agreed by {names}: ask them, override them with your reasons once they refuse or the time limit "
            "has ended, or write a version without their part"
        )


def _named(agencies: set[str], rules: Rules) -> str:
    return ", ".join(known.name if (known := rules.agency(a)) else a for a in sorted(agencies))


def _agreed_to_all(case: Case, product: Product, version: Version, passage: Passage) -> bool:
    """Whether an owner who agreed did so while the words were to go to everybody who gets them now."""
    source = case.contribution(passage.contribution)
    if passage.word is not OwnersWord.AGREED or (source and source.marking is Marking.RELEASED):
        return True
    agreed = max(at for at, _, said in passage.history if said is Said.AGREE)
    asked_of = [v for v in product.versions if passage.id in v.passages and v.written_at <= agreed]
    return not asked_of or set(version.recipients) <= set(asked_of[-1].recipients)


def _disclosure(
    case: Case, product: Product, version: Version, agency: str, number: int, event: ProductReleased, rules: Rules
) -> Disclosure:
    known = rules.agency(agency)
    return Disclosure(
        id=f"x{number}",
        product=product.id,
        version=version.id,
        recipient=agency,
        sources=tuple(p.contribution for p in product.of(version)),
        subjects=version.subjects,
        manifest=packet.who(case.fields, version.subjects),
        basis=known.basis if known else "",
        condition=known.condition if known else "",
        purpose=event.purpose,
        at=event.at,
        by=event.by,
    )


def product_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """The mail that carries a product to one recipient moved; a failure is rung at once, as with a packet."""
    sent = case.disclosure(event.about)
    if sent is None:
        return Step(case)
    goes = delivery.by(sent.transport, event.news, event.transport)
    moved = replace(sent, delivery=delivery.TABLE[sent.delivery, event.news], transport=goes)
    key = f"telephone:{sent.id}"
    effects: tuple[Effect, ...] = ()
    if moved.delivery in FAILED:
        effects = (OpenTask(key, TaskKind.TELEPHONE_AGENCY, sent.id, event.at),)
    elif event.news in ARRIVED:
        effects = (CloseTask(key),)
    return Step(case.with_disclosure(moved), effects)


def not_shared(case: Case, event: NotShared, rules: Rules) -> Step:
    """A decision not to share is a decision: it is kept."""
    if case.contribution(event.what) is None and case.product(event.what) is None:
        raise CannotHappen("name the contribution or the product of this case that is not shared")
    if event.recipient and rules.agency(event.recipient) is None:
        raise CannotHappen(f"no agency “{event.recipient}” in this hub: choose one, or leave it out for nobody")
    return Step(replace(case, withheld=(*case.withheld, Withheld(event.what, event.recipient, event.at, event.by))))


def limits_again(case: Case) -> tuple[Effect, ...]:
    """The time limits that closing a case stopped, when it opens again."""
    return tuple(e for product in case.products for p in product.pending for e in _limit(product.id, p))


def _limit(product: str, passage: Passage) -> tuple[Effect, ...]:
    waits = passage.word in (OwnersWord.ASKED, OwnersWord.SILENT) and passage.due
    return (SetClock(f"release:{address(product, passage.id)}", passage.due),) if waits and passage.due else ()
