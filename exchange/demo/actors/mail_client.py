"""A person's mail client: writes, encrypts, replies, answers invitations, signs with DKIM, opens what arrived.

1. It builds mail with the standard library and opens it with the gpg command: none of it is the exchange's code.
2. It replies as Thunderbird does: the words come below the quote, and the subject on the wire says nothing.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import dkim

from exchange.demo.actors.gpg import Gpg

TIMEOUT = 30.0  # seconds for one step of an SMTP dialogue
Files = dict[str, bytes]  # file name -> content


@dataclass(frozen=True)
class Read:
    """A mail as its reader sees it."""

    subject: str
    text: str
    attachments: Files = field(repr=False)
    message_id: str
    reply_to: str  # the address a reply goes to
    references: str
    encrypted: bool
    signed_by: str  # primary fingerprint, "" when unsigned
    outer: dict[str, str] = field(repr=False)  # header fields as everybody on the way saw them, names lower case
    status: tuple[str, ...] = ()  # what gpg said

    @property
    def calendar(self) -> str:
        """The invitation's text, or ''."""
        return self.attachments.get("invite.ics", b"").decode()


class MailClient:
    """One person at one address, with or without a key."""

    def __init__(self, address: str, name: str = "", gpg: Gpg | None = None) -> None:
        self.address, self.name, self.gpg = address, name, gpg

    def write(self, to: str, subject: str, text: str, files: Files | None = None) -> EmailMessage:
        """A mail with nothing secret about it."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = f"{self.name} <{self.address}>" if self.name else self.address
        mail["To"], mail["Subject"] = to, subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        mail.set_content(text)
        for name, content in (files or {}).items():
            mail.add_attachment(content, maintype="application", subtype=_subtype(name), filename=name)
        return mail

    def plain(self, to: str, subject: str, text: str, files: Files | None = None) -> bytes:
        """The same as octets."""
        return self.write(to, subject, text, files).as_bytes()

    def encrypted(self, mail: EmailMessage, keys: list[str], signer: str | None = None) -> bytes:
        """RFC 3156: `mail` signed and encrypted in one, its subject inside. `signer=""` leaves it unsigned."""
        if self.gpg is None:
            raise ValueError("this person has no key")
        inner = EmailMessage(policy=policy.SMTP)
        for name in ("From", "To", "Subject", "Date", "Message-ID"):
            inner[name] = mail[name]
        content = message_from_bytes(mail.as_bytes(), policy=policy.SMTP)
        for name in [n for n in content if not n.lower().startswith(("content-", "mime-version"))]:
            del content[name]
        content.set_param("protected-headers", "v1")
        octets = b"".join(f"{k}: {v}\r\n".encode() for k, v in _ascii_headers(inner)) + content.as_bytes()
        armored = self.gpg.encrypt(octets, keys, self.address if signer is None else signer)
        return _pgp_mime(mail, armored)

    def signed(self, mail: EmailMessage) -> bytes:
        """RFC 3156 5: multipart/signed, readable by everybody."""
        if self.gpg is None:
            raise ValueError("this person has no key")
        content = message_from_bytes(mail.as_bytes(), policy=policy.SMTP)
        for name in [n for n in content if not n.lower().startswith(("content-", "mime-version"))]:
            del content[name]
        del content["MIME-Version"]
        part = content.as_bytes()
        signature = self.gpg.sign_detached(part, self.address)
        head = _outer_headers(mail, str(mail["Subject"]))
        kind = b'multipart/signed; micalg=pgp-sha256;\r\n protocol="application/pgp-signature"; boundary="signed=1"'
        return b"".join(
            (
                head,
                b"MIME-Version: 1.0\r\nContent-Type: ",
                kind,
                b"\r\n\r\n--signed=1\r\n",
                part,
                b"\r\n--signed=1\r\n",
            )
        ) + b"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n%b\r\n--signed=1--\r\n" % _crlf(
            signature
        )

    def reply(self, to: Read, words: str, *, subject: str | None = None) -> EmailMessage:
        """The words below the quote, threaded (RFC 5322 3.6.4)."""
        quote = "".join(f"> {line}".rstrip() + "\n" for line in to.text.splitlines())
        when = datetime.now(UTC).strftime("%d/%m/%Y %H:%M")
        text = f"On {when}, {to.outer.get('from', to.reply_to)} wrote:\n{quote}\n{words}\n"
        mail = self.write(to.reply_to, f"Re: {to.subject}" if subject is None else subject, text)
        mail["In-Reply-To"] = to.message_id
        mail["References"] = f"{to.references} {to.message_id}".strip()
        return mail

    def answer_invitation(self, to: Read, partstat: str, comment: str = "") -> bytes:
        """An iMIP REPLY (RFC 6047): ACCEPTED, TENTATIVE or DECLINED."""
        ics = calendar_reply(to.calendar, self.address, partstat, comment)
        mail = self.reply(to, f"{self.name or self.address} has replied: {partstat}")
        organizer = re.search(r"^ORGANIZER[^:]*:mailto:(\S+)", _unfolded(to.calendar), re.MULTILINE | re.IGNORECASE)
        if organizer:
            mail.replace_header("To", organizer[1])
        mail.add_alternative(ics, subtype="calendar", params={"method": "REPLY"})
        return mail.as_bytes()

    def open(self, octets: bytes) -> Read:
        """Read a mail, opening it with gpg when it is RFC 3156, or when its one file is a sealed message: that is
        saved and opened as Outlook users with Gpg4win do, and what comes out is a message of its own (.eml)."""
        outer = message_from_bytes(octets, policy=policy.default)
        content, signed_by = outer, ""
        status: tuple[str, ...] = ()
        cipher = _cipher(outer)
        encrypted = cipher is not None
        if cipher is not None:
            if self.gpg is None:
                raise ValueError("this person has no key")
            opened = self.gpg.decrypt(cipher)
            content = message_from_bytes(opened.plaintext, policy=policy.default)
            signed_by, status = opened.signed_by, opened.status
        return Read(
            subject=str(content.get("Subject") or outer["Subject"]),
            text=_text(content),
            attachments=_files(content),
            message_id=str(outer["Message-ID"]),
            reply_to=_address(str(outer.get("Reply-To") or outer["From"])),
            references=str(outer.get("References", "")),
            encrypted=encrypted,
            signed_by=signed_by,
            outer={name.lower(): str(value) for name, value in outer.items()},
            status=status,
        )


@dataclass(frozen=True)
class DkimKey:
    """A domain's DKIM key (RFC 6376)."""

    domain: str
    selector: str
    private: bytes = field(repr=False)
    record: str  # the text of `name` in DNS

    @property
    def name(self) -> str:
        """Where the record stands in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @classmethod
    def make(cls, domain: str, selector: str = "s1") -> DkimKey:
        """A new 2048-bit RSA key."""
        private = _openssl("genrsa", "-traditional", "2048")
        public = _openssl("rsa", "-pubout", stdin=private).decode()
        text = "".join(line for line in public.splitlines() if not line.startswith("-"))
        return cls(domain, selector, private, f"v=DKIM1; k=rsa; p={text}")

    def sign(self, message: bytes) -> bytes:
        """The message with its signature on top."""
        header: bytes = dkim.sign(message, self.selector.encode(), self.domain.encode(), self.private)
        return header + message


def calendar_reply(request: str, attendee: str, partstat: str, comment: str = "") -> str:
    """A REPLY to a REQUEST (RFC 5546 3.2.3), its lines copied by hand."""
    wanted = ("UID", "SEQUENCE", "DTSTART", "DTEND", "ORGANIZER", "SUMMARY", "RECURRENCE-ID")
    event = _unfolded(request).partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0].splitlines()
    kept = [line for line in event if re.split("[:;]", line)[0].upper() in wanted]
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    said = [f"COMMENT:{comment}"] if comment else []
    lines = ["BEGIN:VCALENDAR", "PRODID:-//Agency//Calendar//EN", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT"]
    lines += [*kept, f"DTSTAMP:{stamp}", f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee}", *said]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


async def send(host: str, port: int, mail_from: str, to: str, message: bytes, *, tls: bool = False) -> str:
    """Hand one mail to a server; its last reply. Certificates are not looked at: an actor trusts loopback."""
    reader, writer = await asyncio.open_connection(host, port)
    say = _Saying(reader, writer)
    try:
        await say.reply()
        await say.line("EHLO client.example")
        if tls:
            await say.line("STARTTLS")
            await writer.start_tls(_unverified())
            await say.line("EHLO client.example")
        for command in (f"MAIL FROM:<{mail_from}>", f"RCPT TO:<{to}>", "DATA"):
            answer = await say.line(command)
            if answer[0] not in "23":
                return answer
        answer = await say.octets(_stuffed(message))
        await say.line("QUIT")
        return answer
    finally:
        writer.close()


class _Saying:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def line(self, text: str) -> str:
        return await self.octets(text.encode() + b"\r\n")

    async def octets(self, octets: bytes) -> str:
        self.writer.write(octets)
        await asyncio.wait_for(self.writer.drain(), TIMEOUT)
        return await self.reply()

    async def reply(self) -> str:
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), TIMEOUT)).decode()
            if not line:
                raise ConnectionResetError("the server hung up")
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _stuffed(message: bytes) -> bytes:
    content = _crlf(message)
    content += b"" if content.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + b".\r\n"


def _crlf(octets: bytes) -> bytes:
    return re.sub(rb"\r\n|\r|\n", b"\r\n", octets)


def _subtype(name: str) -> str:
    return {"json": "json", "pdf": "pdf"}.get(name.rpartition(".")[2], "octet-stream")


def _ascii_headers(mail: EmailMessage) -> list[tuple[str, str]]:
    """Header fields as they are written: encoded where they need it."""
    head = mail.as_bytes().split(b"\r\n\r\n")[0].decode("ascii")
    fields = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    pairs = [(name, value) for name, _, value in (line.partition(": ") for line in fields)]
    return [(n, v) for n, v in pairs if not n.lower().startswith(("content-", "mime-version"))]


def _outer_headers(mail: EmailMessage, subject: str) -> bytes:
    pairs = [(n, subject if n == "Subject" else v) for n, v in _ascii_headers(mail)]
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in pairs)


def _pgp_mime(mail: EmailMessage, armored: bytes) -> bytes:
    return b"".join(
        (
            _outer_headers(mail, "..."),
            b'MIME-Version: 1.0\r\nContent-Type: multipart/encrypted;\r\n protocol="application/pgp-encrypted";\r\n'
            b' boundary="------------sealed0"\r\n\r\n',
            b"This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\r\n--------------sealed0\r\n",
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--------------sealed0\r\n",
            b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n',
            _crlf(armored),
            b"\r\n--------------sealed0--\r\n",
        )
    )


def _cipher(outer: EmailMessage) -> bytes | None:
    """The ciphertext of a mail, as PGP/MIME or as its one file."""
    part = outer.get_payload(1) if outer.get_content_type() == "multipart/encrypted" else None
    files = [] if part else [p for p in outer.iter_attachments() if str(p.get_filename()).endswith(".eml.pgp")]
    octets = (part or files[0]).get_payload(decode=True) if part or files else None  # type: ignore[union-attr]
    return octets if isinstance(octets, bytes) else None


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _files(mail: EmailMessage) -> Files:
    files: Files = {}
    for part in mail.walk():
        name = part.get_filename() or ("invite.ics" if part.get_content_type() == "text/calendar" else "")
        octets = part.get_payload(decode=True)
        if name and isinstance(octets, bytes):
            files[name] = octets
    return files


def _address(header: str) -> str:
    found = re.search(r"<([^<>]+)>\s*$", header)
    return found[1] if found else header.strip()


def _unfolded(calendar: str) -> str:
    return re.sub(r"\r?\n[ \t]", "", calendar).replace("\r\n", "\n")


def _openssl(*args: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=True, timeout=TIMEOUT)
    return done.stdout
