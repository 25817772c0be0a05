"""The letter that carries one agency's copy of a record: only what its list of contents names is looked at.

1. Each answer is fetched by the name that the copy lists (exchange/case/circulation.py), and nothing else is.
2. A protected address that somebody wrote into any of it is struck out (truth 14).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exchange import content, wording
from exchange.case import circulation
from exchange.case import record_fields as asked
from exchange.case.packet import WARNED, fill, struck
from exchange.case.record import Attendee, Copy, Minutes, Record, Version
from exchange.case.strategy_discussion import StrategyDiscussion
from exchange.posting import File
from templates.disclosed import Row, seen, warnings_of
from templates.discussed import Record as Letter
from templates.discussed import Undertaken
from templates.letters import Sender


def told(about: str, file: File, sender: Sender, address: str, lanes: Mapping[str, str]) -> Letter:
    """The values of one copy. Raises LookupError when what it needs is not there any more."""
    return _Reading(file, *_found(about, file)).letter(sender, address, lanes)


def _found(about: str, file: File) -> tuple[Copy, Record, Version, StrategyDiscussion]:
    copy = file.case.copy(about)
    record = next((r for r in file.case.records if copy in r.copies), None)
    version = record.version(copy.version) if record and copy else None
    discussion = file.case.discussion(record.discussion) if record else None
    if copy is None or record is None or version is None or discussion is None or file.referral is None:
        raise LookupError("a letter about a record that is not there")
    return copy, record, version, discussion


@dataclass(frozen=True, slots=True)
class _Reading:
    file: File = field(repr=False)
    copy: Copy
    record: Record
    version: Version
    discussion: StrategyDiscussion

    def letter(self, sender: Sender, address: str, lanes: Mapping[str, str]) -> Letter:
        referral, minutes, shared = self.file.referral, self.version.minutes, self._body("")
        assert referral is not None  # noqa: S101 - looked at when the copy was found
        return Letter(
            sender=sender,
            reference=self.file.case.reference,
            agency=self._name(self.copy.agency),
            own_reference=self.file.own_references.get(self.copy.agency, ""),
            title=f"discussion {self.discussion.id[1:]}, version {self.version.id[1:]}",
            replaces=self.copy.replaces,
            form=referral.form,
            started=minutes.started,
            ended=minutes.ended,
            how=asked.MODES.label(minutes.mode),
            inquorate=asked.EMERGENCIES.label(minutes.emergency) if minutes.emergency else "",
            trigger=self._text(shared.get("trigger", "")) if self._holds(circulation.TRIGGER) else "",
            attended=tuple(self._attendee(t, shared) for t in minutes.attendees),
            apologies=tuple(
                f"{self._name(x.agency)}: {asked.APOLOGIES.label(x.why).lower()}" for x in minutes.apologies
            )
            if self._holds(circulation.APOLOGIES)
            else (),
            must_not_say=self._must_not_say(minutes),
            must_not_ask=any(name.endswith(WARNED) for name in self.copy.holds),
            warnings=warnings_of(referral, self.copy.subjects),
            manifest=self.copy.manifest,
            answers=fill(referral, self.copy.manifest),
            subjects={s: self._of_subject(s) for s in self.copy.subjects},
            information=tuple(self._information(minutes)),
            dissents=tuple(self._dissents(minutes, shared)),
            actions=tuple(self._actions()),
            next_at=minutes.next_at if self._holds(circulation.NEXT) else None,
            left_out=bool(self.copy.left_out),
            basis=f"{self.copy.basis}; {self.copy.condition}",
            approved_at=self.version.approved_at or self.version.written_at,
            address=address,
            lanes=lanes,
            rung=tuple(
                (self._name(r.agency), r.at, r.reached)
                for r in self.discussion.rang
                if not self.file.case.shuts_out(r.agency)
            ),
        )

    def _holds(self, name: str) -> bool:
        return name in self.copy.holds

    def _name(self, agency: str) -> str:
        return wording.owner_name(agency, self.file.rules)

    def _text(self, words: str) -> str:
        return seen(struck(self.file.referral, words)) if self.file.referral else ""

    def _body(self, part: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.said.get(self._at(part), b"{}"))
        return found

    def _attendee(self, one: Attendee, shared: dict[str, Any]) -> str:
        name = seen(shared.get("names", {}).get(one.id, ""))
        deputy = ", as deputy" if one.deputy else ""
        role, how = asked.ROLES.label(one.role).lower(), asked.PRESENT.label(one.mode).lower()
        return f"{name}, {self._name(one.agency)}: {role}{deputy}, {how}".lstrip(", ")

    def _must_not_say(self, minutes: Minutes) -> tuple[str, ...]:
        listed = (of.subject for of in minutes.subjects if self._holds(f"{of.subject}.{asked.MUST_NOT_SAY}"))
        return tuple(self._text(self._body(s).get(asked.MUST_NOT_SAY, "")) for s in listed)

    def _of_subject(self, subject: str) -> tuple[Row, ...]:
        of = next((o for o in self.version.minutes.subjects if o.subject == subject), None)
        if of is None:
            return ()
        words = self._body(subject)
        rows = []
        for question in asked.QUESTIONS:
            if not self._holds(f"{subject}.{question.name}"):
                continue
            answer = asked.say(question, of.code(question.name) or words.get(question.name, ""))
            rows.append(Row(question.label, self._text(answer), long=question.codes is None))
        return tuple(rows)

    def _information(self, minutes: Minutes) -> list[tuple[str, str]]:
        said = self.file.said
        return [
            (self._name(n.agency), self._text(said.get(self._at(n.id), b"").decode()))
            for n in minutes.information
            if self._holds(n.id)
        ]

    def _at(self, part: str) -> str:
        return content.of_record(self.discussion.id, self.version.id, part)

    def _dissents(self, minutes: Minutes, shared: dict[str, Any]) -> list[tuple[str, str]]:
        words = shared.get("dissents", {})
        return [
            (self._name(o.agency), self._text(words.get(o.id, ""))) for o in minutes.dissents if self._holds(o.id)
        ]

    def _actions(self) -> list[Undertaken]:
        said = self.file.said
        return [
            Undertaken(
                self._name(a.owner), self._text(said.get(f"{content.ACTION}{a.id}", b"").decode()), a.due,
                wording.say(a.doing), a.owner == self.copy.agency,
            )
            for a in self.file.case.actions
            if self._holds(a.id)
        ]  # fmt: skip
