"""S/MIME from a stranger's mail to evidence: read, opened and judged in the limited children, as the intake does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed, UnknownSigner, Unsigned
from exchange.examining import Examiner
from exchange.explaining import told
from exchange.pins import Pin, Pins
from exchange.store.certificates import Kind
from keys.opener import Opener, OpenerKeys
from keys.smime import identity
from keys.smime.certificate import read
from keys.smime.identity import Identity
from keys.smime.seal import seal
from mailflow.authenticity import DnsTrouble
from mailflow.compose import inner_message
from mailflow.evidence import Evidence
from mailflow.interpret import About, Said, Unclear, Wrote, interpret
from mailflow.reader import Reader
from mailflow.smime_mime import wrap
from tests.keys import openssl_command
from tests.keys.conftest import NOW
from tests.keys.openssl_command import Person, encrypt
from tests.mailflow.test_gate import headers

HEAD = b"From: spoc@police.example\r\nTo: r.k3x@hub.example\r\nSubject: Re: M\r\nMessage-ID: <1@police.example>\r\n"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nRECEIVED, I am looking at it.\r\n"


class NoNames:
    """No name server."""

    def lookup(self, name: str, kind: str) -> list[Any]:
        raise DnsTrouble("none")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("smime")


@pytest.fixture(scope="module")
def hub(folder: Path) -> Identity:
    return identity.make(folder / "hub", "word", "referrals@hub.example", "Fakeshire hub", NOW)


@pytest.fixture(scope="module")
def police(folder: Path) -> Person:
    return openssl_command.person(folder / "police", "spoc@police.example")


@pytest.fixture(scope="module")
def stranger(folder: Path) -> Person:
    return openssl_command.person(folder / "stranger", "gp@surgery.example")


@pytest.fixture
async def examiner(folder: Path) -> AsyncIterator[Examiner]:
    kept = identity.kept(folder / "hub").all
    opener = await Opener.start(OpenerKeys(folder / "gnupg", "", b"", "", smime=kept, smime_passphrase="word"))
    reader = await Reader.start()
    yield Examiner(reader, opener, NoNames())
    await opener.close()
    await reader.close()


@pytest.fixture
def pins(police: Person) -> Pins:
    return Pins.made_of([Pin(police.fingerprint, Kind.SMIME, "police", "police-1", police.pem)])


def about(pins: Pins) -> About:
    return About("leg", ("police.example",), pins.of("police"))


async def seen(examiner: Examiner, mail: bytes, pins: Pins) -> Evidence:
    return await examiner.examine(HEAD + mail, None, pins)


def crlf(mail: bytes) -> bytes:
    return mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize("opaque", [(), ("-nodetach",)], ids=["beside", "around"])
async def test_an_answer_signed_and_sealed_counts_as_one_by_openpgp(
    examiner: Examiner, hub: Identity, police: Person, pins: Pins, opaque: tuple[str, ...]
) -> None:
    mail = encrypt(crlf(police.sign(TEXT, "-binary", *opaque)), hub.certificate.pem, options=("-aes256", "-binary"))
    e = await seen(examiner, mail, pins)
    assert e.sealed
    assert not e.unproved
    assert e.signer == Signed(police.fingerprint)
    said = interpret(e, about(pins))
    assert isinstance(said, Said)
    assert said.proof is Proof.SIGNATURE
    assert said.text == "RECEIVED, I am looking at it."


async def test_a_referral_from_anybody_is_opened_and_marked(
    examiner: Examiner, hub: Identity, stranger: Person, pins: Pins
) -> None:
    bare = await seen(examiner, encrypt(TEXT, hub.certificate.pem), pins)
    signed = await seen(examiner, encrypt(crlf(stranger.sign(TEXT)), hub.certificate.pem), pins)
    for e, signer in ((bare, Unsigned()), (signed, UnknownSigner())):
        assert e.sealed
        assert e.unproved
        assert e.signer == signer
        wrote = interpret(e, About("contact"))
        assert isinstance(wrote, Wrote)
        assert "RECEIVED, I am looking at it." in wrote.text
        assert interpret(e, about(pins)) == Unclear("unproved", "RECEIVED, I am looking at it.")


async def test_signed_in_clear_is_an_answer_and_not_sealed(examiner: Examiner, police: Person, pins: Pins) -> None:
    for options in ((), ("-nodetach", "-binary")):
        e = await seen(examiner, police.sign(TEXT, *options), pins)
        assert not e.sealed
        assert e.signer == Signed(police.fingerprint)
        assert isinstance(interpret(e, about(pins)), Said)


async def test_a_letter_of_ours_read_back(examiner: Examiner, hub: Identity, pins: Pins) -> None:
    """What we seal to somebody, sealed to ourselves: it opens, its subject is inside, and nobody known signed it."""
    inner = inner_message(
        "About Zoë", "Please look.\n", from_address="referrals@hub.example", to="spoc@police.example",
        reply_to="r.k3x@hub.example", message_id="<1@hub.example>", date=NOW, outer=headers(),
    )  # fmt: skip
    e = await examiner.examine(wrap(headers(), seal(inner, hub.certificate, hub, NOW)), None, pins)
    assert e.sealed
    assert e.inner
    assert e.inner.subject == "About Zoë"
    assert e.inner.text == "Please look."
    assert e.signer == UnknownSigner()


async def test_signed_sealed_and_signed_again(examiner: Examiner, hub: Identity, police: Person, pins: Pins) -> None:
    """Triple wrapping (RFC 2634 1.1), as some gateways do."""
    inside = crlf(police.sign(TEXT, "-nodetach", "-binary"))
    sealed = crlf(encrypt(inside, hub.certificate.pem, options=("-aes256", "-binary")))
    e = await seen(examiner, police.sign(sealed, "-nodetach", "-binary"), pins)
    assert e.sealed
    assert e.signer == Signed(police.fingerprint)
    assert e.content.text == "RECEIVED, I am looking at it."


async def test_a_signature_around_the_seal_says_nothing_of_what_is_inside(
    examiner: Examiner, hub: Identity, police: Person, stranger: Person, pins: Pins
) -> None:
    """Whoever takes somebody's sealed letter off the wire can sign it, and need not know what is in it."""
    sealed = crlf(encrypt(TEXT, hub.certificate.pem, options=("-aes256", "-binary")))
    for mail in (police.sign(sealed, "-nodetach", "-binary"), police.sign(sealed)):
        e = await seen(examiner, mail, pins)
        assert e.sealed
        assert e.signer == Unsigned()


async def test_a_broken_signature_inside_the_seal_gives_nothing(
    examiner: Examiner, hub: Identity, police: Person, pins: Pins
) -> None:
    """CBC proves no integrity: here the signature is all there is to show that somebody changed it on its way."""
    beside = crlf(police.sign(TEXT)).replace(b"RECEIVED", b"DECLINED")
    around = crlf(police.sign(TEXT, "-nodetach", "-binary"))
    head, _, body = around.partition(b"\r\n\r\n")
    broken = openssl_command.openssl("base64", "-d", stdin=body).replace(b"RECEIVED", b"DECLINED")
    again = crlf(head + b"\r\n\r\n" + openssl_command.openssl("base64", stdin=broken))
    for inside in (beside, again):
        e = await seen(examiner, encrypt(inside, hub.certificate.pem, options=("-aes256", "-binary")), pins)
        assert e.not_opened == "tampered"
        assert e.inner is None
        assert isinstance(interpret(e, about(pins)), Unclear)


async def test_words_beside_the_signature_are_not_covered(examiner: Examiner, police: Person, pins: Pins) -> None:
    """Johnny's trick: a genuine signed part inside an attacker's mail."""
    for options in ((), ("-nodetach", "-binary")):
        genuine = crlf(police.sign(TEXT, *options))
        mail = (
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nDECLINED\r\n"
            b"--x\r\n" + genuine.replace(b"MIME-Version: 1.0\r\n", b"") + b"\r\n--x--\r\n"
        )
        e = await seen(examiner, mail, pins)
        assert e.signer == Unsigned()
        assert isinstance(interpret(e, about(pins)), Unclear)


async def test_the_seal_around_html_and_other_parts_stays_apart(
    examiner: Examiner, hub: Identity, pins: Pins
) -> None:
    """EFAIL: text around the seal is never joined with what is inside."""
    sealed = crlf(encrypt(TEXT, hub.certificate.pem)).replace(b"MIME-Version: 1.0\r\n", b"")
    mail = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
        b'--x\r\nContent-Type: text/html\r\n\r\n<img src="http://evil.example/\r\n'
        b"--x\r\n" + sealed + b'\r\n--x\r\nContent-Type: text/html\r\n\r\n">\r\n--x--\r\n'
    )
    e = await seen(examiner, mail, pins)
    assert e.content.text == "RECEIVED, I am looking at it."
    assert e.signer == Unsigned()


async def test_what_is_not_for_us_or_never_ends(
    examiner: Examiner, hub: Identity, stranger: Person, pins: Pins
) -> None:
    e = await seen(examiner, encrypt(TEXT, stranger.pem), pins)
    assert (e.not_opened, e.inner) == ("not_for_us", None)
    layers = TEXT
    for _ in range(6):
        layers = crlf(stranger.sign(layers, "-nodetach", "-binary"))
    assert (await seen(examiner, layers, pins)).not_opened == "too_many"


async def test_a_bare_file_sealed_by_a_tool_is_kept_as_one(examiner: Examiner, hub: Identity, pins: Pins) -> None:
    """Kleopatra seals a file as it is, without a word of MIME."""
    pdf = b"%PDF-1.7\n" + bytes(range(256))
    e = await seen(examiner, encrypt(pdf, hub.certificate.pem, options=("-aes256", "-binary")), pins)
    assert [part.content for part in e.content.parts] == [pdf]
    note = await seen(
        examiner, encrypt("Zoë is safe.".encode(), hub.certificate.pem, options=("-aes256", "-binary")), pins
    )
    assert note.content.text == "Zoë is safe."


async def test_one_pinned_for_nobody_is_not_believed_for_an_agency(
    examiner: Examiner, hub: Identity, stranger: Person, police: Person
) -> None:
    both = Pins.made_of(
        Pin(read(who.pem).fingerprint, Kind.SMIME, agency, "", who.pem)
        for who, agency in ((police, "police"), (stranger, "health"))
    )
    e = await seen(examiner, encrypt(crlf(stranger.sign(TEXT)), hub.certificate.pem), both)
    assert e.signer == Signed(stranger.fingerprint)
    assert interpret(e, about(both)) == Unclear("unproved", "RECEIVED, I am looking at it.")


async def test_a_certificate_that_only_signs_proves_an_answer(
    examiner: Examiner, hub: Identity, police: Person, folder: Path
) -> None:
    only = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
    signs = openssl_command.person(folder / "signs", "spoc@police.example", only)
    pins = Pins.made_of([Pin(p.fingerprint, Kind.SMIME, "police", "police-1", p.pem) for p in (police, signs)])
    mail = encrypt(crlf(signs.sign(TEXT, "-binary")), hub.certificate.pem, options=("-aes256", "-binary"))
    said = interpret(await seen(examiner, mail, pins), about(pins))
    assert isinstance(said, Said)
    assert said.proof is Proof.SIGNATURE


async def test_a_signature_is_known_again_in_whatever_it_is_sent(
    examiner: Examiner, hub: Identity, police: Person, pins: Pins
) -> None:
    """In clear, sealed, and sealed anew by whoever else could read it: it is of one letter."""

    async def marks(mail: bytes) -> tuple[str, ...]:
        signer = (await seen(examiner, mail, pins)).signer
        assert isinstance(signer, Signed)
        return signer.marks

    signed = crlf(police.sign(TEXT, "-binary"))
    sealed = [encrypt(signed, hub.certificate.pem, options=("-aes256", "-binary")) for _ in range(2)]
    assert sealed[0] != sealed[1]
    found = {await marks(one) for one in (signed, *sealed)}
    assert len(found) == 1
    assert await marks(crlf(police.sign(TEXT.replace(b"RECEIVED", b"ACCEPT"), "-binary"))) not in found


async def test_what_a_seal_may_leave_out_is_not_called_odd(examiner: Examiner, hub: Identity, pins: Pins) -> None:
    e = await seen(examiner, crlf(encrypt(TEXT, hub.certificate.pem)), pins)
    assert {"no_from", "no_message_id"} <= set(e.content.oddities)
    assert told(e)["oddities"] == []
