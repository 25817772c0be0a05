"""A dry run: who would be asked what about somebody, by the very functions that cases go through; nothing is kept.

1. An imagined contact is made of codes, and moved by `advance` with the rules it is tried on: routes, refusals,
   restrictions and manifests are those of a real one. Its answers are all that the form could hold.
2. To whom a packet would go, and by which way, `posting` says with the directory and the keys as they stand today.
3. Nothing is sent, sealed or stored; what is told are names of fields and codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from exchange import guarding, owners
from exchange.blockers import today
from exchange.case import packet, routing
from exchange.case.advance import advance
from exchange.case.agreement import Standing, standing
from exchange.case.effect import Effect, Letter, OpenTask, TaskKind
from exchange.case.event import ContactReceived, LookedAt
from exchange.case.feedback import MAY_BE_TOLD, ReferrerClass
from exchange.case.fields import FIELDS, Section
from exchange.case.mailbox import Directory
from exchange.case.referral import SubjectCodes
from exchange.case.rules import Route, Rules
from exchange.case.state import Case, Leg, ReferrerCodes
from exchange.hub import Hub
from exchange.hub_file import HubFiles
from exchange.keyroom import Keyroom
from exchange.pins import pins_of
from exchange.policy import Action, Viewer
from exchange.posting import File, Held, recipient
from exchange.reaching import WHY as REACH
from exchange.store import casebook, evidence, leave, profiles
from exchange.store.database import Transaction
from exchange.task_words import TASKS
from exchange.ways import way

_NOBODY = "dry-run"  # where an event names a case, a member of staff or a hash
_HOLDS = frozenset({TaskKind.REFUSAL, TaskKind.NO_ROUTE, TaskKind.ANOTHER_RECIPIENT, TaskKind.KEEP_FROM})
WHY = REACH | {
    "no_mailbox": "it has no mailbox that may be written to",
    "no_other_mailbox": "everybody who reads its mailboxes must not see the case",
    "no_transport": "its mailbox lists no way that a packet may go",
}
_PROTECTED = "address_protected"


@dataclass(frozen=True, slots=True)
class Imagined:
    """What is known of a contact that nobody has made."""

    subjects: tuple[SubjectCodes, ...]
    rating: str = ""  # of the first look; "" for none yet
    referrer: ReferrerClass = ReferrerClass.PROFESSIONAL
    kept_from: tuple[str, ...] = ()  # agencies that must not see it
    fields: tuple[str, ...] = ()  # names of the answers; () for all that the form could hold


@dataclass(frozen=True, slots=True)
class Asked:
    """One agency that would be asked."""

    agency: str
    rows: tuple[int, ...]  # of the routes, from 1: why
    leg: Leg
    mailbox: str  # "" when there is none to write to
    transport: str  # "" when the packet would be held
    passed: tuple[tuple[str, str], ...]  # (transport, why not) of those before it
    held: str  # why it would be held, a code; "" when it would go
    agreement: Standing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would come of it."""

    rules: Rules
    asked: tuple[Asked, ...]
    not_asked: tuple[tuple[str, str], ...]  # (agency, why not)
    held: tuple[OpenTask, ...]  # what a person would have to settle first
    told: tuple[str, ...]  # what the referrer could be told in the end, codes

    def row(self) -> dict[str, Any]:
        """As a program reads it."""
        return {
            "asked": [
                {
                    "agency": a.agency, "name": _name(self.rules, a.agency), "rows": list(a.rows),
                    "subjects": list(a.leg.subjects), "purpose": a.leg.purpose, "basis": a.leg.basis,
                    "fields": list(a.leg.manifest), "kept_back": list(a.leg.kept_back), "mailbox": a.mailbox,
                    "transport": a.transport, "held": a.held, "agreement": a.agreement.value,
                    "passed_over": [{"transport": t, "why": why} for t, why in a.passed],
                    "acknowledge_by": a.leg.acknowledge_due, "answer_by": a.leg.answer_due,
                }
                for a in self.asked
            ],
            "not_asked": [{"agency": agency, "why": why} for agency, why in self.not_asked],
            "waits_for": [{"task": t.kind.value, "about": t.about} for t in self.held],
            "referrer_may_be_told": list(self.told),
        }  # fmt: skip


def subjects(
    form: str, age_bands: Iterable[str], *, cohort: str = "", area: str = "", role: str = "at_risk",
    protected: bool = False, refuses: bool = False,
) -> tuple[SubjectCodes, ...]:  # fmt: skip
    """One subject for each age band, alike in everything else: siblings."""
    names = tuple(sorted(f.name for f in FIELDS if f.section is Section.SUBJECT))
    return tuple(
        SubjectCodes(f"s{n}", form, band, cohort, area.upper(), names, protected, role, refuses and form == "adult")
        for n, band in enumerate(age_bands, 1)
    )


def of_case(case: Case) -> Imagined:
    """A case as it is known now, as if it came in today."""
    people = tuple(s for s in case.subjects if s.in_error is None)
    codes = tuple(replace(s.codes, refuses=s.refuses_somebody) for s in people)
    rating = next((s.rating for s in people if s.rating), "")
    kept = tuple(r.who for r in case.restrictions if r.in_force and r.kind.value == "agency")
    return Imagined(codes, rating, case.referrer.referrer_class, kept, case.fields)


def moved(imagined: Imagined, rules: Rules, now: datetime) -> tuple[Case, tuple[Effect, ...]]:
    """The case as it would be, and what it would ask of the outside."""
    event = ContactReceived(
        at=now, case=_NOBODY, hub=rules.hub, reference=_NOBODY, rules=_NOBODY, channel="web", securely=True,
        referrer=ReferrerCodes(imagined.referrer, ""), subjects=imagined.subjects,
        fields=imagined.fields or _fields(imagined.subjects), restricted=imagined.kept_from,
    )  # fmt: skip
    step = advance(None, event, rules)
    effects = step.effects
    if imagined.rating:
        step = advance(step.case, LookedAt(now, _NOBODY, imagined.rating), rules)
        effects += step.effects
    return step.case, effects


def _fields(of: tuple[SubjectCodes, ...]) -> tuple[str, ...]:
    """Every answer that such a referral could give, with one person in the household."""
    owners = {Section.SUBJECT: tuple(s.id for s in of), Section.PERSON: ("p1",)}
    names = [f"{o}.{f.name}" for f in FIELDS for o in owners.get(f.section, (f.section.value,))]
    secret = any(s.address_protected for s in of)
    return tuple(n for n in names if secret or n != f"p1.{_PROTECTED}")


@dataclass(frozen=True, slots=True)
class DryRun:
    """Dry runs in one hub, for one viewer."""

    hub: Hub
    keyroom: Keyroom
    viewer: Viewer

    async def run(self, imagined: Imagined, profile: str = "", hold: timedelta = timedelta(0)) -> Outcome:
        """With the hub file in force, or with the text of another. Raises HubError when that cannot be used."""
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            if profile:
                file = (await HubFiles(self.hub, hold).weigh(tx, profile)).file
                rules, directory = file.rules, file.directory
            else:
                rules, directory = (await profiles.current_rules(tx))[1], await self.hub.directory(tx)
            case, effects = moved(imagined, rules, self.hub.clock.now())
            known = await self._file(tx, case, rules, directory)
        asked = [await self._asked(leg, known) for leg in case.legs]
        return Outcome(
            rules, tuple(asked), tuple(_not_asked(case, rules)), tuple(_holds(effects)),
            tuple(sorted(told.value for told in MAY_BE_TOLD[imagined.referrer])),
        )  # fmt: skip

    async def case(self, reference: str) -> Imagined:
        """A case of the record. Raises NoSuchCase, also when it is kept from whoever asks."""
        if not self.viewer.may(Action.SEE_STATUS):
            raise casebook.NoSuchCase
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            found = await casebook.find(tx, reference)
        await guarding.read_by(self.hub, self.viewer, (found,))
        return of_case(found)

    async def _file(self, tx: Transaction, case: Case, rules: Rules, directory: Directory) -> File:
        day = today(rules, self.hub.clock.now())
        return File(
            case, rules, directory, await pins_of(self.hub, tx), None, b"", day=day, leaves=await leave.on(tx, day),
            evidence=await evidence.known(tx), codes_by=self.hub.codes_by, owned=await owners.proved(tx, directory),
        )  # fmt: skip

    async def _asked(self, leg: Leg, known: File) -> Asked:
        rows = tuple(n for n, route in enumerate(known.rules.routes, 1) if _holds_for(route, leg, known.case))
        covered = standing(known.directory.agreements, leg.agency, known.day)
        to = recipient(Letter.PACKET, leg.id, known)
        if isinstance(to, Held):
            return Asked(leg.agency, rows, leg, "", "", (), to.why, covered)
        found = await way(Letter.PACKET, to, known, self.keyroom, self.hub.clock.now())
        passed = tuple((p.transport.value, p.why) for p in found.passed)
        if isinstance(found, Held):
            return Asked(leg.agency, rows, leg, to.mailbox, "", passed, found.why, covered)
        transport = found.transport.value if found.transport else ""
        return Asked(leg.agency, rows, leg, to.mailbox, transport, passed, "", covered)


def _holds_for(route: Route, leg: Leg, case: Case) -> bool:
    """Whether this row is a reason why the agency is asked."""
    about = [s for s in case.subjects if s.id in leg.subjects]
    return route.agency == leg.agency and any(routing.matches(route, s) for s in about)


def _holds(effects: Iterable[Effect]) -> Iterable[OpenTask]:
    """What waits for a person, each once, without what was settled by a later step."""
    tasks: dict[str, OpenTask] = {}
    for effect in effects:
        if isinstance(effect, OpenTask) and effect.kind in _HOLDS:
            tasks[effect.key] = effect
        elif (closed := getattr(effect, "key", None)) in tasks and not isinstance(effect, OpenTask):
            del tasks[str(closed)]
    return tasks.values()


def _not_asked(case: Case, rules: Rules) -> Iterable[tuple[str, str]]:
    asked = {leg.agency for leg in case.legs}
    for agency in rules.agencies:
        if agency.id in asked:
            continue
        rows = [r for r in rules.routes if r.agency == agency.id]
        if case.shuts_out(agency.id):
            yield agency.id, "it must not see the case"
        elif not rows:
            yield agency.id, "no row names it"
        elif any(s.refuses for s in case.subjects):
            yield agency.id, "an adult with capacity refuses"
        else:
            yield agency.id, "no row of its matches"


def lines(found: Outcome) -> list[str]:
    """As a person reads it."""
    told: list[str] = []
    for a in found.asked:
        goes = f"to {a.mailbox} by {a.transport}" if a.transport else f"HELD: {WHY.get(a.held, a.held)}"
        why = f"row {', '.join(map(str, a.rows))}"
        told.append(f"{_name(found.rules, a.agency)} ({a.agency}) about {', '.join(a.leg.subjects)}: {goes}")
        told.append(f"  why: {why}: {a.leg.purpose}; {a.leg.basis}")
        told += [f"  passed over: {transport}: {WHY.get(why, why)}" for transport, why in a.passed if a.transport]
        told.append(f"  gets: {'; '.join(labels(a.leg.manifest))}")
        if a.leg.kept_back:
            told.append(f"  kept back, because it tells where somebody is: {'; '.join(labels(a.leg.kept_back))}")
        if a.agreement is not Standing.COVERED:
            told.append(
                f"  agreement on sharing information: {a.agreement.value.replace('_', ' ')}; it stops nothing"
            )
    told += [f"not asked: {_name(found.rules, agency)}: {why}" for agency, why in found.not_asked]
    told += [
        f"waits for a person: {TASKS.get(t.kind, t.kind)}{f' ({t.about})' if t.about else ''}" for t in found.held
    ]
    return told or ["nobody would be asked"]


def labels(names: Iterable[str]) -> list[str]:
    """The questions behind manifest names, each once, however many people they are asked of."""
    found: Mapping[str, None] = dict.fromkeys(packet.label(name) for name in names)
    return list(found)


def _name(rules: Rules, agency: str) -> str:
    found = rules.agency(agency)
    return found.name if found else agency
