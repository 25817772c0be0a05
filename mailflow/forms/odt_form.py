"""An OpenDocument text, read for its words: our form has no boxes there, so a person reads it beside the original.

Runs on strangers' bytes: only in the limited child.
"""

from __future__ import annotations

import io
import zipfile

from mailflow.document import Document, State
from mailflow.forms import word_form

_CONTENT = "content.xml"
_LINES = ("p", "h")


def read(content: bytes) -> Document:
    """What it says. May raise anything: the caller says then that it is damaged."""
    found = words(content)
    if found is None:
        return Document("odt", State.REFUSED, "too_large")
    text = found[: word_form.TEXT_MAX].strip()
    return Document("odt", State.OTHER, "flat" if word_form.SAYS_SO.search(found) else "", text=text)


def words(content: bytes) -> str | None:
    """Its text, a line a paragraph; None for more than is read."""
    with zipfile.ZipFile(io.BytesIO(content)) as package, package.open(_CONTENT) as part:
        body = part.read(word_form.PART_MAX + 1)
    if len(body) > word_form.PART_MAX:
        return None
    found = (one for one in word_form.parsed(body).iter() if str(one.tag).rpartition("}")[2] in _LINES)
    return "\n".join("".join(one.itertext()) for one in found).replace("\0", "")
