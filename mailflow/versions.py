"""Versions: whether the two forms of one text, plain and as a page, begin with the same words.

Outlook and Thunderbird show the page and we read the plain text. Whoever sees "DECLINE" and is read as "ACCEPT" has
been misheard, so where the plain text begins with words that the page does not have, a person reads both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailflow import charset, text_body
from mailflow.entity import Entity, leaves
from mailflow.reply_text import own_words

MOST = 100_000  # octets of a page: what is longer is a document, whose first words are not looked for
TAGS_MAX = 5_000  # of such a page that are looked at: its words are what is asked for
FIRST = 12  # words: an answer stands at the beginning
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKED = re.compile(r"\[[^\]]*\]|<[^>]*>|\S*://\S*|\S+@\S+")  # pictures and links, which a page shows otherwise


def differ(root: Entity, shown: list[Entity]) -> bool:
    """Whether the page beside a plain text lacks any of its first own words."""
    plain = next((leaf for leaf in shown if leaf.content_type == "text/plain"), None)
    page = next((leaf for leaf in _beside(root, shown) if leaf.content_type == "text/html"), None)
    if plain is None or page is None or len(page.content) > MOST:
        return False
    said = list(_words(own_words(_text(plain))))[:FIRST]
    return not set(said) <= set(_words(text_body.from_html(_text(page), TAGS_MAX)))


def _beside(entity: Entity, shown: list[Entity]) -> Iterator[Entity]:
    """The leaves of an alternative of which another version is shown."""
    if entity.content_type == "multipart/alternative":
        found = list(leaves(entity))
        if any(leaf is one for leaf in found for one in shown):
            yield from (leaf for leaf in found if not leaf.is_attachment)
        return
    for child in entity.children:
        yield from _beside(child, shown)


def _text(leaf: Entity) -> str:
    return charset.decode(leaf.content[:MOST], leaf.param("charset") or "us-ascii", guess=True)[0]


def _words(text: str) -> Iterator[str]:
    return (word.casefold() for word in _WORD.findall(_MARKED.sub(" ", text)))
