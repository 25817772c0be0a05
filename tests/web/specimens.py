"""Pages with fictitious content that use every macro once: for the template tests, and for looking at."""

from pathlib import Path

from exchange.web.pages import Frame, Link, RingNow, page
from templates import _OURS

PUBLIC = Frame(
    service_name="Northmoor message exchange",
    telephone="01632 960123",
    ring=RingNow("01632 960123"),
    csp_nonce="bm9uY2U",
    exit_href="/weather",
)
DESK = Frame(
    service_name="Northmoor message exchange",
    telephone="01632 960123",
    ring=RingNow("01632 960123"),
    csp_nonce="bm9uY2U",
    home="/desk",
    navigation=(
        Link("Not yet looked at", "/desk/new"),
        Link("Cases", "/desk/cases", current=True),
        Link("Outstanding", "/desk/outstanding"),
        Link("Directory", "/desk/directory"),
    ),
    signed_in_as="R. Okafor",
)


_SOURCES = Path(__file__).parent / "pages"
QUESTION = (_SOURCES / "question.html").read_text()
_DESK = (_SOURCES / "desk.html").read_text()

HOSTILE = "</textarea><script>alert(1)</script>\"' onfocus=alert(2) x='&"


def options(*texts: str) -> list[dict[str, str]]:
    return [{"value": text.lower().replace(" ", "-"), "text": text} for text in texts]


def question(answer: str = "", *, wrong: bool = False) -> str:
    names = ("full_name", "born-day", "born-month", "born-year", "concern", "voice")
    fields = ("full_name", "born", "safe", "told", "area", "concern", "voice", "sure")
    return _OURS.from_string(QUESTION).render(
        frame=PUBLIC,
        asset=lambda name: f"/static/{name}",
        title="Step 2",
        csrf=answer or "token",
        back="/refer/1",
        values=dict.fromkeys(names, answer),
        errors=dict.fromkeys(fields, answer or "Enter an answer") if wrong else {},
        carried={"draft": answer},
        safe=options("Yes", "No", "I do not know"),
        told=options("The child", "A parent"),
        nobody={"value": "nobody", "text": "Nobody"},
        areas=options("North", "South"),
    )


def desk(story: str = "She has it in hand.\nHome visit today.") -> str:
    return _OURS.from_string(_DESK).render(
        frame=DESK, asset=lambda name: f"/static/{name}", title="Case", story=story, areas=options("North", "South")
    )


def check_answers(answer: str = "Bruises on both arms.\nSaid she fell.") -> str:
    rows = [
        {"key": "Full name", "value": "Mina Ahmadi", "change": "/refer/2", "what": "the first child's name"},
        {"key": "Date of birth", "value": "27 March 2015", "change": "/refer/2"},
        {"key": "Your worry", "value": answer, "change": "/refer/5"},
    ]
    sections = [
        {"title": "First child", "rows": rows},
        {"title": "About you", "rows": [{"key": "Name", "value": answer}]},
    ]
    return page(
        "check_answers",
        PUBLIC,
        title="Check your answers",
        csrf="token",
        errors={},
        back="/refer/6",
        sections=sections,
    )


def confirmation(answer: str = "We look at it within 30 minutes, day and night.") -> str:
    return page(
        "confirmation",
        PUBLIC,
        title="Sent",
        heading="Sent",
        reference="NM-7K2F-QP",
        receipt_code="R7KQ-2MFX-9TDA-4WHC",
        steps=[answer, "We may ring you to ask more.", "Use your code to see what came of it."],
    )


def error(kind: str) -> str:
    return page("error", PUBLIC, kind=kind)
