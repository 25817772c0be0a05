"""The letters about information products: each owner is shown its own part, each recipient the product and no more.

1. Each text is fetched by its own name, and `File.said` is left alone: no other contribution can slip in.
2. A protected address that somebody wrote into a passage or the analysis is struck out (truth 14).
"""

from __future__ import annotations

from exchange import content
from exchange.case.effect import Letter
from exchange.case.packet import fill, struck
from exchange.case.product import PURPOSES, Disclosure, Passage, Product, Said, Version
from exchange.hub import Hub
from exchange.posting import File
from templates import letters
from templates.disclosed import warnings_of
from templates.letters import ALetter, Answering, Sender


async def told(hub: Hub, letter: Letter, about: str, file: File, sender: Sender, answering: Answering) -> ALetter:
    """The values of one of these letters. Raises LookupError when what it needs is not there any more."""
    if letter is Letter.PRODUCT:
        return await _product(hub, about, file, sender)
    product, passage = _passage(about, file)
    name = content.of_product(product.id, passage.id)
    wording = _struck(file, await body(hub, file.case.id, name), passage.agency)
    if letter is Letter.OVERRIDDEN:
        return _overridden(product, passage, file, sender, wording)
    source = file.case.contribution(passage.contribution)
    if source is None or passage.due is None:
        raise LookupError("a question about a contribution that is not there")
    return letters.ReleaseRequest(
        sender=sender,
        reference=file.case.reference,
        agency=_name(passage.agency, file),
        wording=wording,
        contribution=await body(hub, file.case.id, content.said(source.id)),
        told_at=source.at,
        answering=answering,
        answer_by=passage.due,
        own_reference=file.own_references.get(passage.agency, ""),
        recipients=_recipients(product, file),
        purpose=_purpose(product),
    )


def _recipients(product: Product, file: File) -> tuple[str, ...]:
    return tuple(_name(agency, file) for agency in product.latest.recipients)


def _purpose(product: Product) -> str:
    return PURPOSES[product.latest.purpose] if product.latest.purpose else ""


async def body(hub: Hub, case_id: str, name: str) -> str:
    """The text of the one body of this name. Raises LookupError."""
    async with hub.database.reading(hub.scope()) as tx:
        found = await hub.opened(tx, case_id, name)
    if not found:
        raise LookupError("its words are not there any more")
    return found[-1][2].decode()


def _overridden(product: Product, passage: Passage, file: File, sender: Sender, wording: str) -> letters.Overridden:
    at, by, _ = next(entry for entry in reversed(passage.history) if entry[2] is Said.OVERRIDE)
    refused = any(said is Said.REFUSE for _, _, said in passage.history)
    sent = list(product.sent_in(passage.id))
    others = (p for p in product.of(product.latest) if p.contribution == passage.contribution)
    return letters.Overridden(
        sender, file.case.reference, _name(passage.agency, file), wording, refused, by, at,
        file.own_references.get(passage.agency, ""),
        recipients=tuple(_name(agency, file) for agency in passage.told_recipients),
        purpose=PURPOSES[passage.told_purpose] if passage.told_purpose else "",
        shared_at=sent[-1].released_at if sent else None,
        reworded=any(p.id != passage.id for p in others),
    )  # fmt: skip


async def _product(hub: Hub, about: str, file: File, sender: Sender) -> letters.Product:
    sent, product, version = _sent(about, file)
    referral = file.referral
    assert referral is not None  # noqa: S101 - a product is about subjects
    case_id = file.case.id
    named = [content.of_product(product.id, passage.id) for passage in product.of(version)]
    analysis = await body(hub, case_id, content.of_product(product.id, version.id))
    return letters.Product(
        sender=sender,
        reference=file.case.reference,
        agency=_name(sent.recipient, file),
        title=f"product {product.id[1:]}, version {version.id[1:]}",
        replaces=any(
            x.recipient == sent.recipient and x.product == product.id and x.version != version.id
            for x in file.case.disclosures
        ),
        form=referral.form,
        manifest=sent.manifest,
        answers=fill(referral, sent.manifest),
        passages=tuple([_struck(file, await body(hub, case_id, name), sent.recipient) for name in named]),
        analysis=_struck(file, analysis, sent.recipient),
        purpose=PURPOSES[sent.purpose],
        basis=f"{sent.basis}; {sent.condition}",
        written_at=version.written_at,
        own_reference=file.own_references.get(sent.recipient, ""),
        warnings=warnings_of(referral, version.subjects),
    )


def _struck(file: File, text: str, reader: str) -> str:
    return struck(file.referral, text, file.case.released_to(reader))


def _name(agency: str, file: File) -> str:
    known = file.rules.agency(agency)
    return known.name if known else agency


def _passage(about: str, file: File) -> tuple[Product, Passage]:
    name, _, passage_id = about.partition("/")
    product = file.case.product(name)
    passage = product.passage(passage_id) if product else None
    if product is None or passage is None:
        raise LookupError("a letter about a passage that is not there")
    return product, passage


def _sent(about: str, file: File) -> tuple[Disclosure, Product, Version]:
    sent = file.case.disclosure(about)
    product = file.case.product(sent.product) if sent else None
    version = product.version(sent.version) if sent and product else None
    if sent is None or product is None or version is None:
        raise LookupError("a letter about a disclosure that is not there")
    return sent, product, version
