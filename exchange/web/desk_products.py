"""The products of a case as the desk's page shows them: versions, sources, disclosures, and what was not shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from exchange import blockers, content, labels, wording
from exchange.case.mailbox import Directory
from exchange.case.product import PURPOSES, OwnerAnswered, Product, Stage, Version, address
from exchange.case.releasing import may_leave
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.compartments import OpenedFor
from exchange.store.casebook import StoredEvent

WITHHELD = "Withheld until its owner releases it: a health navigator or a deciding manager may read it."
_TODAY = {"missing": "none", "expired": "it has ended", "not_begun": "it has not begun"}
When = Callable[[datetime | None], str]


def values(
    case: Case,
    rules: Rules,
    directory: Directory,
    opened: OpenedFor,
    when: When,
    now: datetime,
    events: Iterable[StoredEvent] = (),
) -> dict[str, Any]:
    """What product.html and product_acts.html take."""
    owners = _owners_words(events, opened)
    text = {name: plain.decode() for _, name, plain in opened.bodies if name.startswith(content.PRODUCT)}
    told = [*(leg.agency for leg in case.legs), *(x.recipient for x in case.disclosures)]
    recipients = [agency for p in case.products for agency in p.latest.recipients]
    lacking = blockers.lacking(directory, [*told, *recipients], blockers.today(rules, now))
    return {
        "products": [_product(p, case, rules, text, owners, when) for p in case.products],
        "owners_words": owners,
        "said": {c.id: _said(c.id, opened) for c in case.contributions},
        "contributions": {c.id: _source(c.id, case, rules, when) for c in case.contributions},
        "disclosed": [
            [wording.agency_name(x.recipient, rules), f"Product {x.product[1:]}, version {x.version[1:]}",
             when(x.at), x.by, f"{x.basis}; {x.condition}", PURPOSES[x.purpose],
             wording.mail(x.delivery, x.transport)]
            for x in case.disclosures
        ],
        "not_shared": [
            [_source(w.what, case, rules, when), wording.agency_name(w.recipient, rules) or "Anybody", w.by,
             when(w.at)]
            for w in case.withheld
        ],
        "agreements_lacking": [
            f"{wording.agency_name(agency, rules)}: {_TODAY[why]}" for agency, why in lacking.items()
        ],
    }  # fmt: skip


def _said(contribution: str, opened: OpenedFor) -> str:
    """What a source says, for whoever writes words that rest on it."""
    if contribution in opened.shut:
        return WITHHELD
    wanted = content.said(contribution)
    return next((plain.decode() for _, name, plain in opened.bodies if name == wanted), "")


def choices(case: Case, rules: Rules, when: When) -> dict[str, dict[str, str]]:
    """What the forms offer: code -> words."""
    pending = [(p, w) for p in case.products for w in p.pending]
    waiting = [p for p in case.products if p.latest.stage in (Stage.DRAFT, Stage.ASKED)]
    sources = {c.id: _source(c.id, case, rules, when) for c in case.contributions}
    return {
        "sources": sources,
        "products": {p.id: f"Product {p.id[1:]}" for p in case.products},
        "waiting": {p.id: f"Product {p.id[1:]}, version {p.latest.id[1:]}" for p in waiting},
        "passages": {
            address(p.id, w.id): f"Product {p.id[1:]}: {wording.agency_name(w.agency, rules)}, {wording.say(w.word)}"
            for p, w in pending
        },
        "passage_owners": {
            address(p.id, w.id): f"Product {p.id[1:]}, passage {w.id[1:]}: {wording.agency_name(w.agency, rules)}"
            for p in case.products
            for w in p.passages
        },
        "purposes": {purpose.value: words.capitalize() for purpose, words in PURPOSES.items()},
        "shareable": sources | {p.id: f"Product {p.id[1:]}" for p in case.products},
    }


def _owners_words(events: Iterable[StoredEvent], opened: OpenedFor) -> dict[str, str]:
    """What each owner said last of its passage, why it refuses above all, for whoever thinks of overriding it."""
    said = {of: plain.decode() for of, name, plain in opened.bodies if name == content.WORDS}
    answers = ((one.event, said.get(one.id, "")) for one in events)
    return {address(e.product, e.passage): words for e, words in answers if isinstance(e, OwnerAnswered)}


def _product(
    product: Product, case: Case, rules: Rules, text: dict[str, str], owners: dict[str, str], when: When
) -> dict[str, Any]:
    versions = [_version(product, v, case, rules, text, owners, when) for v in reversed(product.versions)]
    return {"id": product.id, "versions": versions}


def _version(
    product: Product,
    version: Version,
    case: Case,
    rules: Rules,
    text: dict[str, str],
    owners: dict[str, str],
    when: When,
) -> dict[str, Any]:
    named = ", ".join(wording.agency_name(a, rules) for a in version.recipients)
    released = f", {when(version.released_at)} by {version.released_by}" if version.released_at else ""
    return {
        "title": f"Product {product.id[1:]}, version {version.id[1:]}: {labels.STAGES[version.stage]}{released}",
        "released": version.released_at is not None,
        "written": f"{when(version.written_at)} by {version.written_by}, for {named}",
        "analysis": text.get(content.of_product(product.id, version.id), WITHHELD),
        "passages": [
            {
                "source": _source(p.contribution, case, rules, when),
                "word": wording.say(p.word) + ("" if may_leave(case, p) or not p.due else f", by {when(p.due)}"),
                "said": "; ".join(f"{wording.say(said)} {when(at)} ({by})" for at, by, said in p.history),
                "text": text.get(content.of_product(product.id, p.id), WITHHELD),
                "owner_said": owners.get(address(product.id, p.id), ""),
            }
            for p in product.of(version)
        ],
    }


def _source(what: str, case: Case, rules: Rules, when: When) -> str:
    found = case.contribution(what)
    if found is None:
        return f"Product {what[1:]}"
    kind = f"{wording.say(found.kind)}, {when(found.at)}, {wording.say(found.marking)}"
    return f"{wording.agency_name(found.agency, rules)}: {kind}"
