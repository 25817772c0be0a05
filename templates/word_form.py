"""The referral form as a Word document: every answer a content control whose tag is its name.

The parts of the package are templates of our own. A library that writes Word files knows no content controls, and one
that fills a template of its own writes the moment into it.

1. A control can be filled in and not taken out; outside the controls nothing can be typed, so that no word is where
   nobody reads it (the protection has no password: whoever must, takes it off).
2. Nothing of it is fetched from elsewhere, and it holds no program.
3. The same form gives the same octets, on any machine.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from templates import render
from templates.paper_form import VERSION, PaperForm

BLANK = "-"  # the entry of every list that takes a choice back
_MADE = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP archive can say
_PARTS = {
    "[Content_Types].xml": "types",
    "_rels/.rels": "package",
    "word/document.xml": "document",
    "word/_rels/document.xml.rels": "parts",
    "word/styles.xml": "styles",
    "word/settings.xml": "settings",
    "word/footer1.xml": "footer",
    "docProps/core.xml": "core",
}


def word_form(form: PaperForm) -> bytes:
    """The form as octets."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for path, name in _PARTS.items():
            entry = zipfile.ZipInfo(path, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # as on any machine
            package.writestr(entry, _part(name, form))
    return out.getvalue()


def _part(name: str, form: PaperForm) -> str:
    words = render(f"document/word/{name}.xml", form=form, number=_number, blank=BLANK, version_name=VERSION)
    return words.strip()


def _number(name: str) -> int:
    """A control's own number (ECMA-376 17.5.2.18): it follows from its name."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF
