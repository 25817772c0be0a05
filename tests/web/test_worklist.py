"""The work list says each thing once, the most urgent first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from exchange.case.effect import TaskKind
from exchange.case.event import LookedAt
from exchange.owed import Owed
from exchange.store.tasks import Task
from exchange.web.worklist import Work, by_agency, folded, work
from tests.case.stories import RULES, Story, at, child, contact, rates


def owed(what: str, about: str, due: datetime, rating: str = "amber", case: str = "case1") -> Owed:
    return Owed(case, "MASH-1", what, about, "Police", at(), due, False, "", rating, "ring", None, "01632 960110")


def task(kind: str, about: str, due: datetime, case: str = "case1", pressed: int = 0) -> Task:
    return Task(case, f"{kind}:{about}", kind, about, at(), due, pressed)


def told(*given: Owed | Task, skip: str = "") -> list[tuple[str, ...]]:
    """What the list says, as (what is owed, kinds of tasks)."""
    case = Story(contact(child(), child("s2")), rates("s1", "red"), rates("s2", "green")).case
    dues = [g for g in given if isinstance(g, Owed)]
    tasks = [g for g in given if isinstance(g, Task)]
    return [shown(w) for w in work(dues, tasks, {"case1": case}, RULES, skip=skip)]


def shown(one: Work) -> tuple[str, ...]:
    return (one.owed.what if one.owed else "", *(t.kind for t in one.tasks))


@pytest.mark.parametrize(
    ("what", "about", "kind"),
    [
        ("acknowledgement", "l1", "silent_agency"),
        ("answer", "l1", "telephone_agency"),
        ("attendance", "d1/i2", "silent_invitee"),
        ("decision", "s1", "decide"),
        ("feedback", "", "tell_referrer"),
        ("milestone", "s1/icpc", "milestone"),
        ("action", "a1", "action"),
        ("decline", "l1", "declined"),
        ("second_look", "", "approve_feedback"),
    ],
)
def test_what_is_owed_and_what_the_desk_must_do_about_it_are_one_matter(what: str, about: str, kind: str) -> None:
    assert told(owed(what, about, at(5)), task(kind, about, at(4))) == [(what, kind)]
    assert len(told(owed(what, about, at(5)), task(kind, "x9", at(4)))) == 2
    assert len(told(owed(what, about, at(5)), task(kind, about, at(4), "case2"))) == 2


def test_every_kind_of_task_is_in_the_list_whether_something_is_owed_or_not() -> None:
    everything = [task(kind, "l1", at(1)) for kind in TaskKind]
    assert sorted(k for _, *kinds in told(*everything) for k in kinds) == sorted(TaskKind)


def test_the_most_urgent_comes_first_what_nobody_rated_with_it_and_then_what_is_due_first() -> None:
    rows = (
        owed("answer", "l1", at(1), "green"),
        owed("acknowledgement", "l2", at(9), "red"),
        owed("decision", "s1", at(3), "red"),
        owed("feedback", "", at(5), ""),
        task("declined", "l3", at(4)),  # of a leg about both children: red
        task("holding_pen", "mail-1", at(2), ""),
    )
    order = [w[0] or w[1] for w in told(*rows)]
    assert order == ["holding_pen", "decision", "declined", "feedback", "acknowledgement", "answer"]


def test_what_stands_in_a_list_of_its_own_is_left_out() -> None:
    rows = (owed("first_look", "", at(1)), task("first_look", "", at(1)), task("first_look", "", at(1), "case2"))
    assert told(*rows, owed("decision", "s1", at(2)), skip="first_look") == [("decision",)]


def test_late_is_said_of_what_is_past_and_now_of_what_was_asked_for_at_once() -> None:
    late, early = Work("c", replace(owed("answer", "l1", at(5)), overdue=True), (), ""), at(3)
    assert late.sign(at(6)) == "late"
    assert Work("c", owed("answer", "l1", at(5)), (), "").sign(early) == ""
    assert Work("c", None, (task("declined", "l1", at(0)),), "").sign(early) == "now"
    assert Work("c", None, (task("declined", "l1", at(0), pressed=1),), "").sign(early) == "late"
    assert Work("c", None, (task("no_automatic_receipt", "", at(2)),), "").sign(early) == "late"
    assert Work("c", None, (task("no_automatic_receipt", "", at(4)),), "").sign(early) == ""


def test_what_is_about_nobody_stands_below_everybody() -> None:
    case = Story(contact(child(), child("s2"))).case
    agreement, ring = task("agreement", "l9", at(1)), task("silent_agency", "l1", at(9))
    found = work([], [agreement, ring], {"case1": case}, RULES)
    assert [w.tasks[0].kind for w in found] == ["silent_agency", "agreement"]
    assert [w.of_nobody for w in found] == [False, True]


def test_the_first_look_rates_what_is_not_typed_in_yet() -> None:
    case = Story(contact(), LookedAt(at(5), "duty-1", "red")).case
    assert [w.rating for w in work([], [task("transcribe", "", at(9))], {"case1": case}, RULES)] == ["red"]


def test_all_that_concerns_one_agency_stands_together_where_its_most_urgent_does() -> None:
    of = [replace(owed("answer", f"l{n}", at(n)), agency=agency) for n, agency in enumerate("pqp")]
    matters = [Work("case1", one, (), "amber") for one in of]
    matters.insert(1, Work("case1", None, (task("decide", "s1", at(1)),), "amber"))
    order = [one.owed.about if one.owed else one.tasks[0].about for one in by_agency(matters)]
    assert order == ["l0", "l2", "s1", "l1"]


def test_the_most_urgent_and_what_is_late_are_never_folded_away() -> None:
    late = replace(owed("answer", "l1", at(1), "green"), overdue=True)
    rows = [
        *(owed("answer", f"l{n}", at(100 + n), "red") for n in range(2, 7)),  # of others, and in time
        late,
        replace(owed("decision", "s1", at(300), "red"), owner="the hub"),
        owed("feedback", "", at(200), "amber"),
        task("declined", "l9", at(0)),
        task("agreement", "l8", at(0)),
    ]
    case = Story(contact(child())).case
    matters = work([r for r in rows if isinstance(r, Owed)], [r for r in rows if isinstance(r, Task)],
                   {"case1": case}, RULES)  # fmt: skip
    open_, fold = folded(matters, RULES, at(10))
    assert [shown(w) for w in open_] == [("", "declined"), ("decision",), ("answer",)]
    assert open_[-1].owed == late
    assert [w.owed.about if w.owed else "" for w in fold] == ["l2", "l3", "l4", "l5", "l6", "", ""]

    calm = [w for w in matters if w not in open_]
    open_, fold = folded(calm, RULES, at(10))  # nothing presses: as many as there is room for, the soonest due first
    assert [w.owed.about if w.owed else "" for w in open_] == ["l2", "l3", "l4"]
    assert len(fold) == 4
