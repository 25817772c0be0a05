"""The agencies asked, as the desk's case page shows them: one row a leg, in words, and what each has told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange import content, mail_words, wording
from exchange.case.acknowledgement import ACKNOWLEDGES, Proof
from exchange.case.addressee import topics
from exchange.case.contribution import Contribution
from exchange.case.event import Answered
from exchange.case.lateral_check import Decline, Recall
from exchange.case.mailbox import MailboxRole
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.store.casebook import StoredEvent
from exchange.telling import own_references

Bodies = list[tuple[str, str, bytes]]  # (event id, name, content), oldest first
When = Callable[[datetime | None], str]
_UNPROVED = "Only a name typed on the page says so: nothing proves it"
RECALLS = {
    Recall.NONE: "",
    Recall.WITHDRAWN: "Withdrawn before it left",
    Recall.RECALLED: "Asked to delete it: not confirmed",
    Recall.CONFIRMED: "Deleted, they say",
}


@dataclass(frozen=True, slots=True)
class LegsShown:
    """One case, read for its legs; `bodies` is empty for who may not see content."""

    case: Case
    rules: Rules
    events: tuple[StoredEvent, ...]
    bodies: Bodies = field(repr=False)
    when: When
    presence: Presence
    went: Mapping[str, str]  # key of a packet or a deputy's letter -> the mailbox it was sealed for
    names: dict[str, str] = field(repr=False)  # of the subjects

    def rows(self) -> list[dict[str, Any]]:
        """A row for each agency asked."""
        references = own_references(self.case, ((name, plain) for _, name, plain in self.bodies))
        return [
            {
                "leg": leg.id, "agency": self._name(leg.agency), "about": self._about(leg),
                "due": self._due(leg), "mail": self._mail(leg),
                "deputy": self._deputy(leg), "champions": self._champions(leg),
                "hand": self._in_hand(leg), "answer": wording.answer_of(leg), "loud": leg.unqualified,
                "insecure": leg.insecure,
                "decline": self._decline(leg), "recall": self._recall(leg),
                "reference": references.get(leg.agency, ""), "basis": leg.basis,
            }
            for leg in self.case.legs
        ]  # fmt: skip

    def told(self) -> list[dict[str, str]]:
        """A row for each contribution: whose, when, what kind, how far it counts, where it may go. Not its words."""
        return [self._contribution(c) for c in self.case.contributions]

    def _about(self, leg: Leg) -> str:
        """Which of several subjects; "" when it is all of them."""
        return ", ".join(self.names[s] for s in leg.subjects) if wording.people(leg.subjects, self.case) else ""

    def _due(self, leg: Leg) -> str:
        """By when the next it owes is due; ""."""
        if not leg.owing:
            return ""
        return self.when(leg.answer_due if leg.acknowledged_at else leg.acknowledge_due)

    def _contribution(self, one: Contribution) -> dict[str, str]:
        qualified = f"unqualified: {wording.not_said(one.missing)}" if one.missing else "qualified"
        kind = wording.say(one.kind)
        return {
            "agency": self._name(one.agency), "at": self.when(one.at), "marking": wording.say(one.marking),
            "words": self._words(one.id),
            "kind": f"{kind}, {qualified}" if one.kind == "nothing_known" else kind,
        }  # fmt: skip

    def _words(self, contribution: str) -> str:
        """What they said; "" for who may not read it, or when there is nothing but the answer."""
        wanted = content.said(contribution)
        return next((plain.decode() for _, name, plain in self.bodies if name == wanted), "")

    def _name(self, agency: str) -> str:
        return wording.agency_name(agency, self.rules)

    def _mail(self, leg: Leg) -> str:
        """Where the packet's mail stands; and whose mailbox it was for, when that is not the team's."""
        mine = [self.went[key] for key in self.went if f"{key}:".startswith(f"packet:{leg.id}:")]
        role = next((m.role for m in self.presence.directory.of(leg.agency) if m.id in mine[-1:]), MailboxRole.TEAM)
        said = ", ".join(
            filter(
                None, (wording.mail(leg.delivery, leg.transport), mail_words.carried(leg.transport, leg.passed_over))
            )
        )
        return said if role is MailboxRole.TEAM else f"{said}; to its {role} in the team’s place"

    def _deputy(self, leg: Leg) -> str:
        """Whether its deputy was asked too, and where that letter stands."""
        if leg.deputy_asked_at is None:
            return ""
        return mail_words.deputy(self.when(leg.deputy_asked_at), leg.deputy_mail, leg.deputy_transport)

    def _champions(self, leg: Leg) -> list[dict[str, str]]:
        """Who there answers for the stream of work or the specialist route of these subjects."""
        about, avoided = topics(self.case, leg.subjects), self.presence.avoided(self.case.spocs_shut_out)
        found = self.presence.champions(leg.agency, about, avoided)
        return [
            {"name": f"{s.name}, {wording.say(s.topic)}", "telephone": s.telephone or m.telephone} for m, s in found
        ]

    def _in_hand(self, leg: Leg) -> str:
        if leg.acknowledged_at is None:
            return "Nobody yet"
        said = next(iter(self._acknowledging(leg)), None)
        who = f"{(said and self._who(said.id)) or 'A person there'}, since {self.when(leg.acknowledged_at)}"
        typed = said is not None and isinstance(said.event, Answered) and said.event.proof <= Proof.PAGE
        return f"{who}. {_UNPROVED}" if typed else who

    def _acknowledging(self, leg: Leg) -> Iterable[StoredEvent]:
        for e in self.events:
            said = e.event if isinstance(e.event, Answered) and e.event.leg == leg.id else None
            if said and ACKNOWLEDGES[said.answer] and said.at == leg.acknowledged_at:
                yield e

    def _who(self, event: str) -> str:
        """The name typed or told; of a mail, the address it came from."""
        mine = {name: plain for of, name, plain in self.bodies if of == event}
        if content.WHO in mine:
            return str(json.loads(mine[content.WHO])["name"])
        return str(json.loads(mine.get(content.MAIL, b"{}")).get("from", ""))

    def _decline(self, leg: Leg) -> str:
        suggests = f"; suggests {self._name(leg.suggested)}" if leg.suggested else ""
        instead = ", ".join(self._name(x.agency) for x in self.case.legs if x.id in leg.rerouted_to)
        match leg.decline:
            case Decline.NONE:
                return ""
            case Decline.REROUTED:
                return f"Asked instead: {instead}"
            case Decline.MORE_GIVEN:
                return f"Given more, {self.when(leg.more_at)}"
            case Decline.SETTLED:
                return "The hub decided about it"
        rest = f"; asked instead about some: {instead}" if instead else ""
        return f"Reason: {wording.say(leg.decline_reason)}{suggests}{rest}"

    def _recall(self, leg: Leg) -> str:
        due = f", due {self.when(leg.recall_due)}" if leg.recall is Recall.RECALLED else ""
        return f"{RECALLS[leg.recall]}{due}"
