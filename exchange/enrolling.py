"""Enrolling: a certificate is brought, proved by those who hold it, and held back for a while if it replaces another.

1. It comes from a file that an operator names and from nowhere else: no mail, no Autocrypt header, no WKD, no key
   server.
2. Two people at the hub prove it (T11): two to whom its holder read the whole fingerprint out on a number known
   before; or one of those, and one who was told the code of a letter by post that somebody else had made.
3. The first one of a mailbox is in use at once. What comes later waits for the hold, while the old key's holder and
   the mailbox are told and the desk rings; retiring it stops it.
4. One that its holder has revoked is refused for good, whichever copy is brought. One that was retired here comes
   back as a change does, never as a first one, and it is said when it was retired.
5. The same OpenPGP key with a new end is no change: its holder alone could sign that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from exchange import revoking
from exchange.blockers import today
from exchange.case.effect import OpenTask, TaskKind
from exchange.case.mailbox import Directory, Mailbox
from exchange.case.rules import Rules
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.ours import grouped
from exchange.pins import pin_of
from exchange.policy import Action, Viewer, require, require_person
from exchange.safe import Item
from exchange.store import certificates, guesses, journal, profiles, tasks
from exchange.store.certificates import Confirmation, Kind, Pinned
from exchange.store.database import Transaction
from keys.directory import AMBER, AnyCertificate, NotUsable, usable
from keys.openpgp.certificate import Certificate
from keys.openpgp.keyring import WHY
from keys.refusal import Refused
from keys.smime.certificate import WHY_NOT, CertificateRefused, SmimeCertificate, looks_like_one, read
from keys.vault import bound_data
from templates import moments, render

READ_BACK, POSTED, LETTER = "read_back", "posted", "letter"  # the ways of a confirmation
MOST_TRIES = 10  # of one letter's code a day
_SEPARATORS = str.maketrans("", "", " \t\r\n\u00a0:-.")  # as programs and people group a fingerprint
_NO_CASE = ""
RETIRED = "CertificateRetired"
SIGNATURE = "signature"  # what a task is about, where it is about what people sign with


class NotEnrolled(ValueError):
    """This certificate is not taken, or not proved: the text says why and what to do."""

    def __init__(self, told: str, on_page: str = "") -> None:
        super().__init__(told)
        self.on_page = on_page or told  # to whoever has buttons, and no commands


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose people can open what is sealed to a certificate."""

    agency: str
    mailbox: str = ""  # "" for all of the agency's

    def __str__(self) -> str:
        return self.mailbox or self.agency

    def meets(self, agency: str, mailbox: str) -> bool:
        """Whether somebody reads for both."""
        return agency == self.agency and (not mailbox or not self.mailbox or mailbox == self.mailbox)


@dataclass(frozen=True, slots=True)
class Brought:
    """A certificate that was taken: it waits for its proof, or was known and has a newer end."""

    fingerprint: str
    owner: Owner
    until: datetime | None  # None: it never ends
    renewed: bool
    soon: bool  # its end is near: better asked for again at once
    weakly_signed: bool = False  # it holds together by SHA-1: better renewed
    retired_at: datetime | None = None  # it was here before, and was retired then
    signs_only: bool = False  # what it signs is believed; another one is needed to write to them


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one confirmation."""

    fingerprint: str
    owner: Owner
    missing: str  # what proof is still missing, in words; "" for none
    live_at: datetime | None  # from when on it is used
    held: bool  # it replaces another, and waits
    apart: str = ""  # who is, or will be, sealed to their own certificates and not to the whole agency's, in words


def plain(fingerprint: str) -> str:
    """A fingerprint as it is stored, however it was written or read out."""
    return fingerprint.translate(_SEPARATORS).upper().removeprefix("0X")


def missing(known: Iterable[Confirmation]) -> str:
    """What rule 2 still asks for, in words; "" for nothing."""
    heard = {c.by for c in known if c.way == READ_BACK}
    letter = any(c.way == LETTER for c in known)
    if len(heard) > 1 or (heard and letter):
        return ""
    if letter:
        return "somebody must have the fingerprint read out to them by telephone"
    if heard:
        return f"somebody other than {heard.pop()} must have the fingerprint read out too, or the code of a letter"
    return "two people must have the fingerprint read out to them by telephone"


def owner_of(name: str, rules: Rules, directory: Directory) -> Owner:
    """The agency or the mailbox of this id. Raises NotEnrolled."""
    if rules.agency(name):
        return Owner(name)
    for mailbox in directory.mailboxes:
        if mailbox.id == name:
            return Owner(mailbox.agency, name)
    known = ", ".join([a.id for a in rules.agencies] + [m.id for m in directory.mailboxes])
    raise NotEnrolled(f"no agency and no mailbox “{name}” in this hub: use one of {known}")


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Taking certificates into one hub."""

    hub: Hub
    keyroom: Keyroom
    hold: timedelta

    async def add(
        self,
        content: bytes,
        whose: str,
        fingerprint: str = "",
        *,
        other_user_id: bool = False,
        of_mailbox: bool | None = None,
        actor: str | Viewer = "operator",
    ) -> Brought:
        """Take a certificate that passes every check; it waits for its proof. `of_mailbox` says which of the two
        it is meant for, where that was said. Raises NotEnrolled."""
        async with self.hub.database.reading(self.hub.scope(actor)) as tx:
            _, rules = await profiles.current_rules(tx)
            directory = await self.hub.directory(tx)
        owner, now = owner_of(whose, rules, directory), self.hub.clock.now()
        if of_mailbox is not None and of_mailbox is not bool(owner.mailbox):
            one, other = ("a mailbox", "--mailbox") if owner.mailbox else ("an agency", "--agency")
            raise NotEnrolled(f"“{whose}” is {one}: name it with {other}, or see `exchange mailbox list` for another")
        try:
            kind, found, public = await self._taken(content, plain(fingerprint), now)
        except Refused as refused:
            told = await revoking.honoured(self.hub, self.keyroom, content, actor, owner.agency)
            raise NotEnrolled(f"{owner}: {refused}{told}") from None
        if not other_user_id:
            _names(found, owner, directory)
        bound = bound_data(self.hub.id, "certificate", found.fingerprint, owner.agency)
        sealed = await self.hub.safe.seal([Item("profile", bound, public)])
        wanted = Pinned(found.fingerprint, kind, owner.agency, owner.mailbox, now, None, None, sealed[0])
        async with self.hub.database.transaction(self.hub.scope(actor)) as tx:
            retired_at = await _retired(tx, wanted)
            renewed = await self._pinned(tx, wanted)
        until = found.encryption_expires
        soon = until is not None and until - now < AMBER
        weakly = isinstance(found, Certificate) and found.weakly_signed
        return Brought(found.fingerprint, owner, until, renewed, soon, weakly, retired_at, _only_signs(found))

    async def _taken(self, content: bytes, fingerprint: str, now: datetime) -> tuple[Kind, AnyCertificate, bytes]:
        """What is in the file, tried by sealing something to it. Raises Refused."""
        if not looks_like_one(content):
            armored = await asyncio.to_thread(self.keyroom.keyring.add, content, fingerprint, now)
            return Kind.OPENPGP, armored, armored.armored
        found = read(content, or_signs=True)
        if fingerprint and fingerprint != found.fingerprint:
            raise CertificateRefused(
                f"the fingerprint does not match: the file's certificate is {found.fingerprint} (SHA-256). Ring the "
                "agency on a number you already have, and have them read theirs out"
            )
        verdict = usable(found, now)
        if found.signs_only and found.valid(now):
            return Kind.SMIME, found, found.pem  # nothing is ever sealed to it
        if isinstance(verdict, NotUsable):
            raise CertificateRefused(WHY_NOT.get(verdict.why, verdict.why))
        await self.keyroom.seal(b"A trial: can this certificate be sealed to?\n", found, now)
        return Kind.SMIME, found, found.pem

    async def _pinned(self, tx: Transaction, wanted: Pinned) -> bool:
        """Pin it, or renew it: then True."""
        known = await _find(tx, wanted.fingerprint)
        if known and (known.agency, known.mailbox) != (wanted.agency, wanted.mailbox):
            why = f"this key is pinned to {_owner(known)}: if it is not theirs alone, first"
            raise NotEnrolled(  # what it signs would speak for two, and the first would be written to no more
                f"{why} `exchange key retire {wanted.fingerprint}`",
                f"{why} press “Retire it” on its own page, which the directory leads to",
            )
        if known:
            await certificates.renew(tx, wanted.fingerprint, wanted.blob)
        else:
            await certificates.put(tx, wanted)
        await self._noted(tx, "CertificateRenewed" if known else "CertificatePinned", wanted)
        return known is not None

    async def confirm(self, viewer: Viewer, fingerprint: str, read_back: str = "", letter_code: str = "") -> Heard:
        """What the holder read out, or the code of the letter, told to this member of staff. Raises NotEnrolled or
        Forbidden."""
        require(viewer, Action.CONFIRM_KEY)
        if not viewer.named:
            raise NotEnrolled("a member of staff proves a certificate, under their own name: --as ID")
        if not read_back and not letter_code:
            raise NotEnrolled(
                "give what was read out, with --read-back, or the code of the letter, with --letter-code"
            )
        wanted = plain(fingerprint)
        async with self.hub.database.transaction(self.hub.scope(viewer)) as tx:
            known = await _waiting(tx, wanted)
            why = await self._doubt(tx, viewer, known, read_back, letter_code)
            if not why:
                return await self._heard(
                    tx, viewer, known, [w for w, given in _given(read_back, letter_code) if given]
                )
        raise why  # after what was noted of it is stored

    async def _doubt(
        self, tx: Transaction, viewer: Viewer, known: Pinned, read_back: str, code: str
    ) -> NotEnrolled | None:
        """Why this proves nothing; None when it does."""
        if read_back and plain(read_back) != known.fingerprint:
            await self._noted(tx, "CertificateDoubted", known, way=READ_BACK)
            whole = len(plain(read_back)) == len(known.fingerprint)
            begins = (
                f"{_owner(known)}: what was read out is {'not' if whole else 'not the whole of'} this certificate's "
                "fingerprint. Ring again, on a number you had before; if it differs again,"
            )
            ends = "and tell the hub manager: somebody may have sent you a key of their own"
            return NotEnrolled(
                f"{begins} `exchange key retire` it {ends}", f"{begins} press “Retire it” below {ends}"
            )
        made_by = {c.by for c in await certificates.confirmations(tx, known.fingerprint) if c.way == POSTED}
        if code and viewer.id in made_by:
            return NotEnrolled("you made this letter and know its code: somebody else must be told it by the agency")
        about = f"key:{known.fingerprint}:{self.hub.clock.now():%Y%m%d}"
        if code and (await guesses.tried(tx, about) >= MOST_TRIES or not made_by):
            why = "no letter was made, or its code was tried too often today:"
            return NotEnrolled(
                f"{why} see `exchange key letter`", f"{why} ring instead, and write what they read out"
            )
        if code and not self.hub.codes.is_posted(known.fingerprint, known.added_at.isoformat(), code):
            await guesses.wrong(tx, about, self.hub.clock.now() + guesses.A_DAY)
            await self._noted(tx, "CertificateDoubted", known, way=LETTER)
            return NotEnrolled("this is not the code of the letter: have it read out again, from the paper")
        return None

    async def _heard(self, tx: Transaction, viewer: Viewer, known: Pinned, ways: list[str]) -> Heard:
        now = self.hub.clock.now()
        for way in ways:
            await self._noted(tx, "CertificateConfirmed", known, way=way)  # first: it makes two who do so take turns
            await certificates.confirm(tx, Confirmation(known.fingerprint, viewer.id, way, now))
        owner, lacks = _owner(known), missing(await certificates.confirmations(tx, known.fingerprint))
        if lacks:
            return Heard(known.fingerprint, owner, lacks, None, held=False)
        mended = TaskKind.KEY_UNUSABLE if await self._usable(known) else TaskKind.SIGNATURE_ENDS
        held = await _replaces(tx, known)
        live_at = now + self.hold if held else now
        await certificates.go_live(tx, known.fingerprint, live_at)
        await self._noted(tx, "CertificateProved", known, live_at=live_at.isoformat(timespec="seconds"))
        if not held:  # what was rung about is mended
            for mailbox in _boxes(owner, await self.hub.directory(tx)):
                of = known.kind if mended is TaskKind.KEY_UNUSABLE else SIGNATURE
                await tasks.close(tx, _NO_CASE, f"{mended}:{mailbox.id}:{of}", now)
        if held:
            await self._announce(tx, replace(known, live_at=live_at))
        else:
            await self._first(tx)
        return Heard(known.fingerprint, owner, "", live_at, held, await _apart(tx, known))

    async def _first(self, tx: Transaction) -> None:
        from exchange import going_live  # it loads all of mail: few commands bring a key into use

        await going_live.looked_at(self.hub, tx)

    async def _announce(self, tx: Transaction, new: Pinned) -> None:
        """Rule 3: whoever opened until now what is sent there learns of it by the keys they have."""
        from exchange.key_letters import tell_of_change  # it loads all of mail: few commands change a key

        owner, now = _owner(new), self.hub.clock.now()
        boxes = _boxes(owner, await self.hub.directory(tx))
        ring = OpenTask(_task(new.fingerprint), TaskKind.KEY_CHANGE, boxes[0].id if boxes else owner.agency, now)
        await tasks.open_(tx, _NO_CASE, ring, now)
        old = [c for c in await certificates.in_use(tx, now, new.agency) if c.fingerprint != new.fingerprint]
        can = [c for c in old if not isinstance(await self._use_of(c), NotUsable)]
        for mailbox in boxes:
            told = [c.fingerprint for c in can if c.mailbox in ("", mailbox.id)]
            for fingerprint in told or ("",):  # with no key that works, by a notice
                await tell_of_change(self.hub, tx, mailbox.id, new, fingerprint)

    async def _usable(self, known: Pinned) -> bool:
        """Whether it is sealed to, and does not only sign. Raises NotEnrolled: it may have expired, or been revoked,
        since it was brought."""
        found, now = await self._use_of(known), self.hub.clock.now()
        itself = await self.keyroom.described(await pin_of(self.hub, known))
        if _only_signs(itself) and not isinstance(itself, Certificate) and itself.valid(now):
            return False
        if isinstance(found, NotUsable):
            raise NotEnrolled(f"{_owner(known)}: {(WHY_NOT | WHY).get(found.why, found.why)}")
        return True

    async def _use_of(self, known: Pinned) -> AnyCertificate | NotUsable:
        return await self.keyroom.usable(await pin_of(self.hub, known), self.hub.clock.now())

    async def letter(self, viewer: Viewer, fingerprint: str) -> str:
        """A page to post: the fingerprint to compare, and a code to tell on the telephone. Raises NotEnrolled."""
        require(viewer, Action.CONFIRM_KEY)
        now = self.hub.clock.now()
        async with self.hub.database.transaction(self.hub.scope(viewer)) as tx:
            known = await _waiting(tx, plain(fingerprint))
            _, rules = await profiles.current_rules(tx)
            directory = await self.hub.directory(tx)
            await self._noted(tx, "CertificateLetterMade", known)
            await certificates.confirm(tx, Confirmation(known.fingerprint, viewer.id, POSTED, now))
        agency, owner = rules.agency(known.agency), _owner(known)
        return render(
            "paper/key_letter.txt", hub=rules.name, telephone=rules.telephone, day=moments.day(today(rules, now)),
            agency=agency.name if agency else known.agency,
            mailboxes=[m.address.text for m in _boxes(owner, directory)],
            fingerprint_lines=grouped(known.fingerprint),
            code=self.hub.codes.posted(known.fingerprint, known.added_at.isoformat()),
        )  # fmt: skip

    async def retire(self, fingerprint: str, actor: str | Viewer = "operator") -> str:
        """Use it no more, or never: nothing is sealed to it, nothing it signs is believed. Raises NotEnrolled, or
        Forbidden for a viewer who may not."""
        if isinstance(actor, Viewer):
            require_person(actor, Action.CONFIRM_KEY)
        wanted, now = plain(fingerprint), self.hub.clock.now()
        async with self.hub.database.transaction(self.hub.scope(actor)) as tx:
            known = await _find(tx, wanted)
            if known is None:
                raise NotEnrolled(f"no key {wanted} is in use or waits: see `exchange key list`")
            await certificates.retire(tx, wanted, now)
            await tasks.close(tx, _NO_CASE, _task(wanted), now)
            await self._noted(tx, RETIRED, known)
        return wanted

    async def rung(self, viewer: Viewer, fingerprint: str) -> None:
        """The contact known before was rung about a change, and knows of it. Raises Forbidden."""
        require(viewer, Action.CONFIRM_KEY)
        async with self.hub.database.transaction(self.hub.scope(viewer)) as tx:
            known = await _find(tx, plain(fingerprint))
            if known is None:
                raise NotEnrolled("this certificate is retired")
            await tasks.close(tx, _NO_CASE, _task(known.fingerprint), self.hub.clock.now())
            await self._noted(tx, "CertificateChangeKnown", known)

    async def _noted(self, tx: Transaction, kind: str, of: Pinned, **facts: Any) -> None:
        whose = {"agency": of.agency, "mailbox": of.mailbox or "-", "fingerprint": of.fingerprint, **facts}
        await journal.note(tx, journal.DIRECTORY, kind, self.hub.clock.now(), self.hub.chance.id(), **whose)


def _only_signs(found: AnyCertificate) -> bool:
    return isinstance(found, SmimeCertificate) and found.signs_only


def _given(read_back: str, letter_code: str) -> tuple[tuple[str, str], ...]:
    return ((READ_BACK, read_back), (LETTER, letter_code))


def _names(found: AnyCertificate, owner: Owner, directory: Directory) -> None:
    ours = [m.address.text for m in _boxes(owner, directory)]
    if not set(ours) & set(found.addresses):
        named = ", ".join(found.addresses) or "no address"
        raise NotEnrolled(
            f"this key is for {named}, and {owner} is written to at {', '.join(ours)}: ask for the key of that "
            "mailbox, or, if its holder says that it is the right one, take it all the same (--other-user-id)"
        )


def _boxes(owner: Owner, directory: Directory) -> list[Mailbox]:
    return [m for m in directory.of(owner.agency) if owner.mailbox in ("", m.id)]


async def _retired(tx: Transaction, wanted: Pinned) -> datetime | None:
    """When it was retired here before; None: never. Raises NotEnrolled when its holder has revoked it."""
    revoked_at = await revoking.since(tx, wanted.fingerprint)
    if revoked_at:
        raise NotEnrolled(
            f"{_owner(wanted)}: its holder has revoked this key, which was shown here on {revoked_at:%Y-%m-%d}; this "
            "is an older copy. It is refused for good: ask for the new one"
        )
    known = next((c for c in await certificates.ever(tx) if c.fingerprint == wanted.fingerprint), None)
    return known.retired_at if known else None


async def _find(tx: Transaction, fingerprint: str) -> Pinned | None:
    return next((c for c in await certificates.known(tx) if c.fingerprint == fingerprint), None)


async def _waiting(tx: Transaction, fingerprint: str) -> Pinned:
    known = await _find(tx, fingerprint)
    if known is None:
        raise NotEnrolled(f"no certificate {fingerprint} waits for a proof: see `exchange key list`")
    if known.live_at is not None:
        raise NotEnrolled(f"{_owner(known)}: this certificate is proved already")
    return known


async def _replaces(tx: Transaction, new: Pinned) -> bool:
    """Whether these people had a certificate before, even one that is retired and was brought anew since; or it is
    one that was retired itself."""
    owner = _owner(new)
    now = [c for c in await certificates.known(tx, new.agency) if c.live_at is not None]
    lines = [x for x in await journal.lines(tx, journal.DIRECTORY) if x.kind in ("CertificateProved", RETIRED)]
    if any(x.kind == RETIRED and x.facts["fingerprint"] == new.fingerprint for x in lines):
        return True
    before = [x.facts for x in lines if x.kind == "CertificateProved"]
    return any(owner.meets(c.agency, c.mailbox) for c in now) or any(
        owner.meets(facts["agency"], facts["mailbox"].removeprefix("-")) for facts in before
    )


async def _apart(tx: Transaction, new: Pinned) -> str:
    """What follows where a mailbox has certificates of its own: nothing for it is sealed to the whole agency's."""
    used = [c for c in await certificates.known(tx, new.agency) if c.kind is new.kind and c.live_at is not None]
    own = sorted({c.mailbox for c in used if c.mailbox and c.fingerprint != new.fingerprint})
    if not new.mailbox and own:
        return (
            f"Nothing for {', '.join(own)} is sealed to it, for a mailbox with a certificate of its own is sealed to "
            "that alone: bring it again with --mailbox for those who are to open that mail"
        )
    if new.mailbox and new.mailbox not in own and any(not c.mailbox for c in used):
        return (
            f"From then on {new.mailbox} is sealed to certificates of its own alone, not to those of all {new.agency}"
        )
    return ""


def _owner(of: Pinned) -> Owner:
    return Owner(of.agency, of.mailbox)


def _task(fingerprint: str) -> str:
    return f"key:{fingerprint}"
