from __future__ import annotations

import io
import random
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from templates import samples
from templates.document import BOX, packet_pdf, product_pdf
from templates.letters import Packet, Product

HOSTILE = '#read("/etc/passwd") @ref $x$ *b* `raw` \\u{41} [x] // no'


def words(packet: Packet) -> str:
    reader = PdfReader(io.BytesIO(packet_pdf(packet, samples.AT)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_page_can_be_read_aloud() -> None:
    made = packet_pdf(samples.packet(), samples.AT)
    catalogue: Any = PdfReader(io.BytesIO(made)).root_object
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/Lang"] == "en-GB"
    assert b"pdfuaid" in catalogue["/Metadata"].get_data()


def test_the_same_values_give_the_same_octets() -> None:
    assert packet_pdf(samples.packet(), samples.AT) == packet_pdf(samples.packet(), samples.AT)


def test_the_page_says_what_the_letter_says_but_holds_no_code() -> None:
    text = words(samples.packet())
    for part in ("IMMEDIATE DANGER", "DO NOT TELL THE FAMILY", "Nettie", "27 March 2019", "NOT KNOWN TO US"):
        assert part in text
    assert samples.CODE not in text
    assert samples.ANSWERING.address not in text
    assert BOX not in text
    assert "Canary/77" in words(replace(samples.packet(), own_reference="Canary/77"))


def test_only_the_manifest_is_printed() -> None:
    text = words(samples.packet(manifest=("s2.given_name",)))
    assert [c for c in samples.CANARIES if c in text] == ["Nettie"]


def test_hostile_text_stays_text() -> None:
    text = words(samples.packet({"s1.given_name": HOSTILE, "concern.what_happened": HOSTILE * 20}))
    assert '#read("/etc/passwd") @ref $x$ *b* `raw`' in text.replace("“", '"').replace("”", '"')
    assert "root:" not in text


def test_a_letter_without_a_glyph_costs_a_box_and_not_the_page() -> None:
    text = words(samples.packet({"s1.given_name": "Żółtowski 李 🙂 مريم", "s1.gp": "Dvořák, Σοφία, Ирина"}))
    assert "Żółtowski □ □ □□□□" in text
    assert "Dvořák, Σοφία, Ирина" in text
    assert "a letter this page cannot print" in text


@pytest.mark.parametrize("value", ["x" * 20_000, "word " * 4_000, "line\n" * 4_000, "x" * 150, "\n"])
def test_long_answers_fill_pages(value: str) -> None:
    assert packet_pdf(samples.packet({"concern.history": value, "s1.given_name": value}), samples.AT)


def test_no_character_stops_the_page() -> None:
    chance = random.Random(20261123)  # noqa: S311 - the same odd text every time
    odd = "".join(chr(chance.choice((chance.randrange(0x3000), chance.randrange(0x110000)))) for _ in range(15_000))
    odd = odd.encode("utf-8", "ignore").decode()
    assert packet_pdf(samples.packet({"concern.history": odd, "s1.given_name": odd[:150]}), samples.AT)


PRODUCTS = [letter for letter in samples.of_products() if isinstance(letter, Product)]


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda p: p.title)
def test_a_product_is_a_page_that_says_what_its_letter_says(product: Product) -> None:
    made = product_pdf(product, samples.AT)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())
    assert made == product_pdf(product, samples.AT)
    for part in (*product.passages, product.analysis, product.purpose, product.agency, samples.REFERENCE):
        assert part in text
    assert ("This replaces" in text) is product.replaces
    assert ("Nettie" in text) is bool(product.manifest)


def test_words_in_a_product_are_never_markup() -> None:
    hostile = replace(PRODUCTS[0], passages=(HOSTILE,), analysis=HOSTILE)
    pages = PdfReader(io.BytesIO(product_pdf(hostile, samples.AT))).pages
    assert "root:" not in " ".join(page.extract_text() for page in pages)
