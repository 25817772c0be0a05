"""S/MIME on the wire: what we write, what the gate demands of it, and what gateways make of what others write."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from exchange.case.sealed import Sealed
from keys.recipients import recipient_key_ids
from keys.smime import certificate
from mailflow.gate import Expected, GateStopped, check
from mailflow.mime import read
from mailflow.parsed_mail import CipherPart
from mailflow.smime_mime import is_whole, wrap
from tests.keys import openssl_command
from tests.keys.openssl_command import Person, encrypt
from tests.mailflow.test_gate import OTHER, THEM, headers

CONTENT = b"Content-Type: text/plain\r\n\r\nA packet.\r\n"
DER = ("-aes256", "-outform", "DER")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("smime")


@pytest.fixture(scope="module")
def police(folder: Path) -> Person:
    return openssl_command.person(folder / "police", THEM)


@pytest.fixture(scope="module")
def health(folder: Path) -> Person:
    return openssl_command.person(folder / "health", OTHER)


def look(message: bytes, police: Person) -> str:
    wanted = frozenset(certificate.read(police.pem).encryption_key_ids)
    expected = Expected(THEM, wanted, frozenset({OTHER}), "smime")
    found = check(Sealed(message, police.fingerprint, THEM), expected, recipient_key_ids)
    return found.why if isinstance(found, GateStopped) else "passed"


def test_openssl_and_the_standard_library_read_what_we_write(police: Person) -> None:
    wire = wrap(headers(), encrypt(CONTENT, police.pem, options=DER))
    assert wire == wrap(headers(), message_from_bytes(wire, policy=policy.SMTP).get_content())
    mine = ("-inkey", str(police.folder / "key.pem"), "-recip", str(police.folder / "certificate.pem"))
    assert openssl_command.openssl("cms", "-decrypt", *mine, stdin=wire) == CONTENT
    assert max(len(line) for line in wire.split(b"\r\n")) <= 78
    assert look(wire, police) == "passed"


def test_it_is_read_as_one_ciphertext(police: Person) -> None:
    envelope = encrypt(CONTENT, police.pem, options=DER)
    got = read(wrap(headers(), envelope))
    assert got.ciphertexts == (CipherPart("smime", envelope),)
    assert got.text == ""
    assert is_whole(got)


def test_the_gate_knows_whose_certificate_it_was_frozen_for(police: Person, health: Person) -> None:
    assert look(wrap(headers(), encrypt(CONTENT, health.pem, options=DER)), police) == "key_ids"
    assert look(wrap(headers(), encrypt(CONTENT, police.pem, health.pem, options=DER)), police) == "key_ids"
    signed = police.sign(CONTENT, "-nodetach", "-outform", "DER")
    assert look(wrap(headers(), signed), police) == "key_ids_unreadable"
    streamed = encrypt(CONTENT, police.pem, options=(*DER, "-stream"))
    assert look(wrap(headers(), streamed), police) == "key_ids_unreadable"
    trailing = encrypt(CONTENT, police.pem, options=DER) + CONTENT
    assert look(wrap(headers(), trailing), police) == "key_ids_unreadable"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (b"smime-type=enveloped-data", b"smime-type=signed-data", "content_type"),
        (b"smime-type=enveloped-data;\r\n ", b"", "content_type"),
        (b'name="smime.p7m"\r\nContent-T', b'name="Zoe.p7m"\r\nContent-T', "content_type"),
        (b'name="smime.p7m"\r\nContent-T', b'name="smime.p7m"; x="Zoe"\r\nContent-T', "content_type"),
        (b'filename="smime.p7m"', b'filename="Zoe.p7m"', "structure"),
        (b"Encoding: base64", b"Encoding: 8bit", "structure"),
        (b"\r\n\r\nMII", b"\r\n\r\nZoe Smith, aged 7\r\nMII", "structure"),
        (b"application/pkcs7-mime", b"application/octet-stream", "content_type"),
        (b"To: police@", b"To: evil@", "recipient"),
        (b"Northmoor Hub", b'"HEALTH@other.example"', "names_another"),
    ],
)
def test_what_the_gate_stops(police: Person, before: bytes, after: bytes, why: str) -> None:
    wire = wrap(headers(), encrypt(CONTENT, police.pem, options=DER))
    assert wire.count(before) == 1
    assert look(wire.replace(before, after), police) == why


def test_readable_words_behind_the_envelope_are_stopped(police: Person) -> None:
    wire = wrap(headers(), encrypt(CONTENT, police.pem, options=DER))
    assert look(wire + b"Zoe Smith\r\n", police) == "structure"
    assert look(wire.replace(b"=\r\n", b"\r\n") + b"QUJD\r\n", police) in ("structure", "key_ids_unreadable")


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: application/pkcs7-mime\r\n",
        b'Content-Type: application/x-pkcs7-mime; name="smime.p7m"\r\n',
        b'Content-Type: application/octet-stream; name="SMIME.P7M"\r\n',
        b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=smime.p7m\r\n",
    ],
)
def test_under_whatever_name(head: bytes) -> None:
    got = read(b"From: a@b.example\r\n" + head + b"Content-Transfer-Encoding: base64\r\n\r\nMIAG\r\n")
    assert got.ciphertexts == (CipherPart("smime", b"0\x80\x06"),)


def test_beside_a_gateways_banner() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\n\r\nThis mail came from outside.\r\n"
        b"--x\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"MIAG\r\n--x--\r\n"
    )
    assert [one.kind for one in read(raw).ciphertexts] == ["smime"]
    assert not is_whole(read(raw))


def test_certificates_alone_are_nothing_to_open() -> None:
    raw = b"From: a@b.example\r\nContent-Type: application/pkcs7-mime; smime-type=certs-only; name=smime.p7c\r\n"
    assert read(raw + b"Content-Transfer-Encoding: base64\r\n\r\nMIAG\r\n").ciphertexts == ()
