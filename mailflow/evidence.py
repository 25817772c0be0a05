"""All that is known of one mail, and the words and files in it that a person reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from exchange.case.sealed import Signed, Signer, Unsigned
from mailflow import pgp_mime
from mailflow.authenticity import Authenticity
from mailflow.delivery_report import Report
from mailflow.document import Document
from mailflow.parsed_mail import Enclosed, MeetingReply, ParsedMail, Part
from mailflow.smime_mime import KIND as SMIME
from mailflow.smime_mime import SIGNATURES

UNSIGNED = Unsigned()
NOT_OPENED = "[Part of this mail is sealed, and could not be opened.]"
_OF_A_SEAL = frozenset({"application/pgp-encrypted", "application/pgp-signature", *SIGNATURES})
_ARMOR = re.compile(  # only what is armored: somebody's words between such lines stay
    r"-----BEGIN PGP MESSAGE-----[ \t]*(?:\n[A-Za-z-]{1,40}: [^\n]*)*(?:\n[A-Za-z0-9+/=]*[ \t]*)*"
    r"(?:\n-----END PGP MESSAGE-----|\Z)"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one mail."""

    mail: ParsedMail  # as it came
    authenticity: Authenticity
    inner: ParsedMail | None = None  # what was inside the seal, or inside a signature that wraps its content
    in_clear: bool = False  # a signature was all there was around it
    signer: Signer = UNSIGNED
    not_opened: str = ""  # why a ciphertext gave nothing; "" when there was none or it opened
    report: Report | None = None
    supposed: Report | None = None  # no report by its looks: what it says where only returned mail comes to
    read_receipt: bool = False
    automatic: bool = False
    doubtful: bool = False  # a machine may have sent it (auto_reply.py): nothing in it counts until a person read it
    answerable: bool = True  # a machine may answer it (answerable.py)
    looped: bool = False  # it has gone round in circles, or is a mail of our own that came back
    over_tls: bool = False  # from the server before us to us
    meetings: tuple[MeetingReply, ...] = ()
    alike: bool = False  # another mail bears its Message-ID, and is not the same: one of them was not meant so
    sent_again: str = ""  # why it may have been written for another letter or time; then it proves nothing

    @property
    def subject(self) -> str:
        """The subject that was meant: the one inside the seal where it claims to be one (RFC 9788)."""
        return (pgp_mime.read_protected(self.inner) if self.inner else "") or self.mail.subject

    @property
    def content(self) -> ParsedMail:
        """The mail whose words count."""
        return self.inner or self.mail

    @property
    def sealed(self) -> bool:
        """It came encrypted to us, and opened."""
        return self.inner is not None and not self.in_clear

    @property
    def unproved(self) -> bool:
        """Sealed, and nothing shows that it was not changed: by S/MIME, whose usual cipher cannot tell, and without
        the signature of anybody we know."""
        by_smime = any(one.kind == SMIME for one in self.mail.ciphertexts)
        return self.sealed and by_smime and not isinstance(self.signer, Signed)


def two_texts(e: Evidence) -> bool:
    """Its plain text says something that its page does not: they saw one and we read the other."""
    return "versions_differ" in e.content.oddities


def files(e: Evidence) -> Iterator[tuple[Part, bool]]:
    """Its parts, and of each whether the seal or the signature covers it: inside first, then what stood beside."""
    if e.inner is None:
        covered = e.mail.signed is not None and e.mail.signed.covers_all and isinstance(e.signer, Signed)
        yield from ((part, covered) for part in e.mail.files)
        return
    opened = {one.data for one in e.mail.ciphertexts}
    yield from ((part, True) for part in e.inner.files)
    beside = (p for p in e.mail.files if p.content not in opened and p.content_type not in _OF_A_SEAL)
    yield from ((part, False) for part in beside)


def whole(e: Evidence) -> str:
    """All that a person wrote; what stood around a sealed part too, marked, for it may say whom to ring."""
    around = without_armor(e.mail.text) if e.inner else ""
    written = own_text(e)
    pieces = [written, *map(_of_enclosed, e.content.enclosed), *map(_of_document, e.content.documents)]
    pieces += [f"[Not sealed, around it:]\n{around}"] if around else []
    pieces += [NOT_OPENED] if e.not_opened else []
    return "\n\n".join(dict.fromkeys(piece for piece in pieces if piece))


def own_text(e: Evidence) -> str:
    """The text whose words count, without what stayed shut."""
    return without_armor(e.content.text) if e.not_opened else e.content.text


def without_armor(text: str) -> str:
    """A text without the ciphertexts that stand in it."""
    return _ARMOR.sub("", text).strip()


def _of_enclosed(one: Enclosed) -> str:
    if one.kind == "winmail" or not one.text:
        return one.text
    return f"[Enclosed: a message of {one.sender or 'somebody'}, {one.subject or 'without a subject'}]\n{one.text}"


def _of_document(one: Document) -> str:
    """What stands in a letter that came as a file; of a form of ours the words are mostly ours (`why`)."""
    if not one.text or one.why:
        return ""
    return f"[In the file “{one.file_name or one.kind}”, as far as its words can be read]\n{one.text}"
