"""Every page renders, keeps what was typed, escapes it, and asks the browser for nothing the policy would refuse."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

import templates
from exchange.web.pages import PUBLIC_FILES, STATIC, asset, content_security_policy, page
from templates import _OURS, render
from tests.web import specimens
from tests.web.specimens import HOSTILE, PUBLIC

WRITTEN = Path(templates.__file__).parent / "web"
KINDS = ("missing", "forbidden", "expired", "busy", "broken")
PAGES: dict[str, Callable[[], str]] = {
    "question": specimens.question,
    "wrong": lambda: specimens.question(wrong=True),
    "check_answers": specimens.check_answers,
    "confirmation": specimens.confirmation,
    "desk": specimens.desk,
    **{f"error {kind}": lambda kind=kind: specimens.error(kind) for kind in KINDS},  # type: ignore[misc]
}
HOSTILE_PAGES: dict[str, Callable[[], str]] = {
    "question": lambda: specimens.question(HOSTILE),
    "wrong": lambda: specimens.question(HOSTILE, wrong=True),
    "check_answers": lambda: specimens.check_answers(HOSTILE),
    "confirmation": lambda: specimens.confirmation(HOSTILE),
    "desk": lambda: specimens.desk(HOSTILE),
}
_LOADING = {("script", "src"), ("img", "src"), ("link", "href"), ("form", "action"), ("a", "href"), ("use", "href")}


class _Read(HTMLParser):
    """A page as a browser's parser sees it: its elements with their attributes, and what each textarea holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.typed: list[str] = []
        self._in_textarea = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "textarea":
            self.typed.append("")
        self._in_textarea = tag == "textarea"

    def handle_endtag(self, tag: str) -> None:
        self._in_textarea = False

    def handle_data(self, data: str) -> None:
        if self._in_textarea:
            self.typed[-1] += data

    def having(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_lives_under_the_policy(name: str) -> None:
    read = _Read(PAGES[name]())
    for tag, attributes in read.elements:
        assert tag != "style"
        assert not [key for key in attributes if key == "style" or key.startswith("on")], (tag, attributes)
        if tag == "script":
            assert attributes.get("nonce") == PUBLIC.csp_nonce or (attributes.get("src") or "").startswith("/static/")
        for key in attributes:
            if (tag, key) in _LOADING:
                assert re.match(r"(/(?!/)|#|tel:|\?)", attributes[key] or ""), (tag, attributes)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_heading_one_main_and_a_title_that_tells_nothing(name: str) -> None:
    html = PAGES[name]()
    read = _Read(html)
    assert len(read.having("h1")) == 1
    assert len(read.having("main", id="main-content")) == 1
    assert read.having("html", lang="en")
    title = re.search(r"<title>(.*?)</title>", html)
    assert title is not None
    assert title[1].endswith("– Northmoor message exchange")
    assert "child" not in title[1].lower()


@pytest.mark.parametrize("name", HOSTILE_PAGES)
def test_hostile_words_stay_words(name: str) -> None:
    html = HOSTILE_PAGES[name]()
    read = _Read(html)
    assert "<script>alert" not in html
    assert "alert(1)" in html  # it was there to be escaped
    assert not [tag for tag, attributes in read.elements if any(key.startswith("on") for key in attributes)]


def test_no_name_turns_the_words_after_it_round() -> None:
    html = specimens.check_answers("Ann\u202e\u2066 Other")
    assert "Ann Other" in html
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(html)
    assert "\u200f" in specimens.check_answers(
        "\u200fשרה"
    )  # a mark, as people write it in Hebrew and Arabic, may stay


def test_every_page_for_the_public_offers_the_way_out_and_the_way_to_hide() -> None:
    for html in (specimens.question(), specimens.confirmation(), specimens.error("broken")):
        read = _Read(html)
        assert read.having("a", href="/weather", rel="nofollow noreferrer")
        assert read.having("a", href="/hide-your-visit")
    assert not _Read(specimens.desk()).having("a", rel="nofollow noreferrer")


def test_what_was_typed_comes_back_exactly() -> None:
    typed = "First line\n   indented & <odd>\n\nlast"
    read = _Read(specimens.question(typed, wrong=True))
    assert read.typed == [typed, typed]
    assert read.having("input", name="full_name", value=typed)
    assert read.having("input", name="csrf", type="hidden", value=typed)


def test_each_error_leads_to_its_control_and_the_title_says_so() -> None:
    html = specimens.question(wrong=True)
    read = _Read(html)
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for name in ("full_name", "born", "safe", "told", "area", "concern", "voice", "sure"):
        assert read.having("a", href=f"#{name}")
        assert ids.count(name) == 1
    assert "<title>Error: Step 2" in html
    assert "Error: " not in specimens.question()


def test_choices_made_stay_made_and_none_is_made_for_anyone() -> None:
    made = {"safe": "no", "told": ["a-parent"], "area": "south", "sure": "yes"}
    shared = {
        "frame": PUBLIC,
        "asset": asset,
        "title": "Step 2",
        "csrf": "token",
        "errors": {},
        "safe": specimens.options("Yes", "No"),
        "told": specimens.options("The child", "A parent"),
        "nobody": {"value": "nobody", "text": "Nobody"},
        "areas": specimens.options("North", "South"),
    }
    chosen = _Read(_OURS.from_string(specimens.QUESTION).render(values=made, **shared))
    marked = [found["value"] for _, found in chosen.elements if "checked" in found or "selected" in found]
    assert marked == ["no", "a-parent", "south", "yes"]
    blank = _Read(_OURS.from_string(specimens.QUESTION).render(values={}, **shared))
    assert not [found for _, found in blank.elements if "checked" in found or "selected" in found]


def test_a_value_nobody_gave_is_an_error() -> None:
    with pytest.raises(Exception, match="'reference' is undefined"):
        page("confirmation", PUBLIC, title="Sent", heading="Sent", steps=[])
    with pytest.raises(LookupError):
        render("web/nowhere.html")


def test_a_static_file_is_named_by_its_content_and_has_a_type() -> None:
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{12}", asset("app.css"))
    kept = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    assert kept == set(PUBLIC_FILES)


def test_the_stylesheet_carries_no_font_crest_or_outside_address() -> None:
    css = (STATIC / "app.css").read_text()
    assert "@font-face" not in css
    assert "GDS Transport" not in css
    for address in re.findall(r"url\(([^)]*)\)", css):
        assert address.removeprefix("/static/") in PUBLIC_FILES
    script = (STATIC / "app.js").read_text()
    assert set(re.findall(r"https?://[\w./]+", script)) <= {"http://www.w3.org/2000/svg"}  # a name, never fetched


def test_the_stylesheet_has_every_utility_that_a_page_uses() -> None:
    css = (STATIC / "app.css").read_text()
    used = {c for page in WRITTEN.rglob("*.html") for c in re.findall(r"govuk-!-[\w-]+", page.read_text())}
    assert len(used) > 8
    assert {c for c in used if "." + c.replace("!", "\\!") not in css} == set()


def test_lines_begin_at_the_margin_and_what_somebody_wrote_is_left_as_it_is() -> None:
    typed = "first\n    second\n\tthird"
    asked = (
        '{% from "web/forms.html" import textarea %}{% from "web/parts.html" import details %}'
        '{% call details("More") %}{{ textarea("words", "Words", {"words": typed}, {}) }}{% endcall %}'
    )
    made = _OURS.from_string(asked).render(typed=typed)
    assert typed in made
    assert not [line for line in made.replace(typed, "").splitlines() if line.startswith((" ", "\t"))]


def test_the_policy_names_the_nonce_once_and_allows_nothing_inline() -> None:
    policy = content_security_policy("abc")
    assert policy.startswith("default-src 'none'; script-src 'nonce-abc' 'self';")
    assert policy.count("nonce-abc") == 1
    assert "unsafe" not in policy
