"""The subjects of a case on its page: what is known and decided of each, and what the forms about them offer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from exchange import wording
from exchange.case import code_lists as codes
from exchange.case.action import HUB, Action, Doing
from exchange.case.decision import LABELS, ROUTES, Decision, ThresholdDecision
from exchange.case.entrusting import protected
from exchange.case.milestone import Progress
from exchange.case.rules import Rules
from exchange.case.sorting import LEVELS, Ground, Sorting
from exchange.case.state import Case, SubjectEpisode
from exchange.web.context import shown
from templates.disclosed import lane

Rows = list[dict[str, str]]


def cards(case: Case, rules: Rules, names: Mapping[str, str], now: datetime) -> list[tuple[str, Rows]]:
    """(who, what is known and decided) of each subject."""
    return [
        (names[s.id], [{"key": key, "value": value} for key, value in _known(s, case, rules, now) if value])
        for s in case.subjects
    ]


def _known(subject: SubjectEpisode, case: Case, rules: Rules, now: datetime) -> Iterator[tuple[str, str]]:
    if subject.in_error:
        yield "Entered in error", f"By {subject.in_error.by}, {shown(subject.in_error.at, rules, now)}"
        return
    yield "In this contact", lane(subject.codes.form, subject.codes.role)
    yield (
        "Stream of work",
        wording.say(subject.codes.cohort).capitalize() or ("Not known yet" if rules.cohorts else ""),
    )
    yield "Rating", _rating(subject, rules)
    yield "Level of need", codes.LEVEL_OF_NEED.label(subject.levels[-1].code) if subject.levels else ""
    yield "Refusal", _refusal(subject, case)
    yield "Protected address", _address(subject, case, rules, now)
    yield "Borderline", _borderline(subject)
    made = subject.decisions[-1] if subject.decisions else None
    yield "Decision", _decision(made, case, rules, now) if made else _due(subject, rules, now)
    yield "Clocks", "\n".join(_clocks(subject, rules, now))


def _rating(subject: SubjectEpisode, rules: Rules) -> str:
    if subject.ratings:
        return " → ".join(rules.rating(r.code).label for r in subject.ratings)
    return f"{rules.rating(subject.provisional).label}, provisional" if subject.provisional else "Not rated yet"


def _refusal(subject: SubjectEpisode, case: Case) -> str:
    if not subject.codes.refuses:
        return ""
    if not subject.overrides:
        asked = any(subject.id in leg.subjects for leg in case.legs)
        before = "nobody else is asked about them; somebody was before they refused"
        return f"Has capacity and refuses: {before if asked else 'nobody has been asked about them'}"
    return f"Refused; gone on because: {wording.GROUNDS[Ground(subject.overrides[-1].code)].lower()}"


def _address(subject: SubjectEpisode, case: Case, rules: Rules, now: datetime) -> str:
    if not subject.codes.address_protected:
        return ""
    known = [
        f"{wording.agency_name(r.agency, rules)} may know it, released by {r.by}, {shown(r.at, rules, now)}"
        for r in case.address_releases
        if r.owner == subject.id
    ]
    return "\n".join(known) or "Kept out of everything that leaves the hub"


def _borderline(subject: SubjectEpisode) -> str:
    if subject.borderline is None:
        return ""
    said = ", ".join(f"{r.by} {r.code}" for r in subject.reviews)
    return f"Marked by {subject.borderline.by}; second review: {said or 'still to do'}"


def _due(subject: SubjectEpisode, rules: Rules, now: datetime) -> str:
    return f"Due {shown(subject.decide_due, rules, now)}"


def _decision(made: ThresholdDecision, case: Case, rules: Rules, now: datetime) -> str:
    lines = [f"{LABELS[Decision(made.code)]}, by {made.by}, {shown(made.at, rules, now)}"]
    lines += [f"{ROUTES[r].label}. {ROUTES[r].warning}".strip() for r in made.routes]
    if made.missing:
        lines.append(wording.named(f"Decided without the answers of: {', '.join(made.missing)}", case, rules))
    if made.voice not in ("", "heard"):
        lines.append(f"Not heard: {codes.NOT_HEARD.label(made.voice).lower()}")
    if made.follow_up:
        lines.append(f"Looked at again {shown(made.follow_up, rules, now)}")
    return "\n".join(lines)


def _clocks(subject: SubjectEpisode, rules: Rules, now: datetime) -> Iterator[str]:
    for m in subject.milestones:
        state = f"by {shown(m.due, rules, now)}"
        if m.progress is Progress.RUNNING and now >= m.due:
            state = f"LATE, was due {shown(m.due, rules, now)}"
        if m.ended_at:
            state = f"{wording.say(m.progress)} {shown(m.ended_at, rules, now)}"
        yield f"{wording.clock_name(m.name, rules)}: {state}"


def actions(case: Case, rules: Rules, said: Mapping[str, str], now: datetime) -> list[tuple[str, ...]]:
    """(what, whose, by when, how it stands) of each action; `said` has the words by action."""
    return [
        (
            said.get(a.id, a.id),
            wording.owner_name(a.owner, rules),
            shown(a.due, rules, now),
            _doing(a, now),
        )
        for a in case.actions
    ]


def _doing(action: Action, now: datetime) -> str:
    late = action.doing is Doing.OPEN and now >= action.due
    told = "Late" if late else wording.say(action.doing).capitalize()
    told += f", promised by {action.promised:%d/%m/%Y}" if action.promised and action.doing is Doing.OPEN else ""
    return told + (f"; agreed in discussion {action.discussion[1:]}" if action.discussion else "")


def _whose(owner: str) -> str:
    return wording.who(owner) if owner[0] == "s" else f"Person {owner[1:]} of the household"


def choices(case: Case, rules: Rules) -> dict[str, dict[str, str]]:
    """What the forms about subjects offer: codes and their words, by the name of the list."""
    agencies = {a.id: a.name for a in rules.agencies}
    return {
        "sortings": {s.value: wording.SORTINGS[s].capitalize() for s in Sorting if s is not Sorting.UNSORTED},
        "cohorts": {c: wording.say(c).capitalize() for c in rules.cohorts},
        "levels": {code: codes.LEVEL_OF_NEED.label(code) for code in LEVELS},
        "forms": {"child": "Child", "adult": "Adult"},
        "roles": {"at_risk": "Is at risk", "poses_risk": "May pose a risk to others", "missing": "Is missing"},
        "voices": {"heard": "Was heard", **dict(codes.NOT_HEARD.choices)},
        "capacities": dict(codes.CAPACITY_AT_ENQUIRY.choices),
        "outcomes_asked": dict(codes.OUTCOMES_ASKED.choices),
        "routes": {route.value: known.label for route, known in ROUTES.items()},
        "grounds": {ground.value: words for ground, words in wording.GROUNDS.items()},
        "clocks": {c.name: c.label for c in rules.statute.clocks},
        "running": {f"{m.name}": wording.clock_name(m.name, rules) for s in case.subjects for m in s.milestones
                    if m.progress is Progress.RUNNING},
        "owners": {HUB: "The hub", **agencies},
        "open_cases": {agency: agencies.get(agency, agency) for agency in rules.open_cases},
        "protected": {owner: _whose(owner) for owner in sorted(protected(case))},
        "actions": {a.id: f"{a.id} ({wording.owner_name(a.owner, rules)})" for a in case.actions},
        "doings": {"done": "Done", "dropped": "No longer needed", "open": "Open: again after all, or for longer"},
        "discussions": {d.id: f"Discussion {d.id[1:]}" for d in case.discussions},
    }  # fmt: skip
