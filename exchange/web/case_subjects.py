"""The subjects of a case on its page: what is known and decided of each, and what the forms about them offer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from exchange import labels, wording
from exchange.case import code_lists as codes
from exchange.case.action import HUB, Action, Doing
from exchange.case.decision import LABELS, ROUTES, Decision, ThresholdDecision, decisions_for
from exchange.case.entrusting import protected
from exchange.case.fields import Field, Section, questions
from exchange.case.milestone import PROVED_BY_A_DISCUSSION, Progress
from exchange.case.rules import AgencyRules, Rules
from exchange.case.sorting import LEVELS, Ground, Sorting
from exchange.case.state import Case, SubjectEpisode
from exchange.web.context import shown
from templates.disclosed import Group, lane

Rows = list[dict[str, str]]
ESSENTIAL = frozenset(  # of a subject: asked by name on the page, before all the rest
    {"given_name", "family_name", "date_of_birth", "expected_date", "unborn", "address", "postcode"}
    | {"address_protected"}
)
DISAGREED = "Not agreed: talk it over, then rate or level it anew, or let a manager decide and write why."
_SUBJECTS = re.compile(r"\bSubjects? (\d+(?:(?:, | and )\d+)*)")  # as `wording` writes them
_ROLES = {"at_risk": "Is at risk", "poses_risk": "May pose a risk to others", "missing": "Is missing"}


def people(
    case: Case, rules: Rules, names: Mapping[str, str], groups: Iterable[Group], now: datetime
) -> list[dict[str, Any]]:
    """Each subject: a line with what matters now, what the hub made of them, and all that is known."""
    told = {g.owner: [{"key": r.label, "value": r.answer} for r in g.rows] for g in groups}
    return [
        {
            "id": s.id, "name": names[s.id], "what": f"{wording.who(s.id)}, {wording.lane_of(s.codes)}",
            "rating": wording.rated(s, rules), "rank": wording.rank(s.rating, rules),
            "decision": LABELS[Decision(s.decision)] if s.decision else f"Not yet. {_due(s, rules, now)}",
            "note": "" if s.decision else _disagreement(s),
            "clocks": [line for line in _clocks(s, rules, now) if not line.startswith("Done")],
            "made": [{"key": key, "value": value} for key, value in _known(s, case, rules, now) if value],
            "told": told.get(s.id, []),
        }
        for s in case.subjects
    ]  # fmt: skip


def by_name(row: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A row of the work list with its subjects by name, where whoever looks may know them."""

    def named(line: str) -> str:
        return _SUBJECTS.sub(lambda m: re.sub(r"\d+", lambda n: names.get(f"s{n[0]}", m[0]), m[1]), line)

    tasks = [{**t, "about": named(t["about"])} for t in row["tasks"]]
    return {**row, "owner": named(row["owner"]), "what": named(row["what"]), "tasks": tasks}


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
    yield "Refusal", _refusal(subject, case, rules)
    yield "Protected address", _address(subject, case, rules, now)
    yield "Borderline", _borderline(subject)
    made = subject.decisions[-1] if subject.decisions else None
    yield "Decision", _decision(made, case, rules, now) if made else _due(subject, rules, now)
    yield "Clocks", "\n".join(_clocks(subject, rules, now))


def _rating(subject: SubjectEpisode, rules: Rules) -> str:
    if subject.ratings:
        return " → ".join(rules.rating(r.code).label for r in subject.ratings)
    return f"{rules.rating(subject.provisional).label}, provisional" if subject.provisional else "Not rated yet"


def _refusal(subject: SubjectEpisode, case: Case, rules: Rules) -> str:
    if not subject.codes.refuses:
        return ""
    if not subject.overrides:
        asked = any(subject.id in leg.subjects for leg in case.legs)
        before = "nobody else is asked about them; somebody was before they refused"
        return f"Has capacity and refuses: {before if asked else 'nobody has been asked about them'}"
    made = subject.overrides[-1]
    only = ", ".join(wording.agency_name(a, rules) for a in made.agencies)
    ground = labels.GROUNDS[Ground(made.code)].lower()
    return f"Refused; gone on because: {ground}" + (f". For {only} alone" if only else "")


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
    return (
        f"Marked by {subject.borderline.by}; second review: {said or 'still to do'}. {_disagreement(subject)}".strip()
    )


def _disagreement(subject: SubjectEpisode) -> str:
    """What is to do when the second person did not agree; ""."""
    return DISAGREED if subject.reviews and subject.reviews[-1].code == "disagrees" else ""


def _due(subject: SubjectEpisode, rules: Rules, now: datetime) -> str:
    return f"Due {shown(subject.decide_due, rules, now)}"


def _decision(made: ThresholdDecision, case: Case, rules: Rules, now: datetime) -> str:
    lines = [f"{LABELS[Decision(made.code)]}, by {made.by}, {shown(made.at, rules, now)}"]
    lines += made.cautions
    lines += [f"Not taken any more: {ROUTES[r].label}" for r in made.drops]
    lines += _adult(made)
    if made.missing:
        lines.append(wording.named(f"Decided without the answers of: {', '.join(made.missing)}", case, rules))
    if made.voice not in ("", "heard"):
        lines.append(f"Not heard: {codes.NOT_HEARD.label(made.voice).lower()}")
    if made.follow_up:
        lines.append(f"Looked at again {shown(made.follow_up, rules, now)}")
    return "\n".join(lines)


def _adult(made: ThresholdDecision) -> Iterator[str]:
    """Capacity, what they want, and the limbs of section 42, as the decision rests on them."""
    if made.capacity:
        yield f"Capacity for this decision: {codes.CAPACITY_AT_ENQUIRY.label(made.capacity).lower()}"
    if made.outcomes_asked:
        yield f"Asked what they want: {codes.OUTCOMES_ASKED.label(made.outcomes_asked).lower()}"
    if made.limbs:
        for limb, label in labels.LIMBS.items():
            yield f"Section 42: {label.lower()}: {'yes' if getattr(made.limbs, limb) else 'no'}"


def questions_of_lanes() -> dict[str, list[Field]]:
    """What can be written about a subject beyond the essentials: of anybody, of a child alone, of an adult alone."""
    of = {
        form: [f for f in questions(Section.SUBJECT, form) if f.name not in ESSENTIAL] for form in ("child", "adult")
    }
    names = {form: {f.name for f in of[form]} for form in of}
    return {
        "both": [f for f in of["child"] if f.name in names["adult"]],
        "child": [f for f in of["child"] if f.name not in names["adult"]],
        "adult": [f for f in of["adult"] if f.name not in names["child"]],
    }


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


def _minimal_first(rules: Rules) -> list[AgencyRules]:
    """Social care, whose the decision is, before all others: a refusal is overridden for as few as will do."""
    return sorted(rules.agencies, key=lambda a: "social_care" not in " ".join(a.functions))


def standing_routes(case: Case) -> tuple[str, ...]:
    """The specialist routes that decisions take now: ticked already, so that none is dropped unawares."""
    taken = (route for s in case.subjects if s.decisions for route in s.decisions[-1].routes)
    return tuple(dict.fromkeys(route.value for route in taken))


def decisions(case: Case) -> dict[str, str]:
    """What may be decided of somebody of the case."""
    forms = {s.codes.form for s in case.subjects}
    fit = {d for form in forms for d in decisions_for(form)}
    return {d.value: text for d, text in LABELS.items() if d in fit}


def _persons(case: Case) -> list[str]:
    """Those of the household, in their order."""
    owners = {name.partition(".")[0] for name in case.fields if name[0] == "p"}
    return sorted((o for o in owners if o[1:].isdigit()), key=lambda o: int(o[1:]))


def questions_of_persons() -> list[Field]:
    """What may be asked about somebody of the household, of a child or an adult."""
    both = (f for form in ("child", "adult") for f in questions(Section.PERSON, form))
    return list(dict.fromkeys(both))


def choices(case: Case, rules: Rules) -> dict[str, dict[str, str]]:
    """What the forms about subjects offer: codes and their words, by the name of the list."""
    agencies = {a.id: a.name for a in rules.agencies}
    return {
        "sortings": {s.value: labels.SORTINGS[s].capitalize() for s in Sorting if s is not Sorting.UNSORTED},
        "cohorts": {c: wording.say(c).capitalize() for c in rules.cohorts},
        "levels": {code: codes.LEVEL_OF_NEED.label(code) for code in LEVELS},
        "forms": {"child": "Child", "adult": "Adult"},
        "subject_roles": _ROLES,
        "voices": {"heard": "Was heard", **dict(codes.NOT_HEARD.choices)},
        "capacities": dict(codes.CAPACITY_AT_ENQUIRY.choices),
        "outcomes_asked": dict(codes.OUTCOMES_ASKED.choices),
        "routes": {route.value: known.label for route, known in ROUTES.items()},
        "grounds": {ground.value: words for ground, words in labels.GROUNDS.items()},
        "minimal_first": {a.id: a.name for a in _minimal_first(rules)},
        "clocks": {c.name: c.label for c in rules.statute.clocks},
        "running": {f"{m.name}": wording.clock_name(m.name, rules) for s in case.subjects for m in s.milestones
                    if m.progress is Progress.RUNNING and (case.closed or m.name not in PROVED_BY_A_DISCUSSION)},
        "action_owners": {HUB: "The hub", **agencies},
        "open_cases": {agency: agencies.get(agency, agency) for agency in rules.open_cases},
        "persons": {p: _whose(p) for p in _persons(case)},
        "in_error": {s.id: wording.who(s.id) for s in case.subjects if s.in_error},
        "protected": {owner: _whose(owner) for owner in sorted(protected(case))},
        "actions": {a.id: f"{a.id} ({wording.owner_name(a.owner, rules)})" for a in case.actions},
        "doings": {"done": "Done", "dropped": "No longer needed", "open": "Open: again after all, or for longer"},
        "discussions": {d.id: f"Discussion {d.id[1:]}" for d in case.discussions},
    }  # fmt: skip
