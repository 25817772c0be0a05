"""OpenPGP mail as we write it, and as other people's servers leave it."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow import pgp_mime
from mailflow.mime import CipherPart, read

ARMOR = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA1uV\n=abcd\n-----END PGP MESSAGE-----\n"
LINES = ARMOR.strip().replace(b"\n", b"\r\n")
HEADERS = [
    ("From", "Hub <referrals@hub.example>"),
    ("To", "safeguarding@police.example"),
    ("Subject", "Message MASH-7K2F for your team"),
    ("Message-ID", "<k2@hub.example>"),
]
CORPUS = Path(__file__).parents[3] / "shared" / "mail" / "openpgp" / "schleuder" / "mails"
# How many ciphertexts each of these holds, by hand.
OTHERS = {
    "exchange.eml": "pgp_mime",
    "protected-headers.eml": "pgp_mime",
    "encrypted-mime/thunderbird.eml": "pgp_mime",
    "qp-encoding-encrypted.eml": "pgp_mime",
    "encrypted-inline/thunderbird.eml": "inline",
    "mail_with_pgp_boundaries_in_body.txt": "inline",
}


def kinds(raw: bytes) -> list[tuple[str, bytes]]:
    return [(part.kind, part.data.replace(b"\r\n", b"\n").strip() + b"\n") for part in read(raw).ciphertexts]


# -- writing


def test_what_is_wrapped_is_found() -> None:
    raw = pgp_mime.wrap(HEADERS, ARMOR)
    got = read(raw)
    assert got.headers[:4] == tuple(HEADERS)
    assert got.content_type == "multipart/encrypted"
    assert got.ciphertexts == (CipherPart("pgp_mime", LINES),)
    assert (got.text, got.oddities) == ("", ())
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_another_parser_reads_it_the_same() -> None:
    """RFC 3156 4, judged by the standard library."""
    other = email.message_from_bytes(pgp_mime.wrap(HEADERS, ARMOR), policy=email.policy.SMTP)
    assert other.get_content_type() == "multipart/encrypted"
    assert other.get_param("protocol") == "application/pgp-encrypted"
    version, cipher = other.iter_parts()
    assert version.get_content_type() == "application/pgp-encrypted"
    assert version.get_content() == b"Version: 1\r\n"
    assert cipher.get_content_type() == "application/octet-stream"
    assert cipher.get_content() == LINES
    assert not other.defects


def test_every_retry_is_the_same_octets() -> None:
    assert pgp_mime.wrap(HEADERS, ARMOR) == pgp_mime.wrap(list(HEADERS), ARMOR.replace(b"\n", b"\r\n"))
    assert pgp_mime.wrap(HEADERS, ARMOR) != pgp_mime.wrap(HEADERS, ARMOR.replace(b"abcd", b"abce"))


@pytest.mark.parametrize(
    "header",
    [
        ("Subject", "x\r\nBcc: evil@x.example"),
        ("Subject", "x\ny"),
        ("Subject", "x\0"),
        ("To", "zoë@agency.example"),
        ("To", "a\u2028b"),
        ("To: x\r\nBcc", "evil@x.example"),
        ("Bad Name", "x"),
        ("", "x"),
        ("Content-Type", "text/plain"),
        ("MIME-Version", "1.0"),
        ("To", "x" * 1200),
    ],
)
def test_a_header_that_mail_cannot_carry_is_refused(header: tuple[str, str]) -> None:
    with pytest.raises(pgp_mime.MessageRefused) as refused:
        pgp_mime.wrap([*HEADERS, header], ARMOR)
    assert "example" not in str(refused.value)


@pytest.mark.parametrize("cipher", [b"", b"plain words", ARMOR.replace(b"abcd", b"\xff"), ARMOR[:60], b"x" + ARMOR])
def test_what_is_not_sealed_is_not_wrapped(cipher: bytes) -> None:
    with pytest.raises(pgp_mime.MessageRefused):
        pgp_mime.wrap(HEADERS, cipher)


@given(st.text(max_size=300))
def test_no_value_becomes_two_headers(value: str) -> None:
    try:
        raw = pgp_mime.wrap([*HEADERS, ("X-Value", value)], ARMOR)
    except pgp_mime.MessageRefused:
        assert not (value.isascii() and value.isprintable())
        return
    assert [name for name, _ in read(raw).headers] == [
        *("From", "To", "Subject", "Message-ID", "X-Value", "MIME-Version", "Content-Type")
    ]
    assert read(raw).header("X-Value") == value.strip()


def test_long_values_are_folded_and_come_back() -> None:
    ids = " ".join(f"<{n}.abcdefghijklmnop@hub.example>" for n in range(12))
    raw = pgp_mime.wrap([*HEADERS, ("References", ids)], ARMOR)
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert read(raw).header("References") == ids


BODY = (
    b'Content-Type: multipart/mixed;\n boundary="i"\nX-Kept: yes\n\n--i\nContent-Type: text/plain\n\nwords\n--i--\n'
)


def test_protected_headers_travel_inside() -> None:
    real = [("Subject", "Referral – Ünal"), ("From", "referrals@hub.example")]
    inner = pgp_mime.protected(real, BODY, outer=[("Subject", "Message MASH-7K2F")])
    got = read(inner)
    assert pgp_mime.read_protected(got) == "Referral – Ünal"
    assert dict(got.content_params) == {"boundary": "i", "protected-headers": "v1", "hp": "cipher"}
    assert got.header("HP-Outer") == "Subject: Message MASH-7K2F"
    assert got.header("X-Kept") == "yes"
    assert got.text == "words"
    assert b"\n" not in inner.replace(b"\r\n", b"")


def test_a_subject_that_does_not_claim_protection_is_not_one() -> None:
    assert pgp_mime.read_protected(read(b"Subject: x\r\nContent-Type: text/plain\r\n\r\nx")) == ""


def test_an_inner_part_without_a_type_is_refused() -> None:
    with pytest.raises(pgp_mime.MessageRefused):
        pgp_mime.protected([], b"X: y\n\nwords")
    with pytest.raises(pgp_mime.MessageRefused):
        pgp_mime.protected([], b"just words")


# -- finding


def multipart(kind: str, *parts: bytes) -> bytes:
    joined = b"".join(b"--o\r\n" + part.replace(b"\n", b"\r\n") + b"\r\n" for part in parts)
    return b"From: a@b.example\r\nContent-Type: " + kind.encode() + b"; boundary=o\r\n\r\n" + joined + b"--o--\r\n"


VERSION = b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
CIPHER = b"Content-Type: application/octet-stream; name=encrypted.asc\n\n" + ARMOR
EMPTY = b"Content-Type: text/plain\n\n\n"
FOOTER = b"Content-Type: text/plain\n\n____\nlist footer\n"
INNER = b"Content-Type: multipart/encrypted; boundary=i\n\n--i\n" + VERSION + b"--i\n" + CIPHER + b"--i--\n"
BASE64 = b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n"
BINARY = b"\xc1\x0e\x03\x00abc"  # a session key packet, as gpg --encrypt without --armor begins


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (multipart("multipart/encrypted", VERSION, CIPHER), "pgp_mime"),
        (multipart("multipart/encrypted", CIPHER), "pgp_mime"),  # the version part lost
        (multipart("multipart/mixed", EMPTY, VERSION, CIPHER), "pgp_mime"),  # Exchange
        (multipart("multipart/mixed", EMPTY, VERSION, CIPHER.replace(b"encrypted.asc", b"ATT0001.txt")), "pgp_mime"),
        (multipart("multipart/mixed", INNER, FOOTER), "pgp_mime"),  # a mailing list
        (multipart("multipart/mixed", EMPTY, CIPHER), "attached"),
        (multipart("multipart/mixed", EMPTY, CIPHER.replace(b"; name=encrypted.asc", b"")), "attached"),
        (b"From: a@b.example\r\n\r\nDear hub,\r\n\r\n" + LINES + b"\r\n\r\nregards\r\n", "inline"),
        (multipart("multipart/mixed", b"Content-Type: text/plain\n\nhello\n" + ARMOR, FOOTER), "inline"),
        (
            b"Content-Type: text/html\r\n\r\n<p>Dear hub</p><div>" + LINES.replace(b"\r\n", b"<br>") + b"</div>",
            "inline",
        ),
    ],
)
def test_a_ciphertext_in_whatever_shape(raw: bytes, kind: str) -> None:
    [(found, data)] = kinds(raw)
    assert found == kind
    assert data == ARMOR


def test_binary_attachments() -> None:
    part = (
        b"Content-Type: application/octet-stream; name=x.pdf.gpg\nContent-Transfer-Encoding: base64\n\nwQ4DAGFiYw==\n"
    )
    assert read(multipart("multipart/mixed", FOOTER, part)).ciphertexts == (CipherPart("attached", BINARY),)
    plain = part.replace(b"x.pdf.gpg", b"x.pdf")
    assert read(multipart("multipart/mixed", FOOTER, plain)).ciphertexts == ()


def test_several_blocks_and_quoted_ones() -> None:
    quoted = b"".join(b"> " + line + b"\r\n" for line in LINES.split(b"\r\n"))
    raw = b"From: a@b.example\r\n\r\none\r\n" + LINES + b"\r\ntwo\r\n" + LINES + b"\r\n" + quoted
    assert [kind for kind, _ in kinds(raw)] == ["inline", "inline"]


@pytest.mark.parametrize(
    "raw",
    [
        multipart(
            "multipart/mixed",
            FOOTER,
            b"Content-Type: application/pgp-keys; name=key.asc\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
        ),
        multipart("multipart/encrypted", VERSION),
        multipart("multipart/mixed", b"Content-Type: message/rfc822\n\nSubject: theirs\n\n" + ARMOR),
        b"From: a@b.example\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nnever ends",
        b"From: a@b.example\r\n\r\nhow do I write -----BEGIN PGP MESSAGE----- ?\r\n-----END PGP MESSAGE-----\r\n",
    ],
)
def test_what_is_no_ciphertext_of_this_mail(raw: bytes) -> None:
    assert kinds(raw) == []


def test_smime() -> None:
    raw = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
    got = read(raw + b"Content-Transfer-Encoding: base64\r\n\r\nMIAG\r\n")
    assert got.ciphertexts == (CipherPart("smime", b"0\x80\x06"),)


@pytest.mark.parametrize("name", [name for name in OTHERS if (CORPUS / name).exists()])
def test_mails_that_others_wrote(name: str) -> None:
    assert [part.kind for part in read((CORPUS / name).read_bytes()).ciphertexts] == [OTHERS[name]]
