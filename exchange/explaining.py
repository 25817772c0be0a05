"""Explaining: what the exchange takes a mail for, and why, told of any file without storing anything.

It asks the same examiner and the same judgement as the intake; only the case a mail belongs to is not known here, so
nobody is believed to speak for an agency.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange.case.in_part import as_written, read_in_part
from exchange.case.referral import ReferralRefused
from exchange.case.sealed import NotOpened, Opened, Signed, Signer, UnknownSigner, Unwrapped
from exchange.examining import Examiner
from exchange.pins import Pin, Pins
from exchange.store.certificates import Kind
from exchange.what_follows import follows
from keys.opener import Opener, OpenerKeys
from keys.openpgp.keyring import certificates_in
from keys.smime.lent import Lent, lent
from mailflow import disposition, words
from mailflow.authenticity import DnsResolver, DnsTrouble, Resolver, system_resolver
from mailflow.evidence import Evidence, files, own_text, two_texts
from mailflow.forms import Value, doubts, left_out, locked, structured
from mailflow.forwarded_meeting import tells_of_forwarding
from mailflow.interpret import says_too_much
from mailflow.parsed_mail import Enclosed, Report
from mailflow.reader import Reader
from mailflow.reply_text import is_reply_subject, own_words

REFERRAL, HUMAN_REPLY, CALENDAR_REPLY, OTHER = "referral", "human_reply", "calendar_reply", "other"
AUTOMATIC_REPLY, READ_RECEIPT, FEEDBACK_REPORT = "automatic_reply", "read_receipt", "feedback_report"
KINDS = (
    REFERRAL, HUMAN_REPLY, "failed", "delayed", "delivered", AUTOMATIC_REPLY, READ_RECEIPT, FEEDBACK_REPORT,
    CALENDAR_REPLY, OTHER,
)  # fmt: skip
AT_ONCE = 16  # files read at the same time: most wait for a name server
_LOCKED = "; a file is locked: the desk rings whoever sent it for the password, with the first-look clock running"
_TYPED_IN = "becomes a contact: a person reads it and types it in, because its answers cannot be taken as they stand"
_HELD = "; what cannot be read is held as it was written, and a person asks whoever wrote it"
_FORWARDED = "Outlook tells that a meeting was passed on (Meeting Forward Notification): nobody answers by it"
_ODD_OUTSIDE = frozenset({"no_from", "no_message_id", "bare_cr", "bare_lf", "nul"})
_BY_HAND = "; a person compares what was read with the form"


class OnceTroubled:
    """A name server that is not asked again in this run once it did not answer, nor twice for one name: explaining
    hundreds of files, on a machine without network too, must not take hundreds of times three seconds."""

    def __init__(self, resolver: Resolver | None) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, str], list[Any]] = {}

    def lookup(self, name: str, kind: str) -> list[Any]:
        """See Resolver."""
        if self._resolver is None:
            raise DnsTrouble("not asked")
        asked = (name.lower().rstrip("."), kind)
        if asked not in self._known:
            try:
                self._known[asked] = self._resolver.lookup(name, kind)
            except DnsTrouble:
                self._resolver = None
                raise
        return self._known[asked]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains one mail after the other."""

    examiner: Examiner
    known: Pins

    async def explain(self, raw: bytes) -> dict[str, Any]:
        """All that can be said of one mail. Never raises for what a stranger wrote."""
        return told(await self.examiner.examine(raw, None, self.known))

    async def explain_files(self, files: Iterable[Path]) -> AsyncIterator[tuple[Path, dict[str, Any] | OSError]]:
        """Each file with what is said of it, in their order; a few at once, for name servers take their time."""
        waiting: deque[tuple[Path, asyncio.Task[dict[str, Any] | OSError]]] = deque()
        for file in files:
            waiting.append((file, asyncio.ensure_future(self._file(file))))
            if len(waiting) >= AT_ONCE:
                first, task = waiting.popleft()
                yield first, await task
        for first, task in waiting:
            yield first, await task

    async def _file(self, file: Path) -> dict[str, Any] | OSError:
        try:
            return await self.explain(await asyncio.to_thread(_octets, file))
        except OSError as wrong:
            return wrong


def _octets(file: Path) -> bytes:
    """Standard input may be a socket, which cannot be opened by its name."""
    return sys.stdin.buffer.read() if file == Path("/dev/stdin") else file.read_bytes()


class _WithoutGpg(Opener):
    """What is sealed by OpenPGP stays shut. S/MIME may be only a signature around readable words, for which no key is
    needed. Its child comes up when there is something for it."""

    def __init__(self, keys: OpenerKeys) -> None:
        super().__init__(keys)
        self._has_smime = bool(keys.smime)

    async def open(self, ciphertext: bytes, certificates: Iterable[bytes]) -> Opened | NotOpened:
        """See Opener."""
        return NotOpened("no_key")

    async def verify(self, signed: bytes, signature: bytes, certificates: Iterable[bytes]) -> Signer:
        """See Opener."""
        return UnknownSigner()

    async def open_smime(self, data: bytes, certificates: Iterable[bytes]) -> Opened | Unwrapped | NotOpened:
        """See Opener."""
        found = await super().open_smime(data, certificates)
        return NotOpened("no_key") if found == NotOpened("not_for_us") and not self._has_smime else found


@contextlib.asynccontextmanager
async def explainer(
    home: Path | None, dns: str = "", smime: Path | None = None, own: str = ""
) -> AsyncIterator[Explainer]:
    """An explainer; `home` is a gpg home and `smime` a folder of S/MIME files whose keys may open and verify, `dns` a
    name server as host:port. `own` opens the keys where the folder is the hub's own."""
    host, _, port = dns.rpartition(":")
    resolver = OnceTroubled(DnsResolver(host, int(port)) if host else system_resolver())
    async with contextlib.AsyncExitStack() as stack:
        reader = await Reader.start()
        stack.push_async_callback(reader.close)
        word = secrets.token_hex()  # keys are given to the opener locked
        ours = await asyncio.to_thread(lent, smime, word, own) if smime else Lent({}, ())
        armored = await asyncio.to_thread(certificates_in, home) if home else {}
        keys = OpenerKeys(home or Path("/"), "", b"", "", ours.keys, word)
        opener = await Opener.start(keys) if home else _WithoutGpg(keys)
        stack.push_async_callback(opener.close)
        named = ((Kind.OPENPGP, armored), (Kind.SMIME, ours.certificates))
        pins = (Pin(name, kind, "", "", public) for kind, every in named for name, public in every.items())
        yield Explainer(Examiner(reader, opener, resolver), Pins.made_of(pins))


def told(e: Evidence) -> dict[str, Any]:
    """The evidence in the shape of `exchange schema explain`."""
    found, content = structured(e.content), e.content
    held, refused = _not_taken(found.data)
    kind, why = _kind(e, found.data is not None)
    own = own_words(own_text(e))
    return {
        "kind": kind,
        "why": why,
        "recipients": _recipients(e),
        "original_message_id": _original_id(e),
        "message_id": e.mail.message_id,
        "from": list(e.mail.from_addresses),
        "to": list(e.mail.to),
        "subject": e.subject,
        "date": e.mail.date.isoformat() if e.mail.date else None,
        "words": own,
        "answer": _answer(e, own) if kind == HUMAN_REPLY else "",
        "meetings": _meetings(e),
        "fields": [_field(value, held) for value in found.values],
        "fields_problem": "; ".join(
            filter(None, (found.problem, *held.values(), *refused, *left_out(content), *doubts(found)))
        ),
        "integrity": _integrity(e),
        "signer": _signer(e),
        "authenticity": _authenticity(e),
        "attachments": list(_attachments(e)),
        "enclosed": [_enclosed(one) for one in content.enclosed if one.kind != "winmail"],
        "oddities": sorted({*e.mail.oddities, *(_inside(content.oddities) if e.inner else ())}),
        "unreadable": e.mail.unreadable,
        "then": _then_with(e, kind, held, refused)
        + (_BY_HAND if found.by_hand and not refused else "")
        + (_LOCKED if locked(content) else ""),
    }


def _not_taken(data: Any) -> tuple[dict[str, str], list[str]]:
    """What of a referral is held as it was written, by its path; and why the whole is a person's to type in."""
    if data is None:
        return {}, []
    try:
        _, held = read_in_part(data)
    except ReferralRefused as problems:
        return {}, [as_written(data, p) for p in problems.problems]
    return {p.where: as_written(data, p) for p in held}, []


def _then_with(e: Evidence, kind: str, held: dict[str, str], refused: list[str]) -> str:
    if kind == REFERRAL and refused:
        return _TYPED_IN
    return follows(e, answers=_answers(e)) + (_HELD if kind == REFERRAL and held else "")


def _kind(e: Evidence, is_referral: bool) -> tuple[str, str]:
    """Machines first, in the order in which the intake looks (see interpret.py)."""
    if e.report:
        return _reported(e.report)
    if e.read_receipt:
        receipt = disposition.said(e.mail)
        became = ": ".join(filter(None, (receipt.became, receipt.trouble)))
        return READ_RECEIPT, "a disposition notification (RFC 8098)" + (f"; it says {became}" if became else "")
    if tells_of_forwarding(e.mail):
        return OTHER, _FORWARDED
    if e.meetings:
        return CALENDAR_REPLY, "a calendar reply (RFC 5546)"
    if e.automatic:
        return AUTOMATIC_REPLY, "headers or words that only a machine writes (RFC 3834)"
    if is_referral:
        return REFERRAL, "it holds a structured referral"
    if _answers(e):
        doubt = "; a machine may have sent it, so nothing in it counts until a person has read it"
        return HUMAN_REPLY, "a person answers a message" + (doubt if e.doubtful else "")
    return OTHER, "nothing shows that a machine wrote it: a person reads it"


def _reported(report: Report) -> tuple[str, str]:
    kind = FEEDBACK_REPORT if report.kind == "feedback" else report.kind
    if kind == "failed" and all(r.timed_out for r in report.recipients if r.action == kind):
        return "delayed", "a mail system reports on a message: no server refused it, and the time to try is over"
    return kind, "a mail system reports on a message"


def _answer(e: Evidence, own: str) -> str:
    reading = words.read_answer(own, e.mail.writer)
    return "unclear" if e.doubtful or two_texts(e) or says_too_much(e, reading) else reading.answer


def _answers(e: Evidence) -> bool:
    """Its subject may be told inside the seal alone."""
    said = is_reply_subject(e.mail.subject) or is_reply_subject(e.subject)
    return bool(e.mail.in_reply_to or e.mail.references or said)


def _inside(oddities: tuple[str, ...]) -> Iterator[str]:
    """Of what was sealed, those that say something: it need not name its author, and octets may stand there bare."""
    return (one for one in oddities if one not in _ODD_OUTSIDE)


def _original_id(e: Evidence) -> str:
    """Of the message it is about, as it says itself."""
    if e.report:
        return e.report.original_message_id
    receipt = disposition.said(e.mail).original_id if e.read_receipt else ""
    return receipt or next(iter((*e.mail.in_reply_to, *reversed(e.mail.references))), "")


def _recipients(e: Evidence) -> list[dict[str, Any]]:
    """Whom a report names. Its class is `delayed` as long as no server refused: also when the time ran out for it, of
    which `final` tells; then the address may be right, and their mail system in trouble. What was handed on to a
    server that reports nothing is not final either."""
    reported = e.report.recipients if e.report else ()
    return [
        {"address": r.address, "written_to": r.original or r.address, "class": "delayed" if r.timed_out else r.action,
         "final": r.action != "delayed" and not r.handed_on,
         "status": r.status, "reason": r.diagnostic}
        for r in reported
    ]  # fmt: skip


def _meetings(e: Evidence) -> list[dict[str, Any]]:
    return [
        {"uid": m.uid, "attendee": m.attendee, "answer": m.answer, "sequence": m.sequence, "comment": m.comment,
         "method": m.method, "delegated_to": m.delegate, "delegated_from": m.in_place_of}
        for m in e.meetings
    ]  # fmt: skip


def _field(one: Value, held: dict[str, str]) -> dict[str, Any]:
    """`written` is what stood there, where the value was made of it; nobody is sure of what is held."""
    sure = 0.0 if one.path in held else one.confidence
    return {
        "field": one.path, "value": one.value, "confidence": sure, "source": one.source,
        "written": one.written,
    }  # fmt: skip


def _integrity(e: Evidence) -> str:
    if e.not_opened:
        return e.not_opened
    if not e.sealed:
        return "none"
    return "unproved" if e.unproved else "proved"


def _signer(e: Evidence) -> dict[str, str]:
    if isinstance(e.signer, Signed):
        return {"verdict": "signed", "fingerprint": e.signer.fingerprint}
    if isinstance(e.signer, UnknownSigner):
        return {"verdict": "altered" if e.signer.altered else "unknown", "fingerprint": ""}
    return {"verdict": "unsigned", "fingerprint": ""}


def _authenticity(e: Evidence) -> dict[str, Any]:
    a = e.authenticity
    return {
        "spf": a.spf,
        "dkim": [{"domain": v.domain, "selector": v.selector, "valid": v.valid, "why": v.why} for v in a.dkim],
        "dmarc": a.dmarc,
        "arc": {"verdict": a.arc.verdict, "sealers": list(a.arc.sealers), "signers": list(a.arc.signers)},
        "from_domain": a.from_domain,
        "aligned_domain": a.aligned_domain,
    }


def _enclosed(one: Enclosed) -> dict[str, str]:
    """A message that is passed on: what it says is nobody's word here."""
    return {"kind": one.kind, "from": one.sender, "subject": one.subject, "words": one.text}


def _attachments(e: Evidence) -> Iterator[dict[str, Any]]:
    """Files of the mail, and first those inside its seal; what was opened is not told once more as it came."""
    for part, covered in files(e):
        if part.file_name or part.disposition:
            yield {
                "name": part.file_name, "content_type": part.content_type, "octets": len(part.content),
                "covered": covered,
            }  # fmt: skip


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one line that `exchange mail explain --json` prints."""
    text, names = {"type": "string"}, ("file", "why", "then", "original_message_id", "message_id", "subject", "words")
    plain: dict[str, Any] = dict.fromkeys((*names, "answer", "fields_problem", "unreadable", "integrity"), text)
    dkim = _object(domain=text, selector=text, valid={"type": "boolean"}, why=text)
    recipient = _object(
        address=text, written_to=text, **{"class": {"enum": ["failed", "delayed", "delivered", "feedback"]}},
        final={"type": "boolean"}, status=text, reason=text,
    )  # fmt: skip
    meeting = _object(uid=text, attendee=text, answer=text, sequence={"type": "integer"}, comment=text, method=text,
                      delegated_to=text, delegated_from=text)  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a mail is taken for",
        **_object(
            **plain,
            kind={"enum": list(KINDS)},
            **{"from": _list(text)},
            to=_list(text),
            date={"type": ["string", "null"], "format": "date-time"},
            recipients=_list(recipient),
            meetings=_list(meeting),
            fields=_list(
                _object(
                    field=text,
                    value={},
                    confidence={"type": "number", "minimum": 0, "maximum": 1},
                    source=text,
                    written=text,
                )
            ),
            signer=_object(verdict={"enum": ["signed", "altered", "unknown", "unsigned"]}, fingerprint=text),
            authenticity=_object(
                spf=text,
                dmarc=text,
                from_domain=text,
                aligned_domain=text,
                dkim=_list(dkim),
                arc=_object(verdict=text, sealers=_list(text), signers=_list(text)),
            ),
            attachments=_list(
                _object(
                    name=text,
                    content_type=text,
                    octets={"type": "integer", "minimum": 0},
                    covered={"type": "boolean"},
                )
            ),
            enclosed=_list(_object(kind=text, **{"from": text}, subject=text, words=text)),
            oddities=_list(text),
        ),
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def as_text(file: str, told: dict[str, Any]) -> str:
    """For a person at a terminal, which obeys no character that a stranger put there."""
    lines = [f"{file}: {told['kind'].replace('_', ' ')} – {told['why']}", *_about(told)]
    for r in told["recipients"]:
        lines.append(f"  {r['address']}: {r['class']} {r['status']} {r['reason'][:120]}".rstrip())
    lines += [f"  {_attends(m)} (entry {m['uid']}, {m['sequence']})" for m in told["meetings"]]
    lines += [f"  {f['field']}: {_short(f['value'])} ({f['confidence']:.2f}, {f['source']})" for f in told["fields"]]
    lines += [f"  not read: {told['fields_problem']}"] if told["fields_problem"] else []
    lines += [f"  attached: {a['name'] or a['content_type']} ({a['octets']} octets)" for a in told["attachments"]]
    lines += [f"  enclosed: a message of {n['from'] or 'somebody'}: {_short(n['words'])}" for n in told["enclosed"]]
    lines += [f"  words: {line[:200]}" for line in told["words"].splitlines()[:5] if line.strip()]
    lines += [f"  read as: {told['answer'].replace('_', ' ')}"] if told["answer"] else []
    lines.append(f"  then: {told['then']}")
    return "\n".join("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line) for line in lines)


def _attends(m: dict[str, Any]) -> str:
    """What one attendee says, and who comes instead of whom."""
    passed = f", passed on to {m['delegated_to']}" if m["delegated_to"] else ""
    passed += f", in place of {m['delegated_from']}" if m["delegated_from"] else ""
    return f"{m['attendee']} {m['answer']}{passed}"


def _about(told: dict[str, Any]) -> Iterator[str]:
    """From whom, how far that is proved, and what was odd."""
    yield f"  from: {', '.join(told['from']) or 'nobody named'}; subject: {_short(told['subject']) or 'none'}"
    if told["unreadable"]:
        yield f"  cannot be read: {told['unreadable'].replace('_', ' ')}"
    signer, shown = told["signer"], told["authenticity"]
    by = f" by {signer['fingerprint']}" if signer["fingerprint"] else ""
    by = " (it was changed after it was signed)" if signer["verdict"] == "altered" else by
    yield f"  sealed: {told['integrity'].replace('_', ' ')}; signed: {signer['verdict']}{by}"
    good = ", ".join(one["domain"] for one in shown["dkim"] if one["valid"]) or "none"
    judged = f"SPF {shown['spf']}, DKIM {good}, DMARC {shown['dmarc']}, ARC {shown['arc']['verdict']}"
    yield f"  proved: {shown['aligned_domain'] or 'nobody’s domain'} ({judged})"
    if told["original_message_id"]:
        yield f"  about: {told['original_message_id']}"
    if told["oddities"]:
        yield f"  odd: {', '.join(told['oddities']).replace('_', ' ')}"


def _short(value: Any) -> str:
    """On one line, for a terminal."""
    line = " ".join(str(value).split())
    return line if len(line) <= 80 else f"{line[:79]}…"
