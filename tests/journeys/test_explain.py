"""`exchange mail explain` tells of any mail file what it is taken for, needs no installation, and stores nothing."""

from __future__ import annotations

import asyncio
import binascii
import json
import os
import shutil
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from exchange import explaining, setting_up
from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import MailClient
from tests.keys import openssl_command
from tests.mailflow.outlook import msg, tnef

HUB = "referrals@hub.example"
REFERRAL = {
    "referrer": {"name": "Nora Notional", "source": "4"},
    "concern": {"what_happened": "worry"},
    "subjects": [{"given_name": "Mina"}],
}
BOUNCE = b"""Return-Path: <>
From: MAILER-DAEMON@relay.example
To: referrals@hub.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; duty@health.example
Action: %b
Status: %b
Diagnostic-Code: smtp; 550 no such user
--b
Content-Type: message/rfc822

From: referrals@hub.example
Message-ID: <one@hub.example>

words
--b--
"""
AWAY = b"From: duty@health.example\nSubject: Abwesend\nAuto-Submitted: auto-replied\n\nBis Montag\n"
ANSWER = b"From: ann@health.example\nSubject: Re: Message\nIn-Reply-To: <one@hub.example>\n\nWe accept.\n\n> quoted\n"
READ = b"""From: duty@health.example
Subject: Read: Message
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b

Read.
--b
Content-Type: message/disposition-notification

Disposition: manual-action/MDN-sent-manually; displayed
--b--
"""
CALENDAR = b"""From: ann@health.example
Subject: Accepted: Meeting
Content-Type: text/calendar; method=REPLY; charset=utf-8

BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
METHOD:REPLY
BEGIN:VEVENT
UID:meeting-1@hub.example
SEQUENCE:2
DTSTAMP:20261124T100000Z
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@health.example
COMMENT:See you
END:VEVENT
END:VCALENDAR
"""
COMPLAINT = b"""From: feedback@relay.example
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
--b--
"""
NEIGHBOUR = b"From: neighbour@street.example\nSubject: help\n\nThey cry all night\n"


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with Gpg() as made:
        made.make_key("hub", HUB)
        made.make_key("ann", "ann@health.example")
        yield made


async def explained(folder: Path, mails: dict[str, bytes], *options: str) -> dict[str, dict[str, Any]]:
    """What the command says of each mail, by file name."""
    for name, octets in mails.items():
        (folder / name).write_bytes(octets)
    before = sorted(os.listdir(folder))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", "mail", "explain", "--json", "--dns", "127.0.0.1:9", *options,
        *(str(folder / name) for name in mails), cwd=folder, stdout=asyncio.subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if not k.startswith("EXCHANGE_")},
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0
    assert sorted(os.listdir(folder)) == before
    lines = [json.loads(line) for line in out.decode().splitlines()]
    schema = await schema_of_a_line()
    for line in lines:
        jsonschema.validate(line, schema)
    return {Path(line["file"]).name: line for line in lines}


async def refused(*options: str) -> str:
    """Why the command explains nothing with these options."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", "mail", "explain", "-", *options, cwd="/",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if not k.startswith("EXCHANGE_")},
    )  # fmt: skip
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    return err.decode()


async def schema_of_a_line() -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", "schema", "explain", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    found: dict[str, Any] = json.loads(out)
    return found


async def test_every_kind_of_mail_is_told_apart(tmp_path: Path) -> None:
    told = await explained(tmp_path, {
        "failed": BOUNCE % (b"failed", b"5.1.1"), "delayed": BOUNCE % (b"delayed", b"4.4.1"),
        "delivered": BOUNCE % (b"delivered", b"2.0.0"), "automatic_reply": AWAY, "human_reply": ANSWER,
        "read_receipt": READ, "calendar_reply": CALENDAR, "feedback_report": COMPLAINT, "other": NEIGHBOUR,
        "referral": MailClient("nora@housing.example").plain(
            HUB, "Referral", "Please see attached", {"referral.json": json.dumps(REFERRAL).encode()}
        ),
    })  # fmt: skip
    assert {name: line["kind"] for name, line in told.items()} == {name: name for name in told}
    failed = told["failed"]
    assert failed["recipients"] == [
        {"address": "duty@health.example", "written_to": "duty@health.example", "class": "failed", "final": True,
         "status": "5.1.1", "reason": "smtp; 550 no such user"}
    ]  # fmt: skip
    assert failed["original_message_id"] == "<one@hub.example>"
    assert (told["human_reply"]["words"], told["human_reply"]["answer"]) == ("We accept.", "accept")
    assert told["calendar_reply"]["meetings"] == [
        {"uid": "meeting-1@hub.example", "attendee": "ann@health.example", "answer": "accepted", "sequence": 2,
         "comment": "See you", "method": "REPLY", "delegated_to": "", "delegated_from": ""}
    ]  # fmt: skip
    fields = {f["field"]: (f["value"], f["confidence"]) for f in told["referral"]["fields"]}
    assert fields["subjects.1.given_name"] == ("Mina", 1.0)
    assert told["referral"]["attachments"][0]["name"] == "referral.json"
    assert all(line["then"] and line["why"] for line in told.values())


async def test_what_follows_is_said_for_each_way_that_it_may_come(tmp_path: Path) -> None:
    contact = "becomes a contact in the desk's list “not yet looked at”, with its first-look clock running"
    thanks = ANSWER.replace(b"We accept.", b"Thank you, I will ring you.")
    told = await explained(tmp_path, {
        "answer": ANSWER, "thanks": thanks, "away": AWAY, "read": READ, "calendar": CALENDAR, "other": NEIGHBOUR,
        "failed": BOUNCE % (b"failed", b"5.1.1"), "delivered": BOUNCE % (b"delivered", b"2.0.0"),
        "stamped": ANSWER.replace(b"We accept.", b"Received with thanks, Safeguarding Team"),
        "absent": ANSWER.replace(b"We accept.", b"Received. I'm off until Tuesday."),
    })  # fmt: skip
    then = {name: line["then"] for name, line in told.items()}
    assert told["stamped"]["answer"] == told["absent"]["answer"] == "unclear"
    assert then["other"] == contact
    for name in ("answer", "thanks"):
        assert "by its reply address or the Message-ID that this names: nothing proves who wrote it" in then[name]
        assert "at the reply address of a case's referrer it is added to the case" in then[name]
        assert then[name].endswith(f"at the hub's own address it {contact}")
    assert "counts for nothing, and their deputy is asked once" in then["away"]
    assert then["read"].endswith("at the hub's own address too it is listed under “Other mail”, and asks nobody")
    assert "whose invitation and calendar address it names" in then["calendar"]
    assert "that it names, or to whose return address it came, is marked as returned" in then["failed"]
    assert "anywhere else it waits for a person" in then["delivered"]


async def test_a_calendar_reply_inside_outlook_s_wrapping_is_found(tmp_path: Path) -> None:
    ics = (
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:sd.1@hub.example\r\nSEQUENCE:1\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:duty@health.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    wrapped = tnef("", {"meeting.ics": ics.encode(), "notes.txt": b"BEGIN"})
    mail = MailClient("duty@health.example").plain(HUB, "Accepted: Meeting", "", {"winmail.dat": wrapped})
    told = (await explained(tmp_path, {"winmail": mail}))["winmail"]
    assert told["kind"] == "calendar_reply"
    assert [(m["uid"], m["answer"], m["attendee"]) for m in told["meetings"]] == [
        ("sd.1@hub.example", "accepted", "duty@health.example")
    ]


async def test_a_referral_inside_outlook_s_wrapping_is_found(tmp_path: Path) -> None:
    wrapped = tnef("They cry", {"referral.json": json.dumps(REFERRAL).encode()})
    mail = MailClient("nora@housing.example").plain(HUB, "Referral", "", {"winmail.dat": wrapped})
    told = (await explained(tmp_path, {"winmail": mail}))["winmail"]
    assert told["kind"] == "referral"
    assert [a["name"] for a in told["attachments"]] == ["winmail.dat", "referral.json"]


async def test_a_message_file_that_lost_its_end_is_said_to_be_not_whole(tmp_path: Path) -> None:
    nora, whole = MailClient("nora@housing.example"), msg("Worried", "They cry all night")
    told = await explained(tmp_path, {
        f"{cut}": nora.plain(HUB, "Worry", "See attached", {"worry.msg": whole[:cut]})
        for cut in (512, 1536, 4096, 10240, len(whole) - 1, len(whole))
    })  # fmt: skip
    assert told.pop(f"{len(whole)}")["fields_problem"] == ""
    for cut, line in told.items():
        assert "a message inside this mail was not opened, or not to its end" in line["fields_problem"], cut


DELEGATE = b"""ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:bob@health.example":mailto:ann@health.example
ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:ann@health.example":mailto:bob@health.example"""
FORWARDED = b"""From: Ann Lee <ann@health.example>
Subject: Meeting Forward Notification: Strategy discussion
Auto-Submitted: auto-generated

Ann Lee has forwarded your meeting request to additional recipients.
"""


async def test_who_comes_for_whom_is_told_and_that_it_was_forwarded_is_no_answer(tmp_path: Path) -> None:
    in_outlook = tnef("", {"x": b"IPM.Schedule.Meeting.Notification.Forward\0"})
    told = await explained(tmp_path, {
        "stands in": CALENDAR.replace(b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@health.example", DELEGATE),
        "forwarded": FORWARDED,
        "a person": FORWARDED.replace(b"Subject: ", b"Subject: Re: ").replace(b"Auto-", b"X-"),
        "in German": MailClient("ann@health.example").plain(HUB, "Weitergeleitet", "", {"winmail.dat": in_outlook}),
    })  # fmt: skip
    meetings = told["stands in"]["meetings"]
    assert [(m["attendee"], m["answer"], m["delegated_to"], m["delegated_from"]) for m in meetings] == [
        ("ann@health.example", "delegated", "bob@health.example", ""),
        ("bob@health.example", "deputy", "", "ann@health.example"),
    ]
    for name in ("forwarded", "in German"):
        assert (told[name]["kind"], told[name]["answer"]) == ("other", "")
        assert "Meeting Forward Notification" in told[name]["why"]
        assert "nobody counts as coming" in told[name]["then"]
    assert told["a person"]["kind"] == "human_reply"
    shown = explaining.as_text("x", told["stands in"])
    assert "ann@health.example delegated, passed on to bob@health.example" in shown
    assert "bob@health.example deputy, in place of ann@health.example" in shown


TEMPLATE = """# referral/1 child
[referrer]
name (who you are): Nora Notional
source (code): 4

[concern]
what_happened (in your words): worry

[subject]
given_name (first name): Míriam
"""


def typed(kind: str, content: bytes, disposition: str = "attachment") -> bytes:
    """A mail with the text form as a file of that type."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "nora@housing.example", HUB, "Referral"
    made.set_content("Please see attached")
    main, _, sub = kind.partition("/")
    made.add_attachment(content, maintype=main, subtype=sub, filename="referral.txt", disposition=disposition)
    return made.as_bytes()


def uuencoded(content: bytes) -> str:
    lines = [binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45)]
    return "Please see below\n\nbegin 644 referral.txt\n" + "".join(lines) + "`\nend\n"


async def test_the_text_form_is_read_in_whatever_file_it_comes(tmp_path: Path) -> None:
    nora, octets = MailClient("nora@housing.example"), TEMPLATE.encode()
    told = await explained(tmp_path, {
        "plain": typed("text/plain", octets), "no type": typed("application/octet-stream", octets),
        "of Windows": typed("application/octet-stream", TEMPLATE.replace("\n", "\r\n").encode("cp1252")),
        "of Notepad": typed("application/octet-stream", TEMPLATE.encode("utf-16")),
        "shown in the text": typed("text/plain", octets, "inline"),
        "winmail": nora.plain(HUB, "Referral", "", {"winmail.dat": tnef("See attached", {"referral.txt": octets})}),
        "uuencode": nora.plain(HUB, "Referral", uuencoded(octets)),
    })  # fmt: skip
    for name, line in told.items():
        assert (line["kind"], line["fields_problem"]) == ("referral", ""), name
        fields = {f["field"]: f["value"] for f in line["fields"]}
        assert fields["subjects.1.given_name"] == "Míriam", name
        assert fields["concern.what_happened"] == "worry", name


async def test_a_form_file_that_holds_nothing_is_named(tmp_path: Path) -> None:
    nora, names = MailClient("nora@housing.example"), {"empty": b"", "junk": b"\x07" * 999}
    told = await explained(tmp_path, {
        name: nora.plain(HUB, "Referral", "see", {"Referral.docx": octets}) for name, octets in names.items()
    })  # fmt: skip
    assert told["empty"]["fields_problem"] == "“Referral.docx” was not read: it is empty"
    assert told["junk"]["fields_problem"].startswith("“Referral.docx” was not read: it is damaged")


async def test_anything_is_a_mail_however_odd(tmp_path: Path) -> None:
    odd = [
        b"",
        b"\0" * 5000,
        b"\n" * 5000,
        b"no header at all",
        b"Content-Type: multipart/mixed\n\n--",
        b"\xff\xfe" * 99,
    ]
    nested = b"Content-Type: message/rfc822\n\n" * 700 + b"\nwords\n"
    told = await explained(tmp_path, {f"odd-{n}": octets for n, octets in enumerate([*odd, nested])})
    assert {one["kind"] for one in told.values()} == {"other"}
    last = told.pop(f"odd-{len(odd)}")
    assert "enclosed_shut" in last["oddities"]
    assert last["fields_problem"].startswith("a message inside this mail was not opened")
    assert not any("enclosed_shut" in one["oddities"] for one in told.values())


@pytest.mark.long
async def test_with_a_keyring_what_is_sealed_is_opened_and_its_signer_named(tmp_path: Path, gpg: Gpg) -> None:
    ann = MailClient("ann@health.example", gpg=gpg)
    mail = ann.write(HUB, "Referral", "Please see attached", {"referral.json": json.dumps(REFERRAL).encode()})
    sealed = ann.encrypted(mail, [gpg.fingerprint(HUB)], signer=gpg.fingerprint("ann@"))
    shut = (await explained(tmp_path, {"sealed": sealed}))["sealed"]
    assert (shut["integrity"], shut["signer"]["verdict"], shut["fields"]) == ("no_key", "unsigned", [])
    told = (await explained(tmp_path, {"sealed": sealed}, "--gnupghome", str(gpg.home)))["sealed"]
    assert (told["kind"], told["integrity"]) == ("referral", "proved")
    assert told["signer"] == {"verdict": "signed", "fingerprint": gpg.fingerprint("ann@")}
    answer = ann.encrypted(
        ann.write(HUB, "Re: x", "We accept."), [gpg.fingerprint(HUB)], signer=gpg.fingerprint("ann@")
    )
    then = (await explained(tmp_path, {"answer": answer}, "--gnupghome", str(gpg.home)))["answer"]["then"]
    assert "“accept” counts where the key that signed it is one of the agency that was asked; else a person" in then
    assert then.endswith(
        "where the agency that signed it still owes an answer, waits for a person to say in which case"
    )
    broken = sealed.replace(sealed[len(sealed) // 2 : len(sealed) // 2 + 8], b"AAAAAAAA")
    assert (await explained(tmp_path, {"sealed": broken}, "--gnupghome", str(gpg.home)))["sealed"]["kind"] == "other"


async def test_with_smime_files_what_is_sealed_is_opened_and_its_signer_named(tmp_path: Path) -> None:
    hub, ann = (openssl_command.person(tmp_path / who, f"{who}@health.example") for who in ("hub", "ann"))
    (lent := tmp_path / "lent").mkdir()
    (lent / "hub.pem").write_bytes(hub.key + hub.pem)
    (lent / "ann.crt").write_bytes(ann.pem)
    head = (
        b"From: ann@health.example\r\nSubject: Re: Message\r\nIn-Reply-To: <one@hub.example>\r\nMIME-Version: 1.0\r\n"
    )
    content = b"Content-Type: text/plain\r\n\r\nWe accept.\r\n"
    signed, opaque = head + ann.sign(content), head + ann.sign(content, "-nodetach")
    mails = {
        "signed": signed, "opaque": opaque, "altered": signed.replace(b"We accept", b"We decline"),
        "sealed": head + openssl_command.encrypt(content, hub.pem),
        "both": head + openssl_command.encrypt(ann.sign(content, "-nodetach"), hub.pem),
    }  # fmt: skip
    told = await explained(tmp_path, mails, "--smime", str(lent))
    assert {name: (line["integrity"], line["signer"]["verdict"], line["words"]) for name, line in told.items()} == {
        "signed": ("none", "signed", "We accept."), "opaque": ("none", "signed", "We accept."),
        "altered": ("none", "altered", "We decline."), "sealed": ("unproved", "unsigned", "We accept."),
        "both": ("proved", "signed", "We accept."),
    }  # fmt: skip
    assert told["both"]["signer"]["fingerprint"] == ann.fingerprint
    shut = await explained(tmp_path, mails)
    assert {name: (line["integrity"], line["signer"]["verdict"], line["words"]) for name, line in shut.items()} == {
        "signed": ("none", "unknown", "We accept."), "opaque": ("none", "unknown", "We accept."),
        "altered": ("none", "altered", "We decline."), "sealed": ("no_key", "unsigned", ""),
        "both": ("no_key", "unsigned", ""),
    }  # fmt: skip


async def test_the_hub_s_own_smime_folder_opens_what_was_sealed_to_the_hub(tmp_path: Path, short: Path) -> None:
    hub = short / "hub"
    setting_up.init(hub, HUB, "http://127.0.0.1", "", "hub", "the hub")
    sealed = openssl_command.encrypt(
        b"Content-Type: text/plain\r\n\r\nWe accept.\r\n", (hub / setting_up.CERTIFICATE_FILE).read_bytes()
    )
    mail = {"sealed": b"From: ann@health.example\r\nSubject: Re: Message\r\nMIME-Version: 1.0\r\n" + sealed}
    settings = hub / "exchange.toml"
    for options in ((), ("--config", str(settings))):  # the settings beside it, or named
        [line] = (await explained(tmp_path, mail, "--smime", str(hub / "smime"), *options)).values()
        assert (line["integrity"], line["words"]) == ("unproved", "We accept.")
    apart = tmp_path / "elsewhere"
    shutil.copytree(hub / "smime", apart / "smime")
    assert "name the hub's settings file with --config" in await refused("--smime", str(apart / "smime"))
    setting_up.init(short / "other", HUB, "http://127.0.0.1", "", "hub", "the hub")
    another = ("--config", str(short / "other" / "exchange.toml"))
    assert "another master key's" in await refused("--smime", str(apart / "smime"), *another)


async def test_an_smime_file_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path) -> None:
    ann = openssl_command.person(tmp_path / "ann", "ann@health.example")
    (lent := tmp_path / "lent").mkdir()
    locked = ("pkcs12", "-export", "-inkey", str(ann.folder / "key.pem"), "-passout", "pass:word")
    openssl_command.openssl(*locked, "-in", str(ann.folder / "certificate.pem"), "-out", str(lent / "ann.p12"))
    err = await refused("--smime", str(lent))
    assert f"{lent}/ann.p12: this is not a .p12 or .pfx file, or its password is another one" in err
    assert "openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem" in err


async def test_the_help_says_what_each_option_is_given() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", "mail", "explain", "--help", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    words = " ".join(out.decode().replace("│", " ").split())
    assert "or the hub's own folder, whose keys the settings beside it open, or those of --config" in words


async def test_a_mail_may_come_by_standard_input() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", "mail", "explain", "-", "--json",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(NEIGHBOUR), 60)
    assert process.returncode == 0
    assert "They cry all night" in json.loads(out)["words"]


async def test_a_file_that_is_not_there_is_named_and_the_others_are_told(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(NEIGHBOUR)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "exchange", "mail", "explain", str(tmp_path / "gone"), str(tmp_path / "here"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert f"{tmp_path}/gone: No such file" in err.decode()
    assert "They cry all night" in out.decode()
