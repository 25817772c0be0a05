"""A row of the work list leads to the acts that end it, and to just the part that is about the same thing."""

from datetime import UTC, datetime

from exchange.case.effect import TaskKind
from exchange.desk.acts import ACTS as EVERY_ACT
from exchange.labels import OWED_BY_HUB, OWES
from exchange.store.tasks import Task
from exchange.task_words import BY_THEMSELVES
from exchange.web.act_forms import ActForms
from exchange.web.endings import OF_OWED, OF_TASKS, endings
from exchange.web.matters import PAGES
from exchange.web.worklist import Work

ELSEWHERE = {  # first what has a page of its own, then what ends by itself when it works again
    "agreement", "confirm", "duty", "hub_file", "mail_waits", "record", "return_note", "transcribe",
    "codes_fail", "disk_full", "disk_low", "mail_away", "other_servers", "scanner_away", "not_secure", "stepped_down",
    "tls_fails",
}  # fmt: skip


def test_what_is_named_is_there() -> None:
    assert {act for acts in (*OF_TASKS.values(), *OF_OWED.values()) for act in acts} <= EVERY_ACT.keys()
    assert OF_TASKS.keys() <= set(TaskKind)
    assert OF_OWED.keys() <= OWED_BY_HUB.keys() | OWES.keys()


def test_whatever_cannot_be_ticked_off_leads_somewhere() -> None:
    assert BY_THEMSELVES - PAGES.keys() - ELSEWHERE <= OF_TASKS.keys()
    assert not ELSEWHERE & OF_TASKS.keys()


def test_a_milestone_that_a_discussion_proves_leads_to_calling_one() -> None:
    due = datetime(2026, 3, 27, 17, tzinfo=UTC)

    def ends(clock: str) -> list[str]:
        found = endings(Work("case1", None, (Task("case1", "k", "milestone", f"s1/{clock}", due, due, 0),), "red"))
        return [act for act, _ in found]

    assert ends("strategy_discussion") == ["call", "telephoned"]
    assert ends("icpc") == ["clock_met"]


def part(forms: ActForms, act: str, text: str, **fixed: str) -> None:
    """A part as the template makes it."""
    forms.begin(act, text)
    forms.is_of_another("".join(f'<input type="hidden" name="{n}" value="{v}">' for n, v in fixed.items()))
    forms.end()


def test_of_several_parts_the_one_about_the_same_thing_is_led_to() -> None:
    forms = ActForms()
    for discussion in ("d1", "d2"):
        part(forms, "move", f"Move {discussion}", discussion=discussion)
    assert forms.places([("move", "d2")]) == {"move-2": "Move d2"}
    assert forms.places([("move", "d1/police")]) == {"move": "Move d1"}
    assert forms.places([("move", "d9")]) == {}


def test_one_that_is_fixed_to_nothing_serves_where_none_is_fixed_to_it() -> None:
    forms = ActForms()
    part(forms, "attends", "Confirm", discussion="d1", seat="health", attendance="comes")
    part(forms, "attends", "Confirm", discussion="d1", seat="police", attendance="comes")
    part(forms, "attends", "An invitee says whether they come")
    assert forms.places([("attends", "d1/police")]) == {"attends-2": "Confirm"}
    assert forms.places([("attends", "d2/police")]) == {"attends-3": "An invitee says whether they come"}


def test_the_only_part_of_an_act_serves_and_an_act_without_one_leads_nowhere() -> None:
    forms = ActForms()
    part(forms, "approve_feedback", "Let it go", draft="7")
    assert forms.places([("approve_feedback", ""), ("decide", "s1")]) == {"approve_feedback": "Let it go"}
