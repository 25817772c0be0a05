"""HTML and flowed text are read to plain lines, and what every mail program quotes stays behind its mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.reply_text import own_words
from mailflow.text_body import HTML_MAX, QUOTES_MAX, from_html, unflow
from mailflow.words import read_answer

OUTLOOK_DESKTOP = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8">
<style><!-- p.MsoNormal {margin:0cm;} --></style></head><body lang="EN-GB"><div class="WordSection1">
<p class="MsoNormal">DECLINE not our area<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">
<p class="MsoNormal"><b>From:</b> Hub &lt;hub@hub.example&gt;<br><b>Sent:</b> 24 November 2026 09:02<br>
<b>To:</b> Duty<br><b>Subject:</b> Message</p></div><p class="MsoNormal">ACCEPT</p></div></body></html>"""
OUTLOOK_WEB = """<div>DECLINE not our area</div><div id="appendonsend"></div><hr>
<div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> Hub</font></div><div>ACCEPT</div>"""
OUTLOOK_MOBILE = """<div dir="ltr">DECLINE not our area</div><div id="mail-editor-reference-message-container">
<div>From: Hub</div><div>ACCEPT</div></div>"""
MAC_OUTLOOK = """<div>DECLINE not our area</div><span id="OLK_SRC_BODY_SECTION"><div>ACCEPT</div></span>
<div class="OLK_SRC_BODY_SECTION"><div>ACCEPT</div></div>"""
GMAIL = """<div dir="ltr">DECLINE not our area</div><br><div class="gmail_quote gmail_quote_container">
<div dir="ltr" class="gmail_attr">On Tue, 24 Nov 2026 at 09:02, Hub wrote:<br></div>
<blockquote class="gmail_quote" style="margin:0 0 0 .8ex"><div>ACCEPT</div></blockquote></div>"""
YAHOO = """<div>DECLINE not our area</div><div id="yahoo_quoted_1" class="yahoo_quoted">
<div>On Tuesday, Hub wrote:</div>
<div>ACCEPT</div></div>"""
PROTON = """<div>DECLINE not our area</div><div class="protonmail_quote">On Tuesday, Hub wrote:<br>
<blockquote class="protonmail_quote" type="cite">ACCEPT</blockquote></div>"""
THUNDERBIRD = """<html><body><div class="moz-cite-prefix">On 24/11/2026 09:02, Hub wrote:<br></div>
<blockquote type="cite" cite="mid:one@hub.example"><pre>ACCEPT
DECLINE</pre></blockquote><p>DECLINE not our area</p></body></html>"""
APPLE = """<html><body>DECLINE not our area<br><div><br><blockquote type="cite"><div>On 24 Nov 2026, Hub wrote:</div>
<div>ACCEPT</div></blockquote></div></body></html>"""


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(OUTLOOK_DESKTOP, id="Outlook for Windows"),
        pytest.param(OUTLOOK_WEB, id="Outlook on the web"),
        pytest.param(OUTLOOK_MOBILE, id="Outlook on a telephone"),
        pytest.param(GMAIL, id="Gmail"),
        pytest.param(YAHOO, id="Yahoo"),
        pytest.param(PROTON, id="Proton"),
        pytest.param(THUNDERBIRD, id="Thunderbird, below the quote"),
        pytest.param(APPLE, id="Apple Mail"),
        pytest.param(MAC_OUTLOOK.replace("<span", "<div").replace("</span>", "</div>"), id="Outlook for Mac"),
    ],
)
def test_of_each_programs_page_only_the_writers_words_are_left(page: str) -> None:
    assert own_words(from_html(page)) == "DECLINE not our area"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("plain", "plain"),
        ("a<br>b<br/><br>c", "a\nb\n\nc"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<h1>a</h1><div>b</div>", "a\nb"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("<ol><li>a</li><li>b</li></ol>", "- a\n- b"),
        ("<pre>a  b\n\n c</pre>d", "a  b\n\n c\nd"),
        ("a <b>bold</b>\n  word", "a bold word"),
        ("x &lt;y&gt; &amp; &#x177; &nbsp; z", "x <y> & ŷ z"),
        ("<noscript>a</noscript><svg><title>b</title></svg><object>c</object>d", "d"),
        ("<SCRIPT>if (1 < 2) {}</SCRIPT>a<script>never closed", "a"),
        ("<?xml version='1.0'?><!DOCTYPE html><![CDATA[x]]>a", "a"),
        ("a<!-- b -->c<!-- never closed", "ac-- never closed"),
        ("a<img src=x alt=y>b<hr>c", "ab\nc"),
        ("a</b></i></div>b", "a\nb"),
        ("<div><b><i>a</div>b", "a\nb"),  # what was left open inside closes with it
        ("", ""),
    ],
)
def test_a_page_is_read_as_it_is_shown(page: str, text: str) -> None:
    assert from_html(page) == text


@pytest.mark.parametrize(
    "hides",
    [
        *(
            'style="display:none"',
            "style='Display: NONE'",
            'style="color:red;visibility:hidden"',
            "hidden",
            'hidden=""',
        ),
        *('style="mso-hide:all"', 'style="font-size:0;color:#fff"', 'style="font-size: 0px"', 'style="font:0/0 a"'),
        *('style="opacity:0"', 'style="max-height:0px;overflow:hidden"', 'class=x style="display:none !important"'),
    ],
)
def test_what_nobody_is_shown_is_not_read(hides: str) -> None:
    page = f"<div {hides}>ACCEPT<p>at once</p></div><p>We will look at it tomorrow.</p>"
    assert from_html(page) == "We will look at it tomorrow."
    assert read_answer(from_html(f"<p>Hello <span {hides}>RECEIVED</span></p>")).answer == "unclear"


@pytest.mark.parametrize(
    "style",
    ["display:block", "font-size:0.9em", "font-size:10pt", "opacity:0.8", "height:0;x:y", "text-align:hidden"],
)
def test_what_is_shown_is_read(style: str) -> None:
    assert from_html(f'<div style="{style}" title="hidden">ACCEPT</div>') == "ACCEPT"


@pytest.mark.parametrize(
    "page", ["<p><s>ACCEPT</s></p>", "<del>ACCEPT</del>", '<b style="text-decoration: line-through">ACCEPT</b>']
)
def test_what_its_writer_struck_out_is_shown_so_and_answers_nothing(page: str) -> None:
    text = from_html(f"{page}<p>Ring me</p>")
    assert "~~ACCEPT~~" in text
    assert read_answer(text).answer == "unclear"


def test_quotes_within_quotes_are_marked_to_a_depth() -> None:
    assert from_html("<blockquote>a<blockquote>b</blockquote>c</blockquote>d") == "> a\n> > b\n> c\nd"
    deep = from_html("<blockquote>" * 50 + "x")
    assert deep.endswith("> " * QUOTES_MAX + "x")
    assert not deep.endswith("> " * (QUOTES_MAX + 1) + "x")


def test_a_stray_end_tag_closes_nothing_far_away() -> None:
    page = "<blockquote>" + "<b>" * 60 + "x</blockquote>y"
    assert "> y" in from_html(page)  # the quote was opened too long ago to be looked for: it stays a quote


def test_a_page_longer_than_anybody_writes_is_cut() -> None:
    assert len(from_html("x" * (HTML_MAX + 10))) == HTML_MAX


@pytest.mark.parametrize(
    ("flowed", "text"),
    [
        ("one \ntwo \nthree", "one two three"),
        ("one \n> two", "one \n> two"),  # another depth ends a paragraph
        ("> one \n> two\n>> three", "> one two\n> > three"),
        (" From here", "From here"),
        (" > no quote", "> no quote"),
        ("words \n-- \nAnn \nLee", "words \n-- \nAnn Lee"),
        ("a\n\nb", "a\n\nb"),
        ("", ""),
    ],
)
def test_flowed_lines_are_joined(flowed: str, text: str) -> None:
    assert unflow(flowed, delsp=False) == text


@given(st.text(alphabet="> ab-\n", max_size=80), st.booleans())
def test_no_flowed_text_loses_a_word_or_a_quote_mark(text: str, delsp: bool) -> None:
    got = unflow(text, delsp=delsp)
    assert [c for c in got if c in "ab"] == [c for c in text if c in "ab"]


@given(
    st.lists(st.sampled_from([GMAIL, THUNDERBIRD, "<div>", "</div>", "<blockquote>", "</p>", "<pre>", "x", "<br>"]))
)
def test_any_heap_of_tags_is_read(pieces: list[str]) -> None:
    assert "<blockquote" not in from_html("".join(pieces))
