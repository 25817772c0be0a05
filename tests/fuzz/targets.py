"""What is fuzzed, and what must hold of any input: total, within its own limits, and true to itself.

What was found stands in `finds/` and is tried by every run of the tests.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from keys.openpgp import packets
from mailflow import absence_words, enclosed, mime, pgp_mime
from mailflow.auto_reply import is_automatic, nature
from mailflow.delivery_report import read_both
from mailflow.entity import HEADER_MAX, TooMuch, split
from mailflow.forms import documents, in_document, structured
from mailflow.header_text import addresses, date, decode_words, file_name, ids, params
from mailflow.meeting import MOST_REPLIES, read_reply
from mailflow.parsed_mail import Part
from mailflow.reply_text import own_words
from mailflow.text_body import Allowance
from mailflow.words import read_answer
from tests.mailflow.foreign_reports import COMPLAINTS, PEOPLE, REPORTS
from tests.mailflow.open_document import odt
from tests.mailflow.outlook import msg, tnef
from tests.mailflow.test_clients_replies import ABOVE, BANNERS, FOOTERS, PAGES, SAID
from tests.mailflow.test_meeting import DELEGATES, OUTLOOK, THUNDERBIRD
from tests.mailflow.test_notices import CHALLENGES

FINDS = Path(__file__).parent / "finds"
KINDS = ("failed", "delayed", "delivered", "feedback")


def parser(octets: bytes) -> None:
    """A mail is a value, and the limited child says it whole."""
    mail = mime.read(octets)
    assert mail.unreadable != "unexpected"
    assert mime.from_wire(mime.to_wire(mail)) == mail
    is_automatic(mail.headers, "a@b.example", mail.subject, mail.text)
    nature(mail)
    structured(mail)


def report(octets: bytes) -> None:
    """A report is of one kind, and a mail is not both a report and supposed to be one."""
    found, supposed = read_both(octets)
    assert not (found and supposed)
    for one in (found, supposed):
        assert one is None or (one.kind in KINDS and all(r.action in KINDS for r in one.recipients))


def calendar(octets: bytes) -> None:
    """Answers are bounded in number and in words."""
    found = read_reply(octets)
    assert len(found) <= MOST_REPLIES
    assert all(len(reply.comment) <= 2000 for reply in found)


def reply_text(octets: bytes) -> None:
    """Of any text only lines of its own are kept, and none that is quoted; reading them twice changes nothing "
    "worse."""
    text = octets.decode("utf-8", "replace")
    own = own_words(text)
    lines = {line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")}
    kept = [line.strip() for line in own.split("\n")]
    assert all(line in lines or any(whole.endswith(line) for whole in lines) for line in kept)
    assert not any(line.startswith(">") and not line.startswith(">>>") for line in kept)
    assert read_answer(own).text == own
    absence_words.is_challenge(text[:300], own)
    absence_words.says_absent(text)


def openpgp(octets: bytes) -> None:
    """What holds ciphertext is found without a word, and packets are told or refused."""
    with contextlib.suppress(TooMuch):
        assert len(pgp_mime.find(split(octets))) <= pgp_mime.FOUND_MAX
    for read in (
        packets.leading,
        packets.dearmor,
        packets.tags,
        packets.key_fingerprints,
        packets.is_whole_certificate,
    ):
        with contextlib.suppress(packets.NotPgp):
            read(octets)


def wrapped(octets: bytes) -> None:
    """A message in Outlook's wrapping is opened, or said to be shut; a text in OpenDocument's is a value."""
    for name in ("a.msg", "winmail.dat"):
        allowance = Allowance()
        part = Part("application/octet-stream", (), "attachment", name, octets)
        assert enclosed.opened((part,), mime.read, allowance) or allowance.shut
    found = documents.look(odt(octets.decode("utf-8", "replace")))
    assert found
    assert in_document(found).data is None or found.why == "marks"


def header(octets: bytes) -> None:
    """No value of a header becomes two lines."""
    octets = octets[:HEADER_MAX]
    decoded = [decode_words(octets.decode("utf-8", "replace")), file_name(octets.decode("utf-8", "replace"))]
    decoded += [name for name, _ in addresses(octets)] + [value for _, value in params(octets)[1]]
    assert not any(c in value for value in decoded for c in "\r\n\0\u2028")
    ids(octets)
    date(octets)


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (parser, report, calendar, reply_text, openpgp, wrapped, header)
}


def seeds(target: str) -> Iterator[bytes]:
    """Inputs to begin with: what the tests have of that kind, and what was found before."""
    reports = [mail.encode() for mail, _, _ in REPORTS.values()]
    people = [mail.encode() for mail in (*PEOPLE.values(), *COMPLAINTS.values())]
    calendars = [OUTLOOK, THUNDERBIRD, DELEGATES]
    texts = [f"{SAID}\n\n{one}" for one in (*ABOVE.values(), *FOOTERS.values())]
    texts += [f"{one}\n\n{SAID}" for one in BANNERS.values()] + [text for _, text in CHALLENGES.values()]
    armor = b"-----BEGIN PGP MESSAGE-----\n\nhQIMA6VKyUv\n=aaaa\n-----END PGP MESSAGE-----\n"
    mails = [
        b"From: a@b.example\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n--x\r\n\r\n" + armor + b"--x--"
    ]
    mails += [f"Content-Type: text/html\r\n\r\n{page}".encode() for page in PAGES.values()]
    mails += [b"Content-Type: text/calendar\r\n\r\n" + one for one in calendars]
    of = {
        "parser": [*reports, *people, *mails], "report": [*reports, *people], "calendar": calendars,
        "reply_text": [text.encode() for text in texts],
        "wrapped": [msg("Worried", "They cry"), tnef("They cry", {"a.pdf": b"%PDF"}), *_boxes()],
        "openpgp": [*mails, armor, armor.replace(b"MESSAGE", b"KEY")],
        "header": [b"=?utf-8?q?a?= <a@b.example>", b"text/plain; name*0*=utf-8''a; name*1=b", b"<a@b> <[c@d]>"],
    }  # fmt: skip
    yield from of[target]
    yield from finds(target)


def _boxes() -> Iterator[bytes]:
    """What stands in our form as LibreOffice saves it, a box of each kind."""
    for box in (
        "<text:text-input>referral/1 child</text:text-input>",
        '<loext:content-control loext:checkbox="true" loext:checked="true">x</loext:content-control>',
        '<loext:content-control><loext:list-item loext:display-text="No" loext:value="n"/>No</loext:content-control>',
        '<loext:content-control loext:current-date="2016-03-27T0">27/03/2016</loext:content-control>',
    ):
        for name in ("form_version", "s1__given_name"):
            ends = f'<text:bookmark-end text:name="{name}"/>'
            yield f'<text:p><text:bookmark-start text:name="{name}"/>{box}{ends}</text:p>'.encode()


def finds(target: str) -> Iterator[bytes]:
    """What was found, and mended."""
    folder = FINDS / target
    yield from (file.read_bytes() for file in sorted(folder.glob("*"))) if folder.is_dir() else ()
