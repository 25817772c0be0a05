"""The work list: each matter once, with what is owed in it and what the desk must do; the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.outstanding import HUB_OWNS
from exchange.owed import Owed
from exchange.store.tasks import Task

_OF_LEG = ("acknowledgement", "answer")
_SAME_MATTER = {  # a task is about what is owed: both say the same, one for the desk, one of somebody else
    "first_look": ("first_look",),
    "transcribe": ("transcribe",),
    "silent_agency": _OF_LEG,
    "telephone_agency": _OF_LEG,
    "no_deputy": _OF_LEG,
    "cannot_open": _OF_LEG,
    "wrong_person": _OF_LEG,
    "silent_invitee": ("attendance",),
    "full_discussion": ("full_discussion",),
    "decide": ("decision",),
    "tell_referrer": ("feedback",),
    "ring_referrer": ("feedback",),
    "not_taken_on": ("hand_over",),
    "outcome_overdue": ("outcome",),
    "challenged": ("challenge",),
    "owner_silent": ("release",),
    "unconfirmed_recall": ("recall",),
    "manager": (*_OF_LEG, "attendance"),
    "lead_unreached": (*_OF_LEG, "attendance"),
    "duty": ("duty",),
    "return_note": ("return_note",),
    "milestone": ("milestone",),
    "action": ("action",),
    "declined": ("decline",),
    "approve_feedback": ("second_look",),
    "record": ("record",),
    "hand_over": ("to_hand_over",),
    **{
        kind: (kind,)
        for kind in ("refusal", "elsewhere", "decided_anew", "keep_from", "told_late", "unclear_answer", "mail_waits")
    },
    "cannot_do": ("action",),
    "needs_longer": ("action",),
}
_OF_NOBODY = frozenset(  # what the board is told, a key that nobody uses yet, and what is about a mailbox
    {"agreement", "key_change", "drill_failed", "key_ends", "key_unusable", "stepped_down", "mailbox_moves"}
    | {"hub_file", "not_proved", "go_live", "signature_ends", "one_key_ends"}
)
# Of these, what keeps an agency from being reached or may lead its letters astray: not buried below every case.
_SOON = frozenset({"key_change", "key_unusable", "mailbox_moves", "not_proved"})
_ORDER = ("late", "now", "")
FEWEST = 3  # matters that the page of a case shows at once, when it has as many
_AMONG = 1  # the rank of the second most urgent rating


@dataclass(frozen=True, slots=True)
class Work:
    """One matter."""

    case_id: str  # "" for a mail that belongs to no case yet
    owed: Owed | None
    tasks: tuple[Task, ...]
    rating: str  # "" when nobody has said how urgent it is

    @property
    def of_nobody(self) -> bool:
        """It is about no person's safety: it stops nothing, and stands below what does."""
        return self.owed is None and all(t.kind in _OF_NOBODY for t in self.tasks)

    @property
    def for_the_desk(self) -> bool:
        """Somebody of the hub must do something about it now; otherwise it waits for somebody else."""
        return bool(self.tasks) or self.owed is None or self.owed.owner == HUB_OWNS

    @property
    def is_soon(self) -> bool:
        """About nobody, and not to be buried all the same."""
        return any(t.kind in _SOON for t in self.tasks)

    def is_pressing(self, ranks: Mapping[str, int], now: datetime) -> bool:
        """Nobody may have to open anything to see it."""
        if self.of_nobody:
            return self.is_soon
        return bool(self.sign(now)) or (self.for_the_desk and self.rank(ranks) == 0)

    def rank(self, ranks: Mapping[str, int]) -> int:
        """Where it stands among ratings: what nobody has rated first, what is about nobody last."""
        if self.of_nobody:
            return _AMONG if self.is_soon else len(ranks)
        return ranks.get(self.rating, 0)

    @property
    def due(self) -> datetime:
        """The soonest of what is due in it."""
        asked = [t.due for t in self.tasks]
        return min([self.owed.due, *asked] if self.owed else asked)

    def sign(self, now: datetime) -> str:
        """`late`; `now` when it was asked for at once; or ""."""
        if self.owed and self.owed.overdue:
            return "late"
        past = [t for t in self.tasks if t.due <= now]
        at_once = all(t.due <= t.opened_at and not t.pressed for t in past)
        return ("now" if at_once else "late") if past else ""


def work(
    owed: Iterable[Owed], tasks: Sequence[Task], cases: Mapping[str, Case], rules: Rules, *, skip: str = ""
) -> list[Work]:
    """All matters but those of `skip`: by rating, what nobody has rated first; then by when it is due."""
    left = list(tasks)
    found = []
    for one in owed:
        mine = tuple(t for t in left if _is_about(t, one))
        left = [t for t in left if t not in mine]
        found.append(Work(one.case_id, one, mine, one.rating))
    found += [Work(t.case_id, None, (t,), _rating(cases.get(t.case_id), t, rules)) for t in left]
    ranks = {r.code: n for n, r in enumerate(rules.ratings)}
    kept = [w for w in found if not skip or skip not in (w.owed.what if w.owed else "", *(t.kind for t in w.tasks))]
    return sorted(kept, key=lambda w: (w.rank(ranks), w.due))


def by_due(matters: Iterable[Work]) -> list[Work]:
    """The same, soonest due first whatever its rating; what is about nobody stays last, unless an agency cannot be
    reached for it."""
    return sorted(matters, key=lambda w: (w.of_nobody and not w.is_soon, w.due))


def by_agency(matters: Iterable[Work]) -> list[Work]:
    """The same, with all that concerns one agency together, where the most urgent of it stands: one call does."""
    found: dict[str, list[Work]] = {}
    for n, one in enumerate(matters):
        agency = one.owed.agency if one.owed else ""
        found.setdefault(agency or f"of nobody {n}", []).append(one)
    return [one for together in found.values() for one in together]


def folded(matters: Sequence[Work], rules: Rules, now: datetime) -> tuple[list[Work], list[Work]]:
    """(what the page of a case shows at once, what it folds away) of matters in the order of `work`. What is late or
    was asked for at once is never folded away, nor what the desk must do for somebody most urgent; and nothing that
    is folded away is more urgent, or as urgent and due sooner, than what fills the rest of the few rows."""
    ranks = {r.code: n for n, r in enumerate(rules.ratings)}
    pressing = [w.is_pressing(ranks, now) for w in matters]
    room = max(FEWEST - sum(pressing), 0)
    shown: list[Work] = []
    rest: list[Work] = []
    for one, presses in zip(matters, pressing, strict=True):
        fits = presses or room > 0
        room -= fits and not presses
        (shown if fits else rest).append(one)
    shown.sort(key=lambda w: (w.rank(ranks), _ORDER.index(w.sign(now))))  # stable: then as they came
    return by_agency(shown), by_agency(rest)


def _is_about(task: Task, owed: Owed) -> bool:
    same = owed.what in _SAME_MATTER.get(task.kind, ())
    return same and (task.case_id, task.about) == (owed.case_id, owed.about)


def _rating(case: Case | None, task: Task, rules: Rules) -> str:
    """The most urgent rating of the subjects a task is about, or of the case."""
    if case is None:
        return ""
    if not case.subjects:
        return case.provisional
    leg, subject = case.leg(task.about), case.subject(task.about)
    about = leg.subjects if leg else (subject.id,) if subject else ()
    given = {s.rating for s in case.subjects if not about or s.id in about}
    return "" if "" in given else next((r.code for r in rules.ratings if r.code in given), "")
