"""Playback: what was written so far, topic by topic, for checking before it is sent and for keeping after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from exchange.case.fields import BY_KEY, Field, Kind
from exchange.case.journeys import JOURNEYS, MAY_WE, WHOM, Journey
from exchange.web import asking, files
from exchange.web.drafts import Draft
from templates import moments
from templates.languages import N_, say

FILES = N_("Files: a photograph, a letter or a report")
_MAY_WE = N_("May we know who you are?")
_WHOM = N_("Who is this about?")
_SAID = {
    MAY_WE: {"unnamed": (_MAY_WE, N_("No"))},
    WHOM: {"self": (_WHOM, N_("Me")), "friend": (_WHOM, N_("A friend, or somebody else"))},
}


def sections(draft: Draft, *, change: bool = True) -> list[dict[str, Any]]:
    """What was written, topic by topic."""
    found = []
    for step in asking.steps(draft):
        kept = step.of(draft) if step.topic else {}
        rows = [_row(f, kept) for f in step.asked(draft) if _told(f, kept, change)] if step.topic else []
        said = _SAID.get(step.kind, {}).get(draft.about if step.kind == WHOM else draft.who)
        if said:
            rows = [{"key": say(said[0]), "value": say(said[1])}]
        if rows:
            to = f"/referral/{step.slug}" + ("?change" if step.topic else "")
            found.append({"title": _title(draft, step), "rows": rows, "change": to if change else None})
    if draft.files:
        rows = [{"key": f["name"], "value": files.row(f)["what"]} for f in draft.files]
        found.append({"title": say(FILES), "rows": rows, "change": "/referral/files" if change else None})
    return found


def blank(draft: Draft) -> list[dict[str, str]]:
    """What was left blank, and may still be told."""
    steps = [
        s for s in asking.steps(draft) if s.topic and not any(_told(f, s.of(draft), True) for f in s.asked(draft))
    ]
    found = [{"text": _title(draft, s), "href": f"/referral/{s.slug}?change"} for s in steps]
    found += (
        [] if draft.files or draft.journey is Journey.YOUNG else [{"text": say(FILES), "href": "/referral/files"}]
    )
    more = {"text": say("More, if you can tell us more"), "href": "/referral/more"}
    return [*found, more] if draft.journey in _MAY_TELL_MORE and not draft.more else found


_MAY_TELL_MORE = (Journey.WORK, Journey.PUBLIC)


def as_posted(slug: str, posted: Mapping[str, str]) -> list[dict[str, str]]:
    """What stood on a page of questions, in the order of its questions, when nothing else is known of the form."""
    stops = [s for stops in JOURNEYS.values() for s in stops if s.slug in (slug, slug.rpartition("-")[0])]
    asked = {f.name: f for s in stops if s.topic for n in s.topic.names if (f := BY_KEY[f"{s.topic.section}.{n}"])}
    found = []
    for name, field in asked.items():
        date_parts = [posted.get(f"{name}-{part}", "") for part in ("day", "month", "year")]
        answer = " ".join(filter(None, date_parts)) if any(date_parts) else _in_words(field, posted.get(name, ""))
        if answer:
            found.append({"key": say(field.label), "value": answer})
    return found


def said_of(answers: Mapping[str, str]) -> str:
    """A few answers on one line, as they were written."""
    shown = (
        _in_words(BY_KEY[f"subject.{name}"], said) for name, said in answers.items() if name != "address_protected"
    )
    kept_secret = (say("kept secret"),) if answers.get("address_protected") == "yes" else ()
    return ", ".join([", ".join(part.split("\n")) for part in shown] + [*kept_secret])


def _title(draft: Draft, step: asking.Step) -> str:
    if step.topic is None:
        return say("Who this is about") if step.kind == WHOM else say("About you")
    named = step.number and draft.journey is not Journey.YOUNG
    about = f"{name_of(step.of(draft), step.number)}: " if named else ""
    heading = say(step.topic.heading)
    return about + (asking.lowered(heading) if about else heading)


def _told(field: Field, kept: dict[str, str], change: bool) -> bool:
    return bool(kept.get(field.name)) or (change and field.required)


def _row(field: Field, kept: dict[str, str]) -> dict[str, Any]:
    answer = kept.get(field.name, "")
    if field.kind is Kind.DATE and answer:
        return {"key": say(field.label), "value": moments.day(date.fromisoformat(answer))}
    return {"key": say(field.label), "value": _in_words(field, answer) or "–"}


def _in_words(field: Field, answer: str) -> str:
    """An answer as whoever gave it reads it."""
    if field.codes is None:
        return answer
    return "; ".join(say(field.codes.label(code)) for code in field.chosen(answer))


def name_of(answers: Mapping[str, str], number: int) -> str:
    """A person as whoever writes knows them."""
    given = f"{answers.get('given_name', '')} {answers.get('family_name', '')}".strip() or answers.get("name", "")
    return given or (
        say("The baby not yet born") if answers.get("unborn") == "yes" else say("Person %(number)s", number=number)
    )
