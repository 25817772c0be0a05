"""Other people's ways of writing text in mail - HTML, format=flowed - to plain lines a person can read."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

HTML_MAX = 1_000_000  # characters read of one HTML body: beyond it is not something a person wrote
# Tags of one mail that are looked at one by one, at some seven microseconds each: an Outlook thread of a megabyte has
# twenty thousand. The words behind them are kept all the same, without what their tags would have meant.
TAGS_MAX = 40_000
CHARACTERS_MAX = 2_000_000  # of one mail and all that it encloses
MESSAGES_MAX = 10  # enclosed, those inside them too: a forwarded chain has three or four
ATTRIBUTES_MAX = 2_000  # characters looked at in one tag
QUOTES_MAX = 10  # levels of quoting shown

_BLOCKS = re.compile(
    r"address|article|aside|blockquote|body|center|dd|details|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr"
    r"|li|main|nav|ol|p|pre|section|table|tr|ul"
)
_SILENT = re.compile(r"head|script|style|title|template|noscript|svg|object")
_VOID = re.compile(r"area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")
_SPACED = re.compile(r"p|h[1-4]|blockquote|table|ul|ol")
_RAW = re.compile(r"script|style")
_ANY_TAG = re.compile(r"<[^<>]*>")
_OPENING = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9:-]{0,30})|!|\?)")
_ATTRIBUTE = re.compile(r"\b(class|id|style)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
# What the common clients put around what they quote: Gmail, Yahoo, Proton, Thunderbird (blockquote itself).
_QUOTE_CLASS = re.compile(r"\b(gmail_quote|yahoo_quoted|protonmail_quote|moz-cite-prefix|gmail_attr)\b")
# Outlook marks only where the quote begins; it runs to the end of the mail.
_OUTLOOK_START = re.compile(r"\b(divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|mail-editor-reference)")
# What nobody sees who reads the page: a line for previews, or an answer that its reader was not to notice.
_HIDDEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:0(?:\.0*)?(?=;|!|$)"
    r"|font(?:-size)?:0(?:\.0*)?(?:px|pt|em|rem|%)?(?=;|!|/|$))",
    re.IGNORECASE,
)
_NO_SIZE = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|pt|%)?(?=;|!|$)", re.IGNORECASE)
_IS_HIDDEN = re.compile(r"(?:^|\s)hidden(?=[\s=/]|$)", re.IGNORECASE)
_STRUCK = re.compile(r"s|strike|del")
_STRUCK_STYLE = re.compile(r"text-decoration(?:-line)?:[^;]*line-through", re.IGNORECASE)
STRUCK = "~~"  # around what its writer struck out: it is still to be seen, and says nothing any more
_OUTLOOK_BORDER = re.compile(r"border:none;border-top:solid#[0-9a-f]{6}1\.0pt", re.IGNORECASE)


@dataclass(slots=True)
class Allowance:
    """What may still be spent on the text of one mail, its enclosed messages and all: the sum bounds the cost,
    however many parts share it."""

    characters: int = CHARACTERS_MAX
    tags: int = TAGS_MAX
    messages: int = MESSAGES_MAX
    shut: bool = False  # a message inside was not opened to its end: too deep, one too many, or damaged

    def take(self, text: str, most: int) -> str:
        """As much of a text as may be read."""
        taken = text[: min(most, self.characters)]
        self.characters -= len(taken)
        return taken

    def page(self, page: str) -> str:
        """The words of an HTML body."""
        taken = self.take(page, HTML_MAX)
        most, self.tags = self.tags, max(0, self.tags - taken.count("<"))
        return from_html(taken, most)


def from_html(page: str, tags: int = TAGS_MAX) -> str:
    """The words of an HTML body, a line to a block, what is quoted behind '> '. Of more than so many tags only the
    words are kept, as deep in a quote as the last one that was looked at."""
    reading = _Page()
    for kind, text in _tokens(page[:HTML_MAX], tags):
        match kind:
            case "text":
                reading.words(html.unescape(text))
            case "end":
                reading.ends(text)
            case "rest":
                reading.rest(html.unescape(_ANY_TAG.sub(" ", text)))
            case _:
                reading.starts(kind, text)
    return reading.text()


def unflow(text: str, *, delsp: bool) -> str:
    """RFC 3676 4.2: join lines that end in a space with the next of the same quote depth."""
    paragraphs: list[list[str]] = []
    open_depth: int | None = None  # depth of the paragraph still being filled
    for raw in text.split("\n"):
        line = raw.lstrip(">")
        depth = len(raw) - len(line)
        line = line.removeprefix(" ")  # 4.4: one stuffed space
        flows = line.endswith(" ") and line != "-- "  # 4.3: a signature line never flows
        words = line[:-1] if flows and delsp else line
        if open_depth == depth and line != "-- ":
            paragraphs[-1].append(words)
        else:
            paragraphs.append(["> " * depth, words])
        open_depth = depth if flows else None
    return "\n".join("".join(paragraph) for paragraph in paragraphs)


def _tokens(page: str, tags: int) -> Iterator[tuple[str, str]]:
    """("text", words), ("end", tag) or (tag, attributes); behind so many tags ("rest", page). Looks at each character
    a bounded number of times: html.parser, and all that stand on it, take quadratic time over unclosed comments and
    tags."""
    at = 0
    for _ in range(tags):
        opened = _OPENING.search(page, at)
        if opened is None:
            yield "text", page[at:]
            return
        yield "text", page[at : opened.start()]
        at = opened.start()
        comment = page.startswith("<!--", at)
        end = page.find("-->" if comment else ">", at)
        if end < 0:  # nothing closes any more: the rest is shown as it is, a broken comment included
            yield "text", page[opened.end() :]
            return
        at = end + (3 if comment else 1)
        name = (opened[2] or "").lower()
        if name:
            yield ("end", name) if opened[1] else (name, page[opened.end() : end])
        if at >= len(page):
            return
        if name and not opened[1] and _RAW.fullmatch(name):  # script and style: not text, whatever is in them
            closing = re.compile(f"</{name}", re.IGNORECASE).search(page, at)
            at = closing.start() if closing else len(page)
    yield "rest", page[at:]


def _hides(style: str, attrs: str) -> bool:
    """Whether what stands in this tag is shown to nobody."""
    cut = "overflow:hidden" in style.lower() and bool(_NO_SIZE.search(style))
    return cut or bool(_HIDDEN.search(style) or _IS_HIDDEN.search(attrs))


@dataclass(frozen=True, slots=True)
class _Tag:
    """One that is open."""

    name: str
    quotes: bool  # a quote began with it
    hides: bool  # what stands in it is not shown
    strikes: bool  # or is struck out


class _Page:
    """Takes a page's tags and words in order: no tree, so depth costs nothing."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str]] = []  # quote depth, words
        self._words: list[str] = []
        self._open: list[_Tag] = []  # not closed yet
        self._quotes = 0
        self._silent = 0
        self._pre = 0

    def starts(self, tag: str, attrs: str) -> None:
        """A tag opens."""
        if tag == "br":
            self._break(empty=True)
        if _BLOCKS.fullmatch(tag):
            self._break(blank=bool(_SPACED.fullmatch(tag)))
        if tag == "td":
            self._words.append(" ")
        if tag == "li":
            self._words.append("- ")
        if not _VOID.fullmatch(tag):
            found = {m[1].lower(): m[2].strip("\"'") for m in _ATTRIBUTE.finditer(attrs[:ATTRIBUTES_MAX])}
            style = "".join(found.get("style", "").split())
            hides = bool(_SILENT.fullmatch(tag)) or _hides(style, attrs[:ATTRIBUTES_MAX])
            strikes = bool(_STRUCK.fullmatch(tag) or _STRUCK_STYLE.search(style))
            opened = _Tag(tag, self._starts_quote(tag, found, style), hides, strikes)
            self._open.append(opened)
            self._count(opened, 1)

    def ends(self, tag: str) -> None:
        """A tag closes, and with it what was left open inside."""
        if _BLOCKS.fullmatch(tag):
            self._break(blank=bool(_SPACED.fullmatch(tag)))
        if any(tag == one.name for one in self._open[-50:]):  # 50: a stray end tag must not search for ever
            while self._open:
                closed = self._open.pop()
                self._count(closed, -1)
                if closed.name == tag:
                    break

    def words(self, data: str) -> None:
        """Text between tags."""
        if self._silent:
            return
        if self._pre:
            first, *rest = data.split("\n")
            self._words.append(first)
            for line in rest:
                self._break(empty=True)
                self._words.append(line)
        else:
            self._words.append(data)

    def rest(self, words: str) -> None:
        """All that follows, its tags taken away: shown even where a tag would have hidden it."""
        self._silent = 0
        for line in words.split("\n"):
            self._words.append(line)
            self._break()

    def text(self) -> str:
        """Everything read, runs of empty lines made one."""
        self._break()
        lines = [("> " * depth + words).rstrip() for depth, words in self._lines]
        return re.sub(r"\n(?:[> ]*\n){2,}", "\n\n", "\n".join(lines)).strip("\n")

    def _starts_quote(self, tag: str, found: dict[str, str], style: str) -> bool:
        marks = f"{found.get('class', '')} {found.get('id', '')}"
        if tag == "div" and (_OUTLOOK_START.search(marks) or _OUTLOOK_BORDER.search(style)):
            self._quotes += 1  # never closed: the quote runs to the end
            return False
        if _QUOTE_CLASS.search(marks):  # Gmail marks a box and the blockquote in it: one quote, not two
            return not any(one.quotes for one in self._open[-3:])
        return tag == "blockquote"

    def _count(self, tag: _Tag, step: int) -> None:
        if tag.quotes:
            self._break()
            self._quotes += step
        if tag.strikes and not self._silent:
            self._words.append(STRUCK)
        self._silent += step * tag.hides
        self._pre += step * (tag.name == "pre")

    def _break(self, *, blank: bool = False, empty: bool = False) -> None:
        """End a line: an `empty` one counts, and `blank` keeps a distance to what comes next."""
        words = "".join(self._words).replace("\xa0", " ")
        self._words.clear()
        words = words.rstrip() if self._pre else " ".join(words.split())
        depth = min(self._quotes, QUOTES_MAX)
        if words or empty:
            self._lines.append((depth, words))
        elif self._lines and self._lines[-1][1] and blank:
            self._lines.append((depth, ""))
