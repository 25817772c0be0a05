"""What the API's description says of words and names: of cases, of mails, of certificates, and of the record."""

from __future__ import annotations

from typing import Any

from exchange.api_shapes import (
    KEY,
    PART,
    REFERENCE,
    REFERRAL,
    SAID,
    TEXT,
    WHOLE,
    answering,
    closed,
    get,
    holding,
    listed,
    octets,
    paged,
    parameter,
    post,
    ref,
    told,
)

_MANY = {"type": "array", "items": WHOLE}
_TEXTS = {"type": "array", "items": TEXT}
_SCRIPT = ("check", "say", "ask", "machine", "otherwise")  # of one call, in this order
_MAYBE = {"type": ["string", "null"]}
_CONTRIBUTION = holding(
    contribution=TEXT, leg=TEXT, agency=TEXT, at=TEXT, kind=TEXT, marking=TEXT,
    not_said={"type": "array", "items": TEXT},
    words={**_MAYBE, "description": "null where they are kept apart from whoever asks"},
)  # fmt: skip
_FILE = holding(file=TEXT, name=TEXT, kind=TEXT, octets={"type": "integer"}, scan=TEXT)

_ASKED = {
    **closed({name: SAID for name in ("given_name", "family_name", "year", "postcode", "nhs_number")}),
    "description": "a name, a postcode or a whole NHS number at least; a year alone finds nobody",
}


def paths() -> dict[str, Any]:
    """By address."""
    return {**_of_cases(), **_of_mail(), **_of_keys(), **_of_records(), **_of_taking()}


def _of_cases() -> dict[str, Any]:
    file = parameter("file", "path", "a1b2c3", required=True)
    said = holding(what=TEXT, at=TEXT, by=TEXT, words=TEXT, mail=TEXT)
    whole = holding(
        reference=TEXT, received_at=TEXT, referral={"anyOf": [{"type": "null"}, WHOLE]},
        names={"type": "object", "additionalProperties": TEXT}, beware={"type": "array", "items": TEXT},
        contributions={"type": "array", "items": _CONTRIBUTION}, history={"type": "array", "items": said},
        files={"type": "array", "items": _FILE}, scores=_MANY, referrer=WHOLE, earlier=_MANY,
        more_earlier={"type": "integer"},
        **dict.fromkeys(("products", "records", "discussions", "actions", "own_references"), _MANY),
    )  # fmt: skip
    call = holding(about=TEXT, whom=TEXT, numbers=_MANY, calls=_MANY, **dict.fromkeys(_SCRIPT, _TEXTS))
    whom = {**parameter("about", "query", "l1"), "description": "a leg (`l1`), a seat (`d1/i2`) or `duty`"}
    words = {**_FILE, "properties": {**_FILE["properties"], "pages": {"type": "boolean"}, "words": _MANY}}
    of = "/cases/{reference}/files/{file}"
    return {
        "/cases/{reference}/content": {
            "get": get("Names, words, what agencies told and files; that it was read is recorded", whole, REFERENCE)
        },
        "/cases/{reference}/ring": {
            "get": get("Whom to ring about what is owed, by which numbers, and what to say", call, REFERENCE, whom)
        },
        "/tasks": {"get": get("What the desk is asked to do, soonest due first", paged("tasks"), *PART)},
        "/search": {
            "post": post("Cases of people who might be meant, most alike first; post the same to `next` for more",
                         _ASKED, {"family_name": "Madeup"},
                         holding(found=_MANY, more={"type": "integer"}, next=TEXT), 200, PART[0],
                         parameter("limit", "query", 100, {"type": "integer", "minimum": 1, "maximum": 100}))
        },
        of: {"get": get("The words of a file", words, REFERENCE, file)},
        f"{of}/pages": {"get": octets("The first pages of a file, drawn anew", "image/png", REFERENCE, file)},
        f"{of}/original": {
            "get": octets("The file as it came: recorded", "application/octet-stream", REFERENCE, file)
        },
    }  # fmt: skip


def _of_mail() -> dict[str, Any]:
    mail = parameter("mail_id", "path", "a1b2c3", required=True)
    number = parameter("number", "path", 1, {"type": "integer"}, required=True)
    whole = holding(
        mail=TEXT, received_at=TEXT, reference=TEXT, waiting={"type": "boolean"}, facts=WHOLE,
        beware={"type": "array", "items": TEXT}, text=TEXT, files=_MANY, locked=_MANY, guesses=_MANY,
        alike={"type": "integer"},
    )  # fmt: skip
    after = holding(mail=TEXT, reference=TEXT, files=_MANY)
    said: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "contact": ("It is a new concern", closed({}), {}),
        "case": ("It belongs to this case", closed({"reference": SAID}, "reference"), {"reference": "MASH-7Q2F-K9"}),
        "aside": ("It is no concern of ours: it stays readable", closed({}), {}),
        "unlock": ("Open a locked file with the password that somebody was told",
                   closed({"file": SAID, "password": SAID}, "file", "password"), {"file": "a1", "password": "told"}),
    }  # fmt: skip
    of, octets_of = "/mail/{mail_id}", "application/octet-stream"
    return {
        "/mail": {"get": get("What came and is part of no case, newest first", paged("mail"), *PART)},
        of: {"get": get("One mail, whole, and which cases it may be about: recorded", whole, mail)},
        f"{of}/files/{{number}}": {"get": _shut(octets("A file as it came", octets_of, mail, number))},
        f"{of}/opened/{{number}}": {"get": _shut(octets("What was in a locked file", octets_of, mail, number))},
        f"{of}/pages/{{number}}": {"get": octets("A file that can be drawn, drawn anew", "image/png", mail, number)},
        **{
            f"{of}/{act}": {"post": post(summary, body, example, after, 200, mail, KEY)}
            for act, (summary, body, example) in said.items()
        },
    }  # fmt: skip


def _shut(operation: dict[str, Any]) -> dict[str, Any]:
    operation["responses"]["409"] = told("it stays shut: what the malware scanner said")
    return operation


def _of_keys() -> dict[str, Any]:
    fingerprint = parameter("fingerprint", "path", "0" * 40, required=True)
    mailbox = parameter("mailbox", "path", "police-1", required=True)
    flag: dict[str, Any] = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]}
    brings = closed({"whose": SAID, "certificate": TEXT, "other_user_id": flag}, "whose", "certificate")
    key = {"whose": "police-1", "certificate": "-----BEGIN PGP PUBLIC KEY BLOCK-----"}
    acts: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "confirm": ("What its holder read out, or the code of the letter they got",
                    closed({"read_back": SAID, "letter_code": SAID}), {"read_back": "0" * 40}),
        "rung": ("Whom we knew before was rung, and knows of the change", closed({}), {}),
        "retire": ("Nobody uses it any more", closed({"sure": flag}, "sure"), {"sure": True}),
    }  # fmt: skip
    boxes = {"anyOf": [SAID, {"type": "array", "items": SAID, "minItems": 1}]}
    asked, words = {"mailbox": ["police-1"]}, {"mailbox": "police-1", "words": "three words heard"}
    return {
        "/keys": {
            "get": get("Every certificate in use or waiting, and what is missing", listed("keys")),
            "post": post("Bring a certificate: two people have it read out", brings, key, WHOLE, 201, KEY),
        },
        **{
            f"/keys/{{fingerprint}}/{act}": {"post": post(summary, body, example, WHOLE, 200, fingerprint, KEY)}
            for act, (summary, body, example) in acts.items()
        },
        "/mailboxes/{mailbox}": {"get": get("How one mailbox is reached, rung by rung", WHOLE, mailbox)},
        "/mailboxes/{mailbox}/rung": {
            "post": post("Its people know that it is reached otherwise than before", closed({}), {}, WHOLE, 200,
                         mailbox, KEY)
        },
        "/drills": {
            "get": get("Which mailbox has proved that it can open what we send", listed("drills")),
            "post": post("Send a test to these mailboxes", closed({"mailbox": boxes}, "mailbox"), asked, WHOLE, 201,
                         KEY),
        },
        "/drills/heard": {
            "post": post("The words of its last test were read out",
                         closed({"mailbox": SAID, "words": SAID}, "mailbox", "words"), words, WHOLE, 200, KEY)
        },
    }  # fmt: skip


def _of_records() -> dict[str, Any]:
    letter = parameter("letter", "path", "receipt", required=True)
    language = parameter("language", "query", "en")
    narrow = [parameter(name, "query", "") for name in ("case", "by", "kind")]
    days = [parameter(name, "query", "2026-03-27") for name in ("since", "until")]
    words = {"opening": "Thank you for ringing us.", "closing": ""}
    holds = {"type": "object", "properties": {"holds": {"type": "boolean"}}, "required": ["holds"]}
    return {
        "/audit": {
            "get": get("Who did and was shown what, newest first: recorded", paged("audit"), *narrow, *days, *PART)
        },
        "/audit/export": {
            "get": answering(octets("The same lines as a spreadsheet: recorded", "text/csv", *narrow, *days), "409",
                             "a named person takes it out")
        },
        "/audit/verify": {
            "post": post("Whether the whole record holds", closed({"head": TEXT}), {}, holds, 200)
        },
        "/hub/history": {"get": get("What was changed of the hub, newest first", paged("history"), *PART)},
        "/hub/clocks": {"get": get("The named clocks with what the law says, and the bank holidays to come", WHOLE)},
        "/hub/agreements": {"get": get("Agreements on sharing information, and who is covered today", WHOLE)},
        "/retention": {"get": get("How long each sort of record is kept", WHOLE)},
        "/letters": {"get": get("Every kind of letter", listed("letters"))},
        "/letters/{letter}": {"get": get("A letter as it is written to invented people", WHOLE, letter, language)},
        "/letters/{letter}/preview": {
            "post": post("The same with other words; nothing is kept",
                         closed({"opening": SAID, "closing": SAID, "language": SAID}), words, WHOLE, 200, letter)
        },
    }  # fmt: skip


def _of_taking() -> dict[str, Any]:
    imagined = {name: SAID for name in ("reference", "form", "cohort", "area", "role", "rating", "referrer")}
    many = {"anyOf": [SAID, {"type": "array", "items": SAID}]}
    flags = {name: {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]} for name in ("protected", "refuses")}
    caller = closed({name: SAID for name in ("name", "telephone", "checked", "rang")}, "name", "checked")
    rang = {"name": "Rita Ringer", "checked": "rang back"}
    urgent = {"rating": SAID, "referral": ref("Referral")}
    taken = closed({**caller["properties"], **urgent}, *caller["required"], *urgent)
    made = holding(reference=TEXT, receipt_code=TEXT)
    handed = {"before": "officer-1", "owner": "officer-2"}
    texts, rows = [{"type": "array", "items": of} for of in (TEXT, WHOLE)]
    of, after = "/cases/{reference}", {"type": "object", "allOf": [ref("Case")]}
    return {
        "/calls": {
            "post": post("A referral taken by telephone or in person", taken,
                         {**rang, "rating": "amber", "referral": REFERRAL}, made, 201, KEY)
        },
        f"{of}/transcribe": {
            "post": post("An unstructured contact, typed in", ref("Referral"), REFERRAL, after, 200, REFERENCE, KEY)
        },
        f"{of}/receipt_code": {
            "post": post("The receipt code, for reading out: recorded", caller, rang, holding(receipt_code=TEXT), 200,
                         REFERENCE, KEY)
        },
        f"{of}/letter": {
            "post": post("The letter to the referrer as they will read it", closed({"words": SAID, "asks": SAID}),
                         {"words": "Thank you."}, holding(letter=TEXT, notice=TEXT, how=TEXT), 200, REFERENCE)
        },
        "/handover": {
            "post": post("All open cases of one member of staff to another",
                         closed({"before": SAID, "owner": SAID}, "before", "owner"), handed,
                         holding(cases=texts, kept=texts, owner=TEXT, pack=rows), 200, KEY)
        },
        "/hub/routes/try": {
            "post": post("Who would be asked what; nothing is kept",
                         closed({**imagined, **flags, "age": many, "keep_from": many}), {"age": ["school"]}, WHOLE,
                         200)
        },
    }  # fmt: skip
