"""Products at the desk: writing one, asking owners, taking their answers, overriding, releasing, not sharing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from exchange import content
from exchange.case.acknowledgement import Proof
from exchange.case.event import Event
from exchange.case.product import (
    NotShared,
    OwnerAnswered,
    Product,
    ProductDrafted,
    ProductReleased,
    Purpose,
    ReleaseAsked,
    ReleaseOverridden,
)
from exchange.case.state import Case
from exchange.compartments import shut_to
from exchange.desk.act import caller_at
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action, require
from exchange.store import casebook, journal
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction

NOT_YOURS = (
    "You may not read what rests here until its owner releases it, so you cannot write words on it: leave it out, or "
    "ask a health navigator or a deciding manager to write them"
)
TEST = (content.NECESSARY, content.PROPORTIONATE, content.JUSTIFIED)  # each in words of its own


class Word(StrEnum):
    """What an owner says on the telephone."""

    AGREE = "agree"
    REFUSE = "refuse"


async def write(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """A first or newer version. A source of the version before, without new words, keeps its wording and its owner's
    word on it. Words on a source are a tick beside it. Raises Unfit for a source that the author may not read."""
    require(desk.viewer, Action.WRITE_PRODUCT)
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        case = await casebook.load(tx, case_id)
        shut = shut_to(case, await casebook.rules_of(tx, case), desk.viewer)
    name = given.may("product") or f"p{len(case.products) + 1}"
    product = case.product(name) or Product(name, ())
    version = f"v{len(product.versions) + 1}"
    rests, worded = _passages(product, given)
    if closed := [contribution for passage, contribution in rests if passage in worded and contribution in shut]:
        await _denied(desk, case_id, closed)
        raise Unfit(f"wording.{closed[0]}", NOT_YOURS)
    parts = {content.of_product(name, passage): text.encode() for passage, text in worded.items()}
    parts[content.of_product(name, version)] = given.need("analysis").encode()
    event = ProductDrafted(
        desk.hub.clock.now(), desk.viewer.id, name, version, given.many("subjects"), given.many("recipients"), rests
    )
    return await _record(desk, case_id, event, cause, parts)


async def _denied(desk: Desk, case_id: str, contributions: list[str]) -> None:
    """Somebody reached for what is kept apart from them."""
    await desk.hub.note(
        journal.ACCESS, "Denied", desk.viewer.id, action=Action.OPEN_COMPARTMENT, case=case_id,
        contributions=" ".join(contributions),
    )  # fmt: skip


def _passages(product: Product, given: Given) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    """(passage, contribution) in the order given, and the words of those that are new."""
    before = {p.contribution: p.id for p in (product.of(product.latest) if product.versions else ())}
    rests: list[tuple[str, str]] = []
    worded: dict[str, str] = {}
    for source in dict.fromkeys((*given.many("sources"), *given.under("wording."))):
        text = given.may(f"wording.{source}")
        if not text and source not in before:
            raise Unfit(
                f"wording.{source}", "Write for each source the words that rest on it: they are all that leaves"
            )
        passage = f"w{len(product.passages) + len(worded) + 1}" if text else before[source]
        rests.append((passage, source))
        if text:
            worded[passage] = text
    return tuple(rests), worded


async def ask(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Ask the owners; those named in `passages` once more, otherwise all who have not been asked."""
    require(desk.viewer, Action.ASK_RELEASE)
    event = ReleaseAsked(
        desk.hub.clock.now(), desk.viewer.id, given.need("product"), given.many("passages"),
        given.choice("purpose", Purpose),
    )  # fmt: skip
    return await _record(desk, case_id, event, cause, {})


async def owner_answered(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """An owner's answer taken by telephone or in person."""
    require(desk.viewer, Action.RECORD_ANSWER)
    now = desk.hub.clock.now()
    product, passage = _passage(given)
    agrees = given.choice("word", Word) is Word.AGREE
    caller = await caller_at(desk, given, case_id)
    event = OwnerAnswered(now, desk.viewer.id, product, passage, agrees, Proof.STAFF, "telephone")
    parts = {content.WHO: caller.part(), content.WORDS: given.may("words").encode()}
    return await _record(desk, case_id, event, cause, parts)


async def override(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Let a passage leave without its owner's agreement, for these three reasons."""
    require(desk.viewer, Action.OVERRIDE_RELEASE)
    product, passage = _passage(given)
    event = ReleaseOverridden(desk.hub.clock.now(), desk.viewer.id, product, passage)
    return await _record(desk, case_id, event, cause, _test(given), noted="Overridden")


async def release(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """Send the newest version to its recipients; the three-part test is part of the record."""
    require(desk.viewer, Action.RELEASE_PRODUCT)
    event = ProductReleased(
        desk.hub.clock.now(), desk.viewer.id, given.need("product"), given.need("version"),
        given.choice("purpose", Purpose),
    )  # fmt: skip
    return await _record(desk, case_id, event, cause, _test(given), noted="Released")


async def not_shared(desk: Desk, case_id: str, given: Given, cause: str) -> Case:
    """A decision not to share."""
    require(desk.viewer, Action.NOT_SHARE)
    event = NotShared(desk.hub.clock.now(), desk.viewer.id, given.need("what"), given.may("recipient"))
    return await _record(desk, case_id, event, cause, {content.REASON: given.need("reason").encode()})


def _passage(given: Given) -> tuple[str, str]:
    product, _, passage = given.need("passage").partition("/")
    if not passage:
        raise Unfit("passage", "Name the passage with its product, like p1/w1")
    return product, passage


def _test(given: Given) -> dict[str, bytes]:
    return {name: given.need(name).encode() for name in TEST}


async def _record(
    desk: Desk, case_id: str, event: Event, cause: str, parts: Mapping[str, bytes], noted: str = ""
) -> Case:
    hub = desk.hub

    async def note(tx: Transaction, recorded: Recorded) -> None:
        if noted and not recorded.again:
            await journal.note(tx, journal.ACCESS, noted, hub.clock.now(), hub.chance.id(), case=case_id)

    recorded = await hub.record(case_id, event, cause, parts, actor=desk.viewer.id, also=note)
    return recorded.case
