"""S/MIME inside mail (RFC 8551 3): written so that Outlook opens it, found under whatever name gateways gave it.

1. The same headers and envelope always give the same octets: a retry is recognisably the same mail.
2. Finding never opens anything and never raises.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator, Sequence

from mailflow.entity import Entity, leaves
from mailflow.parsed_mail import CipherPart, ParsedMail, Part
from mailflow.pgp_mime import header_block

KIND = "smime"
TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_LINE = 64  # characters of a base64 line (RFC 2045 6.8: at most 76)
_NOT_A_LETTER = frozenset({"certs-only"})  # RFC 8551 3.2.2: somebody's certificates, nothing to open


def wrap(headers: Sequence[tuple[str, str]], envelope: bytes) -> bytes:
    """The whole message as it goes on the wire: RFC 8551 3.3, one enveloped part and nothing beside it."""
    text = binascii.b2a_base64(envelope, newline=False)
    return b"".join(
        (
            header_block(headers),
            b"MIME-Version: 1.0\r\n"
            b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n name="smime.p7m"\r\n'
            b"Content-Transfer-Encoding: base64\r\n"
            b'Content-Disposition: attachment; filename="smime.p7m"\r\n\r\n',
            *(text[at : at + _LINE] + b"\r\n" for at in range(0, len(text), _LINE)),
        )
    )


def find(root: Entity) -> Iterator[CipherPart]:
    """Every S/MIME object of a mail; gateways change its type and keep its name (RFC 8551 3.2.1)."""
    for leaf in leaves(root):
        if leaf.param("smime-type").lower() in _NOT_A_LETTER:
            continue
        if leaf.content_type in TYPES or leaf.file_name.lower().endswith(".p7m"):
            yield CipherPart(KIND, leaf.content)


def find_in(files: Iterable[Part]) -> tuple[CipherPart, ...]:
    """Those among the files of a message in one of Outlook's wrappings."""
    return tuple(CipherPart(KIND, one.content) for one in files if one.file_name.lower().endswith(".p7m"))


def is_whole(mail: ParsedMail) -> bool:
    """Whether it is one S/MIME object and nothing else, so that a signature around that covers all that is shown."""
    return mail.content_type in TYPES and [one.kind for one in mail.ciphertexts] == [KIND]
