"""The records of a case's discussions on the desk's page: where each stands, what it says, who was sent it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange import content, record_words, wording
from exchange.case import record_fields as asked
from exchange.case.circulation import answered
from exchange.case.record import HOLDS, Copy, Record, Standing, Version
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.compartments import OpenedFor
from exchange.policy import Role, Viewer

WITHHELD = "Kept for those who may read it: whoever wrote the record, and those who approve it."
When = Callable[[datetime | None], str]


def values(
    case: Case, rules: Rules, opened: OpenedFor, viewer: Viewer, names: Mapping[str, str], when: When, now: datetime
) -> list[dict[str, Any]]:
    """What minutes.html and minutes_acts.html take: a row for each record."""
    said = {name: plain for _, name, plain in opened.bodies}
    return [_Shown(case, rules, record, said, viewer, names, when, now).record() for record in case.records]


@dataclass(frozen=True, slots=True)
class _Shown:
    case: Case
    rules: Rules
    of: Record
    said: Mapping[str, bytes] = field(repr=False)
    viewer: Viewer
    names: Mapping[str, str] = field(repr=False)
    when: When
    now: datetime

    def record(self) -> dict[str, Any]:
        latest, number = self.of.latest, self.of.discussion[1:]
        due = self.when(self.of.due)
        stands = f"not written yet, due {due}"
        if latest:
            late = f", due {due}" if self.of.owed else ""
            stands = f"version {latest.id[1:]}, {record_words.STANDINGS[latest.standing]}{late}"
        return {
            "id": self.of.discussion, "title": f"Record of discussion {number}: {stands}",
            "late": self.of.owed and self.now >= self.of.due,
            "draft": latest.id if latest and latest.standing is Standing.DRAFT else "",
            "may_approve": bool(latest and (latest.written_by != self.viewer.id or Role.CHAIR in self.viewer.roles)),
            "do": "Write the record" if not latest else "Amend it" if latest.standing not in HOLDS else "Correct it",
            "versions": [self._version(v) for v in reversed(self.of.versions)],
            "copies": [self._copy(c) for v in reversed(self.of.versions) for c in self.of.copies_of(v)],
            "untold": self._untold(),
        }  # fmt: skip

    def _untold(self) -> list[dict[str, str]]:
        """The copies that no mail has brought yet, for telling by telephone."""
        version = self.of.in_force
        waiting = [c for c in self.of.copies_of(version) if not c.reached] if version else []
        return [{"value": c.id, "text": self._name(c.agency)} for c in waiting]

    def _name(self, agency: str) -> str:
        return wording.owner_name(agency, self.rules)

    def _copy(self, copy: Copy) -> list[str]:
        mail = wording.mail(copy.delivery, copy.transport)
        told = f"Told by {copy.told_by}, {self.when(copy.told_at)}" if copy.told_at else mail
        return [
            self._name(copy.agency), f"Version {copy.version[1:]}", told,
            f"{len(copy.holds)} parts; left out: {self._left_out(copy)}", f"{copy.basis}; {copy.condition}",
        ]  # fmt: skip

    def _left_out(self, copy: Copy) -> str:
        """By who told it, where it is what an agency told the discussion."""
        told = {one.id: one.agency for version in self.of.versions for one in version.minutes.information}
        parts = (f"what {self._name(told[p])} told" if p in told else record_words.part(p) for p in copy.left_out)
        return "; ".join(dict.fromkeys(parts)) or "nothing"

    def _version(self, version: Version) -> dict[str, Any]:
        stood = record_words.STANDINGS[version.standing]
        approved = (
            f"; approved by {version.approved_by}, {self.when(version.approved_at)}" if version.approved_at else ""
        )
        kept = ", ".join(self._name(a) for a in version.kept_from)
        return {
            "title": f"Version {version.id[1:]}: {stood}",
            "written": f"Written by {version.written_by}, {self.when(version.written_at)}{approved}"
            + (f"; kept from {kept}" if kept else ""),
            "newest": version is self.of.latest,
            "meeting": list(self._meeting(version)),
            "subjects": [self._of_subject(version, of.subject) for of in version.minutes.subjects],
            "information": self._information(version),
            "dissents": [
                [self._name(o.agency), self._about(o.subjects), self._shared(version, "dissents").get(o.id, "–")]
                for o in version.minutes.dissents
            ],
        }

    def _body(self, version: Version, part: str = "") -> dict[str, Any]:
        name = content.of_record(self.of.discussion, version.id, part)
        found: dict[str, Any] = json.loads(self.said.get(name, b"{}"))
        return found

    def _shared(self, version: Version, kind: str) -> dict[str, str]:
        found: dict[str, str] = self._body(version).get(kind, {})
        return found

    def _about(self, subjects: tuple[str, ...]) -> str:
        return ", ".join(self.names.get(s, s) for s in subjects)

    def _meeting(self, version: Version) -> Iterator[dict[str, str]]:
        minutes, shared, names = version.minutes, self._body(version), self._shared(version, "names")
        yield _row("When", f"{self.when(minutes.started)} to {self.when(minutes.ended)}")
        yield _row("How", asked.MODES.label(minutes.mode))
        yield _row("Why it was called", shared.get("trigger", "–"))
        there = [
            f"{names.get(t.id, 'Somebody')}, {self._name(t.agency)}: {asked.ROLES.label(t.role).lower()}"
            f"{' (deputy)' if t.deputy else ''}, {asked.PRESENT.label(t.mode).lower()}"
            f"{f', vetted: {asked.VETTED.label(t.vetted).lower()}' if t.vetted else ''}"
            for t in minutes.attendees
        ]
        yield _row("Who took part", "\n".join(there) or "Nobody named yet")
        why = self._shared(version, "apologies")
        apologies = [
            f"{self._name(a.agency)}: {asked.APOLOGIES.label(a.why)}. {why.get(a.agency, '')}".strip()
            for a in minutes.apologies
        ]
        if apologies:
            yield _row("Apologies", "\n".join(apologies))
        if minutes.emergency:
            told = f"{asked.EMERGENCIES.label(minutes.emergency)}. {shared.get('emergency_words', '')}".strip()
            yield _row("Why it went on without the quorum", told)
        if minutes.next_at:
            yield _row("Next discussion", self.when(minutes.next_at))

    def _of_subject(self, version: Version, subject: str) -> dict[str, Any]:
        of = next(o for o in version.minutes.subjects if o.subject == subject)
        words, rows = self._body(version, subject), []
        for name in answered(of):
            question = asked.BY_NAME[name]
            answer = asked.say(question, of.code(name) or words.get(name, "–"))
            rows.append(_row(question.label, answer))
        return {"title": self.names.get(subject, subject), "rows": rows}

    def _information(self, version: Version) -> list[list[str]]:
        rows = []
        for told in version.minutes.information:
            to = ", ".join(self._name(a) for a in told.recipients)
            plain = self.said.get(content.of_record(self.of.discussion, version.id, told.id))
            where = record_words.RELEASES[told.release] + (f": {to}" if to else "")
            rows.append([self._name(told.agency), self._about(told.subjects), where,
                         plain.decode() if plain is not None else WITHHELD])  # fmt: skip
        return rows


def _row(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value}
