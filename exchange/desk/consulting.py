"""Consulting: advice to somebody who asks without giving a name. Nothing about a person is kept, only codes.

1. There is no free text: nobody can write a name where none may stand.
2. What sounds like significant harm is no consultation: it is taken as a referral at once (truth of Cambridgeshire's
   and Suffolk's practice: the practitioner is told so).
3. Advice about a named person is a contact like any other, decided as advice.
4. Whoever is shut out of a case sees nothing of the consultation that it names either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exchange import consulted, guarding
from exchange.case import code_lists as codes
from exchange.case.step import CannotHappen
from exchange.consulted import PREFIX
from exchange.desk.given import Given, Unfit
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal, matching
from exchange.store.casebook import NoSuchCase, ShutOut
from exchange.store.journal import Line

STATUTORY = "4"  # of the levels of need: nobody is only advised about it
TOPICS = {"child": codes.CHILD_CONCERNS, "adult": codes.ADULT_ABUSE}
_CHOSEN = {
    "source": "who asks", "topic": "what it is about", "level": "the level of need", "advice": "what you advised",
}  # fmt: skip
_ASKED = {"source": codes.SOURCES, "level": codes.LEVEL_OF_NEED, "advice": codes.CONSULTATION_ADVICE}
ASKED = frozenset({"form", "topic", "harm", *_ASKED})
UNKNOWN = "no consultation of this reference in this hub: check it, or see the desk’s list of them"


@dataclass(frozen=True, slots=True)
class Advised:
    """One consultation, and the referrals that name it."""

    line: Line
    cases: tuple[str, ...]  # references, oldest first


@dataclass(frozen=True, slots=True)
class Consulting:
    """One member of staff giving advice."""

    hub: Hub
    viewer: Viewer

    async def record(self, given: Given, event_id: str = "") -> str:
        """Keep that advice was given; the reference to tell, the same when it is told once more under the same id.
        Raises Unfit, or CannotHappen for significant harm."""
        require(self.viewer, Action.TAKE_CONTACT)
        form = given.may("form")
        if form not in TOPICS:
            raise Unfit("form", "Choose whether it is about a child or an adult")
        if given.yes("harm"):  # whatever else is left out: nobody is sent back to a form about a child at risk
            raise CannotHappen("this may be significant harm: take it as a referral now, with the name")
        facts = _complete(given, {"topic": TOPICS[form], **_ASKED})
        hub, new = self.hub, event_id or self.hub.chance.id()
        facts |= {"reference": hub.chance.reference(PREFIX), "form": form}
        async with hub.database.transaction(hub.scope(self.viewer)) as tx:
            if await journal.note_once(tx, journal.CONSULTATIONS, "Consulted", hub.clock.now(), new, **facts):
                return facts["reference"]
            reference: str = (await journal.facts_of(tx, new))["reference"]
            return reference

    async def recorded(self) -> list[Line]:
        """Every consultation that the viewer may see, newest first."""
        require(self.viewer, Action.TAKE_CONTACT)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            lines = await journal.lines(tx, journal.CONSULTATIONS)
            kept = await matching.kept(tx, consulted.NAMED)
        return [line for line in reversed(lines) if not kept or self._token(line.facts["reference"]) not in kept]

    async def of(self, reference: str) -> Advised:
        """The consultation of a reference, as people write it. Raises Forbidden or NoSuchCase."""
        require(self.viewer, Action.TAKE_CONTACT)
        wanted = consulted.reference_in(reference)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            lines = await journal.lines(tx, journal.CONSULTATIONS)
            line = next((one for one in lines if one.facts["reference"] == wanted), None)
            if line is None:
                raise NoSuchCase(UNKNOWN)
            token = self._token(wanted)
            if case := (await matching.kept(tx, consulted.NAMED)).get(token):
                raise ShutOut(UNKNOWN, case, self.viewer.id)
            named_by = [await casebook.load(tx, case) for case in await matching.cases_of(tx, (token,))]
        await guarding.read_by(self.hub, self.viewer, named_by)
        return Advised(line, tuple(c.reference for c in sorted(named_by, key=lambda c: c.received_at)))

    def _token(self, reference: str) -> str:
        return consulted.token(self.hub.index_secret, reference)


def is_reference(text: str) -> bool:
    """Whether it is written like the reference of a consultation, and of no case."""
    return text.strip().upper().startswith(f"{PREFIX}-")


def row(line: Line) -> dict[str, str]:
    """A consultation as a program reads it: codes alone."""
    return {"reference": line.facts["reference"], "at": line.at.isoformat(), "by": line.by, **line.facts}


def labels(line: Line) -> dict[str, str]:
    """What was asked and advised: codes alone were kept, and these are their labels."""
    asked = {"topic": TOPICS[line.facts["form"]], **_ASKED}
    return {name: of.label(line.facts[name]) for name, of in asked.items()}


def in_words(line: Line) -> str:
    """The same as one sentence."""
    facts, told = line.facts, labels(line)
    return (
        f"about a{'n adult' if facts['form'] == 'adult' else ' child'}: {told['topic']}; asked by: {told['source']}; "
        f"level of need: {told['level']}; advised: {told['advice']}"
    )


def _complete(given: Given, asked: Mapping[str, codes.CodeList]) -> dict[str, str]:
    """Every answer, by its name. Raises Unfit with all that is wrong."""
    facts, wrong = {}, []
    for name, of in asked.items():
        try:
            facts[name] = _code(given, name, of)
        except Unfit as unfit:
            wrong.append(unfit)
    if not given.may("harm"):
        wrong.append(Unfit("harm", "Say whether what you were told may be significant harm"))
    elif facts.get("level") == STATUTORY:
        told = "Level 4 is for statutory services: take it as a referral, with the name, or choose another level"
        wrong.append(Unfit("level", told))
    if wrong:
        wrong[0].faults = {name: told for unfit in wrong for name, told in unfit.faults.items()}
        raise wrong[0]
    return facts


def _code(given: Given, name: str, of: codes.CodeList) -> str:
    code = given.may(name)
    if code not in {c.code for c in of.codes}:
        raise Unfit(name, f"Choose {_CHOSEN[name]}", (c.code for c in of.codes))
    return code
