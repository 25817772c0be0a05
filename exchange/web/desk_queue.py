"""The desk's queue: what nobody has looked at, what is to do and who owes what, and every open case.

What nobody has looked at is never filtered away: its number stands on top, whatever else was chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import referrer_words, wording
from exchange.case.decision import LABELS, Decision
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.case.state import Case, SubjectEpisode
from exchange.covering import gaps, presence_of
from exchange.desk.people import AHEAD
from exchange.heard import with_servers
from exchange.outstanding import outstanding
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, staff, tasks
from exchange.web.choosing import choices, chosen
from exchange.web.context import Site, shown, site_of
from exchange.web.leaves import FEW, Leaf, Leaves
from exchange.web.live import live_of
from exchange.web.matters import matter
from exchange.web.sieve import BY_AGENCY, BY_RATING, MINE, NOBODY, NOT_RATED, YES, Sieve, sieve
from exchange.web.sign_in import menu, viewer_of
from exchange.web.worklist import Work, by_agency, by_due, work

router = APIRouter()
ROWS = FEW


@dataclass(frozen=True, slots=True)
class _Queue:
    """All that is open, and what of it was asked for."""

    matters: tuple[Work, ...]
    cases: tuple[Case, ...]
    unread: tuple[Case, ...]
    of_tasks: dict[str, Case]
    sieve: Sieve
    viewer: str
    now: datetime

    @property
    def late(self) -> frozenset[str]:
        """The cases in which something is late."""
        return frozenset(w.case_id for w in self.matters if w.sign(self.now) == "late")

    def asked_for(self) -> tuple[Sequence[Work], Sequence[Case]]:
        """The matters and the cases to be shown."""
        found = [w for w in self.matters if self._fits(w)]
        late = self.late if self.sieve.late else frozenset()
        cases = [c for c in self.cases if self.sieve.keeps(c, self.viewer) and (not self.sieve.late or c.id in late)]
        if self.sieve.order == BY_RATING:
            return found, cases
        return (by_agency if self.sieve.order == BY_AGENCY else by_due)(found), cases

    def _fits(self, one: Work) -> bool:
        late = one.sign(self.now) == "late"
        return self.sieve.keeps_matter(one, self.of_tasks.get(one.case_id), self.viewer, late=late)

    @property
    def waiting(self) -> int:
        """How much others owe that is not late."""
        return len([w for w in self.matters if not w.for_the_desk and w.sign(self.now) != "late"])

    @property
    def unread_late(self) -> int:
        """How many nobody has looked at, and somebody should have."""
        return len([c for c in self.unread if self.now >= c.first_look_due])

    def counts(self, rules: Rules) -> list[dict[str, Any]]:
        """How much there is of what a desk looks for first, each with its way there and back."""
        shown = (w for w in self.matters if w.for_the_desk or w.sign(self.now) == "late")
        ours, top = [w for w in shown if not w.of_nobody], rules.ratings[0]
        danger = len([c for c in self.unread if c.danger])
        not_seen = f"Not yet looked at, {danger} with danger now" if danger else "Not yet looked at"
        unread = {"text": not_seen, "of": len(self.unread), "href": "/desk#unread", "on": False}
        return [
            unread,
            self._count("Late", len([w for w in ours if w.sign(self.now) == "late"]) + self.unread_late, late=YES),
            self._count(
                f"To do, {top.label.lower()}", len([w for w in ours if w.rating == top.code]), rating=top.code
            ),
            self._count("To do, not rated", len([w for w in ours if not w.rating]), rating=NOT_RATED),
            self._count("Cases of mine", len([c for c in self.cases if c.owner == self.viewer]), owner=MINE),
            self._count("Cases of nobody", len([c for c in self.cases if not c.owner]), owner=NOBODY),
        ]

    def _count(self, text: str, of: int, **choice: str) -> dict[str, Any]:
        on = all(getattr(self.sieve, name) == value for name, value in choice.items())
        href = self.sieve.address(**(dict.fromkeys(choice, "") if on else choice))
        return {"text": text, "of": of, "href": href, "on": on}


@router.get("/desk")
async def overview(request: Request) -> Response:
    """The queue: unread first, of it danger first; then what is to do and who owes what, soonest due first."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, rules, now = site.hub, await site.rules(), site.hub.clock.now()
    live = await live_of(request, viewer)
    owed = await outstanding(hub, viewer, now)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        unread = sorted(await casebook.listing(tx, unread=True), key=lambda c: (not c.danger, c.first_look_due))
        cases = {c.id: c for c in await casebook.listing(tx)}
        todo, presence = await tasks.pending(tx), await presence_of(hub, tx, rules)
        of_tasks = {t.case_id: cases.get(t.case_id) or await casebook.load(tx, t.case_id) for t in todo if t.case_id}
        members = [m.id for m in await staff.everybody(tx)]
    leaf, seen = Leaves(request, ROWS), sieve(request.query_params, rules, members)
    matters = tuple(work(owed, todo, of_tasks, rules, skip="first_look"))
    queue = _Queue(matters, tuple(cases.values()), tuple(unread), cases | of_tasks, seen, viewer.id, now)
    works, kept = queue.asked_for()
    lists: dict[str, Any] = {
        "unread": leaf("looks", unread, lambda c: _unread(c, rules, site)),
        "todo": await _shown(
            leaf("todo", works, lambda w: {"of": w}), cases | of_tasks, rules, presence, site, viewer
        ),
        "cases": leaf("cases", kept, lambda c: _case_row(c, rules, site)),
    }
    return await site.page(
        request, "desk/overview", title="Cases", navigation=menu(request), signed_in_as=viewer.id,
        danger=len([c for c in unread if c.danger]), few=bool(await gaps(hub, rules, AHEAD)),
        counts=queue.counts(rules), sieve=seen,
        of={"cases": len(queue.cases)}, waiting=queue.waiting, chosen=chosen(seen, rules),
        choose=choices(rules, members, viewer.id), values=seen.values(), live=live, **lists,
    )  # fmt: skip


async def _shown(
    part: Leaf, cases: dict[str, Case], rules: Rules, presence: Presence, site: Site, viewer: Viewer
) -> Leaf:
    """The rows of one part of the work list, with what servers said: only for these is anything opened."""
    works: list[Work] = [row["of"] for row in part.rows]
    said = iter(await with_servers(site.hub, viewer, [w.owed for w in works if w.owed]))
    works = [replace(w, owed=next(said)) if w.owed else w for w in works]
    return replace(part, rows=tuple(matter(w, cases.get(w.case_id), rules, presence, site) for w in works))


def _unread(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    now = site.hub.clock.now()
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, now),
        "channel": referrer_words.came_by(case.channel),
        "due": shown(case.first_look_due, rules, now), "late": now >= case.first_look_due, "danger": case.danger,
        "unproved": case.channel == "mail" and not (case.referrer.proved or case.referrer.mailbox),
        "more": case.additions > 0, "securely": case.securely, "counts_as": rules.ratings[0].label,
        "ratings": [(wording.rated(s, rules), wording.rank(s.rating, rules)) for s in case.subjects if s.rating],
    }  # fmt: skip


def _case_row(case: Case, rules: Rules, site: Site) -> dict[str, Any]:
    seems = f"{rules.rating(case.provisional).label} (first look), not typed in yet" if case.provisional else ""
    ratings = ", ".join(f"{_rating(s, rules)}{decision_of(s)}" for s in case.subjects) or seems
    return {
        "reference": case.reference, "received": shown(case.received_at, rules, site.hub.clock.now()),
        "sort": case.received_at.isoformat(), "danger": case.danger and not case.decided,
        "ratings": ratings or "not yet transcribed", "owner": case.owner or "Nobody",
    }  # fmt: skip


def _rating(subject: SubjectEpisode, rules: Rules) -> str:
    return wording.rated(subject, rules)


def decision_of(subject: SubjectEpisode) -> str:
    """What was decided, as it is said after the rating."""
    return f", decided: {LABELS[Decision(subject.decision)]}" if subject.decision else ""
