"""A signature is known again in any wrapping, and another of the same words is another."""

from __future__ import annotations

import base64
import time

import pysequoia

from exchange.case.sealed import Opened, Signed
from keys.openpgp import packets
from keys.openpgp.keyring import Keyring
from keys.openpgp.open import Known, OpeningKey, open_, verify_detached
from keys.openpgp.same import mark_of_detached, mark_of_sealed
from keys.openpgp.seal import HubKey
from tests.keys import gpg_command
from tests.keys.conftest import PASSPHRASE, Others
from tests.keys.test_opener import packet

SAID = b"Content-Type: text/plain\r\n\r\nACCEPT\r\n"


def armored(kind: str, binary: bytes, width: int) -> bytes:
    """By hand, with lines of another width, and a header."""
    digits = base64.b64encode(binary).decode()
    lines = "\n".join(digits[at : at + width] for at in range(0, len(digits), width))
    return f"-----BEGIN PGP {kind}-----\nComment: again\n\n{lines}\n-----END PGP {kind}-----\n".encode()


def old_packet(tag: int, body: bytes) -> bytes:
    return bytes([0x80 | tag << 2 | 2]) + len(body).to_bytes(4, "big") + body


def in_pieces(body: bytes) -> bytes:
    """A SEIPD packet in pieces of 512 octets (RFC 9580 4.2.1.4)."""
    whole = len(body) // 512 * 512
    cut = b"".join(b"\xe9" + body[at : at + 512] for at in range(0, whole, 512))
    rest = body[whole:]
    return b"\xd2" + cut + b"\xff" + len(rest).to_bytes(4, "big") + rest


def test_a_detached_signature_is_known_again_whatever_is_changed_that_it_does_not_cover(others: Others) -> None:
    signature = gpg_command.sign_detached(others.home, SAID, others.police)
    mark = mark_of_detached(others.police, SAID, signature)
    [(tag, body)] = packets.packets(packets.dearmor(signature))
    covered = 6 + int.from_bytes(body[4:6], "big")
    size = int.from_bytes(body[covered : covered + 2], "big")
    bare = body[:covered] + b"\0\0" + body[covered + 2 + size :]  # who made it is a hint, and nobody covers it
    for changed in (packets.dearmor(signature), armored("SIGNATURE", old_packet(tag, bare), 40)):
        assert mark_of_detached(others.police, SAID.replace(b"\r\n", b"\n"), changed) == mark
    assert mark_of_detached(others.police, SAID.replace(b"ACCEPT", b"DECLINE"), signature) != mark
    time.sleep(1.1)  # the time of a signature is in seconds
    assert mark_of_detached(others.police, SAID, gpg_command.sign_detached(others.home, SAID, others.police)) != mark


def test_a_sealed_message_is_known_again_to_other_recipients_and_in_other_pieces(hub: HubKey, others: Others) -> None:
    message = gpg_command.encrypt_sign(others.home, SAID * 200, hub.fingerprint, others.police, options=("-z", "0"))
    mark = mark_of_sealed(message)
    binary = packets.dearmor(message)
    data = packets.sealed_data(binary)
    whole = b"\xd2\xff" + len(data).to_bytes(4, "big") + data
    known = next(body for tag, body in packets.packets(binary) if tag == packets.PKESK)
    for changed in (
        binary,
        old_packet(packets.PKESK, known) + in_pieces(data),
        armored("MESSAGE", old_packet(packets.PKESK, known) * 2 + whole, 30),
    ):
        assert mark_of_sealed(changed) == mark
    assert mark_of_sealed(gpg_command.encrypt_sign(others.home, SAID * 200, hub.fingerprint, others.police)) != mark


def test_a_signed_message_that_its_other_reader_seals_anew_is_known_again(
    ring: Keyring, hub: HubKey, others: Others
) -> None:
    secret = pysequoia.Tsk.from_bytes(ring.export_secret(hub.fingerprint))
    fast, careful = (OpeningKey(ring.home, PASSPHRASE, one) for one in (secret.decryptor(PASSPHRASE), None))
    known = Known(others.certificates())

    def marks(message: bytes) -> set[str]:
        """As each engine finds them."""
        found = [open_(message, key, known) for key in (fast, careful)]
        assert all(isinstance(one, Opened) and one.signer == Signed(others.police) for one in found)
        return {mark for one in found for mark in one.signer.marks}  # type: ignore[union-attr]

    to_both = ("-z", "0", "--recipient", others.health)
    sent = gpg_command.encrypt_sign(others.home, SAID, hub.fingerprint, others.police, options=to_both)
    [mark] = marks(sent)
    bare = gpg_command.gpg(
        others.home, "--unwrap", stdin=sent
    ).stdout  # health takes the seal off, and seals it to us
    again = ("--no-literal", "-z", "0", "--armor", "--recipient", hub.fingerprint, "--encrypt")
    anew = gpg_command.gpg(others.home, *again, stdin=bare).stdout
    assert anew != sent
    assert marks(anew) == {mark}
    signature = next(packet(tag, body) for tag, body in packets.packets(bare) if tag == packets.SIGNATURE)
    verdict = verify_detached(SAID, armored("SIGNATURE", signature, 64), fast, known)  # or shows it in clear
    assert isinstance(verdict, Signed)
    assert verdict.marks == (mark,)
    time.sleep(1.1)
    other = gpg_command.encrypt_sign(others.home, SAID, hub.fingerprint, others.police, options=to_both)
    assert marks(other).isdisjoint({mark})


def test_what_is_no_openpgp_has_a_mark_too() -> None:
    assert mark_of_sealed(b"hello") == mark_of_sealed(b"hello") != mark_of_sealed(b"hullo")
    assert mark_of_detached("A", SAID, b"x") != mark_of_detached("A", SAID, b"y")
