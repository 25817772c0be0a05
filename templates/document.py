"""Documents: a packet or a product as a page to print or file, set by Typst, tagged for screen readers.

1. Data enter as JSON only, never as source: nobody's words can become markup.
2. The same values and timestamp give the same octets, on any machine: embedded fonts, no system fonts.
3. The page holds what the letter holds, but no code and no answer address: paper is left on desks.
4. A character that the embedded font lacks is shown as a box and the page says so; the letter has it in full.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from templates import moments
from templates.disclosed import Group, seen
from templates.letters import Packet, Product, warning_lines

ROOT = Path(__file__).parent / "document"
STANDARD = "ua-1"  # PDF/UA-1 (ISO 14289-1): Typst refuses to write a page that breaks it
BOX = "\u25a1"
HELD = "\u00a0"  # a telephone number is not broken over two lines
# What the embedded serif can show: Latin, Greek, Cyrillic, Vietnamese, and punctuation; accents as far as they join
# their letter. PDF/UA refuses a page with any other, and Typst panics on some.
_SHOWN = (
    "\n -~\u00a0-\u00ac\u00ae-\u024f\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1"
    "\u03a3-\u03e1\u0400-\u04ff\u1e00-\u1eff\u2010-\u2027\u2030-\u203e\u20ac\u2116\u2122\u25a1"
)
_NOT_SHOWN = re.compile(f"[^{_SHOWN}]")
_NOT_LATIN = re.compile("[^\n -~\u00a0-\u00ac\u00ae-\u00ff\u2018-\u201d\u2013\u25a1]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f]")  # joiners, marks: nothing is lost with them


class DocumentRefused(ValueError):
    """The page could not be set; the letter itself is not affected."""


def packet_pdf(values: Packet, timestamp: datetime) -> bytes:
    """The packet as PDF; `timestamp` is the document's own date, so that it can be made again."""
    return _made("packet.typ", _packet(values), timestamp)


def product_pdf(values: Product, timestamp: datetime) -> bytes:
    """An information product as PDF, in the same way."""
    return _made("product.typ", _product(values), timestamp)


def set_page(page: str, shown: dict[str, Any]) -> bytes:
    """A page of our own words, without a date of its own. Raises DocumentRefused."""
    return _made(page, shown, datetime.fromtimestamp(0, UTC))


def _made(page: str, shown: dict[str, Any], timestamp: datetime) -> bytes:
    try:
        return _set(page, _data(shown, _NOT_SHOWN), timestamp)
    except DocumentRefused:  # a combination that the font cannot join: boxes are better than no page
        return _set(page, _data(shown, _NOT_LATIN), timestamp)


def _set(template: str, data: str, timestamp: datetime) -> bytes:
    """Raises DocumentRefused without a cause: Typst's messages quote the text they are about."""
    try:
        page: bytes = typst.compile(  # type: ignore[call-overload]  # its stubs know standards only as literals
            str(ROOT / template),
            root=str(ROOT),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": data},
            pdf_standards=STANDARD,
            timestamp=int(timestamp.timestamp()),
        )
        return page
    except typst.TypstError:
        raise DocumentRefused("the page could not be set") from None
    except BaseException as why:  # a Rust panic is no Exception, and has no name to import
        if type(why).__name__ != "PanicException":
            raise
        raise DocumentRefused("the page could not be set") from None


def _packet(packet: Packet) -> dict[str, Any]:
    zone = packet.sender.timezone
    return {
        "hub": packet.sender.name,
        "telephone": packet.sender.telephone.replace(" ", HELD),
        "duty_telephone": packet.sender.duty_telephone.replace(" ", HELD),
        "reference": packet.reference,
        "agency": packet.agency,
        "purpose": packet.purpose,
        "basis": packet.basis,
        "count": packet.count,
        "own_reference": packet.own_reference,
        "in_place": packet.in_place,
        "written": moments.moment(packet.written_at, zone),
        "acknowledge_by": moments.moment(packet.acknowledge_by, zone),
        "answer_by": moments.moment(packet.answer_by, zone),
        "warnings": [list(pair) for pair in warning_lines(packet.warnings, packet.form)],
        "groups": _groups(packet.groups),
        "kept_back": [label.lower() for label in packet.kept_back],
        "worry_kept_back": packet.worry_kept_back,
        "files": packet.files,
        "overridden": list(packet.overridden),
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "hub": product.sender.name,
        "telephone": product.sender.telephone.replace(" ", HELD),
        "reference": product.reference,
        "agency": product.agency,
        "title": product.title.capitalize(),
        "replaces": product.replaces,
        "purpose": product.purpose,
        "basis": product.basis,
        "written": moments.moment(product.written_at, product.sender.timezone),
        "warnings": [list(pair) for pair in warning_lines(product.warnings, product.form)],
        "groups": _groups(product.groups),
        "passages": [seen(passage) for passage in product.passages],
        "analysis": seen(product.analysis),
    }


def _groups(groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    return [
        {"title": g.title, "rows": [{"label": r.label, "answer": r.answer, "long": r.long} for r in g.rows]}
        for g in groups
    ]


def _data(shown: dict[str, Any], unshown: re.Pattern[str]) -> str:
    printed = _printable(shown, unshown)
    boxes = BOX in json.dumps(printed, ensure_ascii=False)
    return json.dumps({**printed, "boxes": boxes}, ensure_ascii=False, sort_keys=True)


def _printable(value: Any, unshown: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return unshown.sub(BOX, _INVISIBLE.sub("", unicodedata.normalize("NFC", value.replace("\t", " "))))
    if isinstance(value, list):
        return [_printable(one, unshown) for one in value]
    if isinstance(value, dict):
        return {name: _printable(one, unshown) for name, one in value.items()}
    return value
