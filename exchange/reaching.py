"""Reaching: by which of its transports a mailbox can be written to today, rung by rung, and what to do otherwise.

1. A rung is judged as a letter's own way is (ways.py), and something is sealed to its certificate (key_health.py).
2. What failed when it was last used does not work until it has worked again, whatever the directory says.
3. Nothing is sent and nobody is asked: whether people there can open it, only a drill shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from exchange import moves
from exchange.case.effect import TaskKind
from exchange.case.mailbox import Mailbox, Transport
from exchange.case.moving import Move
from exchange.desk.drills import Standing, standing
from exchange.drill_words import TRANSPORTS, line
from exchange.hub import Hub
from exchange.key_health import Tried, standing_of, tried
from exchange.key_letters import OF_TRANSPORT
from exchange.key_states import SEALED_TO, generation, key_states
from exchange.keyroom import Keyroom
from exchange.of_no_case import recipient_at
from exchange.posting import OfHub, of_hub
from exchange.store import tasks
from exchange.ways import usable

_ASK = "ask its holder for a new certificate, then `exchange key add FILE --mailbox {mailbox}`"
_LOOK = "`exchange domain check {domain}`"
MEND = {  # what to do, by why a rung does not work
    "key_held": "nothing: the new one comes into use by itself. Until then, ring",
    "key_retired": _ASK,
    "no_key": "`exchange key add FILE --mailbox {mailbox}`, then have it proved with `exchange key confirm`",
    "key_expired": _ASK,
    "key_revoked": _ASK,
    "key_weak": _ASK,
    "key_disabled": _ASK,
    "key_cannot_encrypt": _ASK,
    "key_not_yet_valid": "wait until its time has begun, and see whether this machine's clock is right",
    "key_needs_sequoia": "ask its holder for a version 4 key: by GnuPG alone this hub cannot seal to it",
    "not_sealed": _ASK,
    "key_other_address": "ask its holder for one that names the address; if this one is theirs, `exchange key retire`"
    " it, and `exchange key add FILE --mailbox {mailbox} --other-user-id`: it is proved anew",
    "no_smime": "`exchange smime make`, then a restart",
    "no_evidence": _LOOK,
    "evidence_over": _LOOK,
    "tls_fails": "ring with what waits, then their IT: `exchange domain check {domain}` shows what is wrong",
    "other_servers": "ring on a number you had before; theirs: `exchange domain check {domain} --accept-new`",
    "codes_fail": "mend what [pickup] in the settings names; the next code that is sent says that it works",
    "not_proved": "`exchange drill {mailbox}`; ring them on a number you had before, have the three words of the "
    "test read out, then `exchange drill heard {mailbox} WORDS --as STAFF`",
    "no_sender": '`[pickup] sender` in the settings: "mail", "http" (a gateway for short messages) or, on your own '
    'machine, "console"; then a restart',
    "no_contact": "write where a one-time code goes (code_to) into the hub file, of the mailbox or one of its people:"
    ' a mail address for `[pickup] sender = "mail"` in the settings, a telephone number for "http"',
}
WHY = {
    "key_held": "no certificate is in use yet",
    "key_retired": "its certificate was retired or revoked, and no other is in use",
    "no_key": "no certificate is in use",
    "key_expired": "its certificate has expired",
    "key_revoked": "its certificate is revoked",
    "key_weak": "its certificate is too weak",
    "key_disabled": "its certificate is disabled",
    "key_cannot_encrypt": "nothing can be encrypted to its certificate",
    "key_not_yet_valid": "its certificate is not valid yet",
    "key_needs_sequoia": "its key is of version 6 (RFC 9580), to which GnuPG cannot seal",
    "key_other_address": "its certificate is for the address that the mailbox had before",
    "not_sealed": "a trial encryption failed",
    "no_smime": "the hub has no S/MIME certificate of its own",
    "no_evidence": "nobody has looked whether its domain takes mail over verified TLS",
    "evidence_over": "what was known of its domain's TLS holds no more",
    "tls_fails": "its server did not offer the verified TLS that was agreed, when last written to: letters wait",
    "other_servers": "its domain names mail servers that nobody here accepted",
    "codes_fail": "the last one-time code could not be sent, to whomever it was: nobody can fetch a letter",
    "no_sender": "the settings name nothing that sends one-time codes, so nobody could open a letter",
    "no_contact": "nobody is named there whom a one-time code could reach",
    "not_proved": "nobody there has shown yet that the mailbox is theirs",
}


NOT_HERE = "sealed to for other mailboxes of the agency, not for this one, which has its own"
_OF_KEY = ("fingerprint", "kind", "profile", "post_quantum", "health", "until", "state", "use")


@dataclass(frozen=True, slots=True)
class Rung:
    """One transport of a mailbox's list."""

    transport: Transport
    why: str  # a code; "" when it works
    found: str  # what was found, in words
    mend: str  # what to do; "" when it works


@dataclass(frozen=True, slots=True)
class Reach:
    """One mailbox, as it can be reached now."""

    mailbox: Mailbox = field(repr=False)
    rungs: tuple[Rung, ...]
    keys: tuple[dict[str, Any], ...]  # as key_states.py tells them
    proved: Standing  # whether people there have shown that they can open it
    move: Move | None = None  # it is to be reached otherwise, and is not yet
    to_be: str = field(default="", repr=False)  # at this address

    @property
    def takes(self) -> str:
        """The transport by which a packet goes now; "" when none works."""
        return next((rung.transport.value for rung in self.rungs if not rung.why), "")

    def row(self) -> dict[str, Any]:
        """As a program reads it."""
        return {
            "mailbox": self.mailbox.id, "agency": self.mailbox.agency, "address": self.mailbox.address.text,
            "telephone": self.mailbox.telephone, "takes": self.takes, "proved": line(self.proved),
            "moves": {"parts": list(self.move.parts), "starts_at": self.move.starts_at} if self.move else None,
            "rungs": [
                {"transport": r.transport.value, "works": not r.why, "why": r.why, "found": r.found, "mend": r.mend}
                for r in self.rungs
            ],
            "certificates": [
                {name: key[name] for name in _OF_KEY}
                for key in self.keys
            ],
        }  # fmt: skip


async def reach(hub: Hub, keyroom: Keyroom) -> tuple[Reach, ...]:
    """Every mailbox, as the hub file lists them."""
    now = hub.clock.now()
    async with hub.database.reading(hub.scope("operator")) as tx:
        known = await of_hub(hub, tx)
        moving = {move.mailbox: move for move in await hub.moves(tx) if move.starts_at > now}
        filed = {m.id: m.address.text for m in (await hub.filed(tx)).mailboxes}
        open_now = {task.key for task in await tasks.pending(tx, "")}
    tries, keys = await tried(hub, keyroom), await key_states(hub, keyroom)
    found = []
    for one in await standing(hub):
        mailbox = one.mailbox
        mine = _of(mailbox, [k for k in keys if k["agency"] == mailbox.agency and k["mailbox"] in ("", mailbox.id)])
        failing = {t: _failing(t, mailbox, open_now) for t in mailbox.transports}
        judged = [(t, await usable(t, recipient_at(mailbox), known, keyroom, now)) for t in mailbox.transports]
        judged = [(t, why if isinstance(why, str) else failing[t]) for t, why in judged]
        rungs = [_rung(t, mailbox, why if isinstance(why, str) else "", known, tries, mine) for t, why in judged]
        move = moving.get(mailbox.id)
        found.append(Reach(mailbox, tuple(rungs), mine, one, move, filed.get(mailbox.id, "") if move else ""))
    return tuple(found)


def named(of: tuple[Reach, ...], name: str) -> tuple[Reach, ...]:
    """Those of this id or address."""
    wanted = name.lower()
    return tuple(r for r in of if wanted in (r.mailbox.id.lower(), r.mailbox.address.text, r.to_be))


def _failing(transport: Transport, mailbox: Mailbox, open_now: set[str]) -> str:
    """What was found in use, though nothing in the directory is wrong: the desk has a task of it; or ""."""
    if transport is Transport.TLS and f"{TaskKind.TLS_FAILS}:{mailbox.id}" in open_now:
        return "tls_fails"
    if transport is Transport.TLS and f"{TaskKind.OTHER_SERVERS}:{mailbox.id}" in open_now:
        return "other_servers"
    return "codes_fail" if transport is Transport.PICKUP and TaskKind.CODES_FAIL in open_now else ""


def _rung(
    transport: Transport, mailbox: Mailbox, why: str, known: OfHub, tries: tuple[Tried, ...],
    keys: tuple[dict[str, Any], ...],
) -> Rung:  # fmt: skip
    kind = OF_TRANSPORT.get(transport)
    mine = [k for k in keys if k["kind"] == kind]
    if kind is not None and not why:
        why = standing_of(mailbox, kind, tries).why  # something was sealed to it, which is more than looked at
    if why:
        return _broken(transport, mailbox, why, next((k for k in mine if k["state"] in ("waiting", "held")), None))
    if transport is Transport.PICKUP:
        return Rung(transport, "", "a one-time code can be sent to somebody there", "")
    if transport is Transport.TLS:
        shown = known.evidence[mailbox.address.domain]
        told = f"verified TLS, looked at on {shown.checked_at:%Y-%m-%d}, believed until {shown.until:%Y-%m-%d}"
        return Rung(transport, "", told, "")
    return Rung(transport, "", _sealed_to(mine), "")


def _of(mailbox: Mailbox, keys: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Its certificates, where that of the whole agency is sealed to for others: not for who has one of its own."""
    own = {k["kind"] for k in keys if k["mailbox"] == mailbox.id and k["use"] == SEALED_TO and not k["why"]}
    elsewhere = [k["use"] == SEALED_TO and not k["mailbox"] and k["kind"] in own for k in keys]
    return tuple({**k, "use": NOT_HERE} if other else k for k, other in zip(keys, elsewhere, strict=True))


def _sealed_to(keys: list[dict[str, Any]]) -> str:
    """Each that a packet to this mailbox is sealed to."""
    told = "a trial encryption worked"
    for key in reversed([k for k in keys if k["use"] == SEALED_TO and not k["why"]]):
        until = "without an end" if key["until"] == "-" else f"until {key['until']}"
        told = f"certificate …{key['fingerprint'][-8:]} ({generation(key)}), {until}; {told}"
    return told


def _broken(transport: Transport, mailbox: Mailbox, why: str, coming: dict[str, Any] | None) -> Rung:
    """A rung that does not work; `coming` is a certificate that is not used yet."""
    found = WHY.get(why, why) + (f"; one {coming['use']}" if coming else "")
    mend = MEND.get(why, "").format(mailbox=mailbox.id, domain=mailbox.address.domain)
    if coming and coming["state"] == "held":
        stops = f"`exchange key retire {coming['fingerprint']} --as STAFF` stops it"
        mend = f"nothing: it comes into use by itself (ring until then). {stops}"
    if coming and coming["state"] == "waiting":
        mend = f"`exchange key confirm {coming['fingerprint']} --as STAFF --read-back ...`"
    return Rung(transport, why, found, mend)


def short(one: Reach) -> str:
    """A mailbox in one line."""
    ways = ", ".join(f"{r.transport}{' (not now)' if r.why else ''}" for r in one.rungs)
    goes = f"goes by {one.takes}" if one.takes else "NOTHING works: ring"
    moving = f"; {coming(one.move)}" if one.move else ""
    return f"{one.mailbox.id}  {one.mailbox.telephone}  {ways}  {goes}; {line(one.proved)}{moving}"


def coming(move: Move) -> str:
    """What changes in how it is reached, and when."""
    what = " and ".join(moves.WORDS[part] for part in move.parts)
    return f"another {what} from {move.starts_at:%Y-%m-%d %H:%M} UTC; until then it is reached as before"


def lines(one: Reach) -> list[str]:
    """A mailbox as a person reads it: each rung in order, and what to do."""
    told = [f"{one.mailbox.id} <{one.mailbox.address.text}>  {one.mailbox.telephone}"]
    for number, rung in enumerate(one.rungs, 1):
        sign = "works" if not rung.why else "DOES NOT WORK"
        told.append(f"  {number}. {TRANSPORTS.get(rung.transport, rung.transport)}: {sign}: {rung.found}")
        if rung.mend:
            told.append(f"     do: {rung.mend}")
    told += [
        f"  certificate …{k['fingerprint'][-8:]} of {k['owner']} ({generation(k)}): {k['health']}, {k['use']}"
        for k in one.keys
    ]
    told.append(f"  {line(one.proved)}")
    if one.move:
        told.append(f"  {coming(one.move)}")
    if not one.takes:
        told.append(f"  NOTHING can be sent there: every letter is held. Ring {one.mailbox.telephone}")
    return told
