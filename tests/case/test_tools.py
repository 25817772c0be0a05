"""Risk tools: what ticks come to, that a version never changes, and that a score decides nothing at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.case.advance import advance
from exchange.case.event import ContactReceived, LookedAt, Rated
from exchange.case.fields import BY_KEY, Part
from exchange.case.packet import manifest
from exchange.case.referral import present, read, subject_codes
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.tools import DOMESTIC, EXPLOITATION, NEED, NONE, TOOLS, Reading, Tool, score, scores
from exchange.contacting import referrer_from
from exchange.hubs import loader

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
RULES: Rules = loader.read(loader.packaged("demo")).rules


def test_ticks_are_added_up_and_a_blank_says_nothing() -> None:
    found = score(DOMESTIC, "injured, throat, worse")
    assert found
    assert (found.points, found.tool.most) == (3, 24)
    assert found.strong == ("They were held by the throat, smothered or held under water",)
    assert score(DOMESTIC, "") is None
    none = score(DOMESTIC, NONE)
    assert none
    assert none.points == 0


def test_of_signs_of_need_the_highest_level_counts() -> None:
    found = score(NEED, "met, harmed, slipping")
    assert found
    assert found.points == 4


def test_each_child_has_a_score_of_their_own() -> None:
    subjects: tuple[dict[str, str], ...] = (
        {"exploitation_signs": "older, alone"},
        {},
        {"exploitation_signs": "alone"},
    )
    found = [(s.owner, s.points) for s in scores({"domestic_signs": "worse"}, subjects)]
    assert found == [("", 1), ("s1", 3), ("s3", 1)]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.key)
def test_every_tick_is_a_question_of_the_list_in_a_part_of_its_own(tool: Tool) -> None:
    field = BY_KEY[tool.key]
    assert field.part is Part.TOOLS
    assert field.codes == tool.codes
    assert len({s.code for s in tool.signs}) == len({s.label for s in tool.signs}) == len(tool.signs)


# What was once ticked must give the same score for ever: other signs or weights are another version.
VERSIONS = {
    ("concern.domestic_signs", 1): "1ab6181cedeb9caf",
    ("subject.exploitation_signs", 1): "37969182ab928080",
    ("subject.need_signs", 1): "4a6a6f674e2929f7",
}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.key)
def test_a_version_of_a_tool_never_changes(tool: Tool) -> None:
    rows = [(s.code, s.weight, s.strong) for s in tool.signs]
    found = hashlib.sha256(repr((tool.reading.value, rows)).encode()).hexdigest()[:16]
    assert found == VERSIONS[tool.key, tool.version]


def ticked(tool: Tool) -> st.SearchStrategy[str]:
    return st.sets(st.sampled_from([s.code for s in tool.signs]), min_size=1).map(lambda codes: ", ".join(codes))


def contact(domestic: str, exploitation: str, need: str) -> ContactReceived:
    """A contact as every channel makes it of a referral with these ticks."""
    child = {"given_name": "Mina", "date_of_birth": "2014-05-05", "postcode": "ZZ99 9ZZ"}
    tools = {"exploitation_signs": exploitation, "need_signs": need}
    concern = {"what_happened": "x", "domestic_signs": domestic}
    data = {"concern": {k: v for k, v in concern.items() if v},
            "subjects": [{**child, **{k: v for k, v in tools.items() if v}}]}  # fmt: skip
    referral = read(data)
    return ContactReceived(
        at=NOW, case="c1", hub="h1", reference="MASH-0000-0000", rules="r1", channel="web", securely=True,
        referrer=referrer_from(referral), subjects=subject_codes(referral, NOW.date()), fields=present(referral),
    )  # fmt: skip


@given(ticked(DOMESTIC), ticked(EXPLOITATION), ticked(NEED))
def test_no_rule_can_read_a_score_because_no_event_holds_it(domestic: str, exploitation: str, need: str) -> None:
    """Whatever is ticked, the core is told the same, and does the same."""
    assert contact(domestic, exploitation, need) == contact("injured", "older", "met")


def test_whether_a_tool_was_filled_in_changes_no_route_clock_or_rating() -> None:
    """But for the names of the ticks in the list of what an agency may see, all is the same."""
    worst = contact(*(", ".join(s.code for s in tool.signs) for tool in (DOMESTIC, EXPLOITATION, NEED)))
    first, second = advance(None, worst, RULES), advance(None, contact("", "", ""), RULES)
    assert len([name for name in worst.fields if _of_a_tool(name)]) == 3
    assert first.effects == second.effects
    assert _bare(first.case) == _bare(second.case)
    for event in (LookedAt(NOW, "officer", "green"), Rated(NOW, "officer", "s1", "amber")):
        first, second = advance(first.case, event, RULES), advance(second.case, event, RULES)
        assert first.effects == second.effects
        assert _bare(first.case) == _bare(second.case)


def _of_a_tool(name: str) -> bool:
    return name.endswith("_signs")


def _bare(case: Case) -> Case:
    """The case without the names of what was ticked."""
    legs = (replace(x, manifest=tuple(n for n in x.manifest if not _of_a_tool(n))) for x in case.legs)
    subjects = (
        replace(s, codes=replace(s.codes, fields=tuple(n for n in s.codes.fields if not _of_a_tool(n))))
        for s in case.subjects
    )
    fields = tuple(n for n in case.fields if not _of_a_tool(n))
    return replace(case, legs=tuple(legs), subjects=tuple(subjects), fields=fields)


def test_ticks_travel_only_to_whom_a_hub_file_gives_them() -> None:
    event = contact("injured", "older", "met")
    everything = tuple(p for p in Part if p is not Part.TOOLS)
    assert not [n for n in manifest(event.fields, event.subjects, ("s1",), everything) if n.endswith("_signs")]
    found = manifest(event.fields, event.subjects, ("s1",), (Part.TOOLS,))
    assert {n for n in found if n.endswith("_signs")} == {
        "concern.domestic_signs", "s1.exploitation_signs", "s1.need_signs",
    }  # fmt: skip


def test_a_tool_is_read_one_way() -> None:
    assert {tool.reading for tool in TOOLS} == set(Reading)
