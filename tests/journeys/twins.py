"""Twins: what a program asks of the API for each thing that a person does at the desk, written by hand.

The acts of a case have the same name on both sides, and need no row.
"""

from __future__ import annotations

Route = tuple[str, str]

# What stands before a person and is nothing to a program: each with the reason.
FOR_PEOPLE: dict[Route, str] = {
    ("GET", "/desk/live"): "tells an open page to fetch itself anew; a program has ETag and If-None-Match",
    ("GET", "/desk/changed"): "the same, for a page without it",
    ("GET", "/desk/shortcuts"): "the keys of a keyboard",
}
_STORY: tuple[Route, ...] = (("GET", "/cases/{case}"), ("GET", "/cases/{case}/content"))
_FILE: tuple[Route, ...] = (("GET", "/hub"), ("GET", "/hub/changes"))
_PROPOSES: tuple[Route, ...] = (("POST", "/hub/changes"),)
TWINS: dict[Route, tuple[Route, ...]] = {
    ("GET", "/desk"): (("GET", "/cases"), ("GET", "/tasks"), ("GET", "/outstanding")),
    ("GET", "/desk/case/{case}"): _STORY,
    ("GET", "/desk/case/{case}/transcribe"): _STORY,
    ("GET", "/desk/case/{case}/compare"): (*_STORY, ("GET", "/mail/{mail}")),
    ("GET", "/desk/case/{case}/correct"): _STORY,
    ("GET", "/desk/case/{case}/minutes"): _STORY,
    ("GET", "/desk/case/{case}/receipt_code"): _STORY,
    ("GET", "/desk/case/{case}/ring"): (("GET", "/cases/{case}/ring"),),
    ("POST", "/desk/case/{case}/transcribe"): (("POST", "/cases/{case}/transcribe"),),
    ("POST", "/desk/case/{case}/receipt_code"): (("POST", "/cases/{case}/receipt_code"),),
    ("POST", "/desk/case/{case}/letter"): (("POST", "/cases/{case}/letter"),),
    ("POST", "/desk/case/{case}/correct"): tuple(
        ("POST", f"/cases/{{case}}/correct_{what}") for what in ("concern", "subject", "person")
    ),
    ("POST", "/desk/case/{case}/minutes"): (("POST", "/cases/{case}/minute"),),
    ("GET", "/desk/silence"): (("GET", "/outstanding"),),
    ("GET", "/desk/silence/chase"): (("GET", "/outstanding"), ("GET", "/cases/{case}")),
    ("POST", "/desk/silence/chase"): (("POST", "/cases/{case}/chase"),),
    ("GET", "/desk/drift"): (("GET", "/drift"),),
    ("POST", "/desk/drift"): (("POST", "/handover"),),
    ("GET", "/desk/escalations"): (("GET", "/escalations"),),
    ("GET", "/desk/sessions"): (("GET", "/agenda"),),
    ("GET", "/desk/search"): (("POST", "/search"),),
    ("POST", "/desk/search"): (("POST", "/search"),),
    ("GET", "/desk/telephone"): (("POST", "/calls"),),
    ("POST", "/desk/telephone"): (("POST", "/calls"),),
    ("GET", "/desk/consultation"): (("GET", "/consultations"),),
    ("POST", "/desk/consultation"): (("POST", "/consultations"),),
    ("GET", "/desk/consultation/{consultation}"): (("GET", "/consultations/{consultation}"),),
    ("GET", "/desk/mail"): (("GET", "/mail"),),
    ("GET", "/desk/mail/{mail}"): (("GET", "/mail/{mail}"),),
    ("GET", "/desk/mail/{mail}/file/1"): (("GET", "/mail/{mail}/files/1"),),
    ("GET", "/desk/mail/{mail}/opened/1"): (("GET", "/mail/{mail}/opened/1"),),
    ("GET", "/desk/mail/{mail}/pages/1"): (("GET", "/mail/{mail}/pages/1"),),
    **{
        ("POST", f"/desk/mail/{{mail}}/{act}"): (("POST", f"/mail/{{mail}}/{act}"),)
        for act in ("unlock", "contact", "case", "aside")
    },
    ("GET", "/desk/attached/{case}/{attached}"): (("GET", "/cases/{case}/files/{attached}"),),
    ("GET", "/desk/attached/{case}/{attached}/pages"): (("GET", "/cases/{case}/files/{attached}/pages"),),
    ("POST", "/desk/attached/{case}/{attached}/original"): (("GET", "/cases/{case}/files/{attached}/original"),),
    ("GET", "/desk/directory"): (("GET", "/directory"), ("GET", "/leave"), ("GET", "/cover")),
    ("POST", "/desk/directory/leave"): (("POST", "/leave"),),
    ("POST", "/desk/directory/leave/{leave}/end"): (("POST", "/leave/{leave}/end"),),
    ("GET", "/desk/directory/mailbox/{mailbox}"): (("GET", "/mailboxes/{mailbox}"),),
    ("POST", "/desk/directory/mailbox/{mailbox}/rung"): (("POST", "/mailboxes/{mailbox}/rung"),),
    ("GET", "/desk/directory/keys/new"): (("GET", "/keys"),),
    ("POST", "/desk/directory/keys/new"): (("POST", "/keys"),),
    ("GET", "/desk/directory/key/{certificate}"): (("GET", "/keys"),),
    ("POST", "/desk/directory/key/{certificate}"): (("POST", "/keys/{fingerprint}/confirm"),),
    ("POST", "/desk/directory/key/{certificate}/rung"): (("POST", "/keys/{fingerprint}/rung"),),
    ("POST", "/desk/directory/key/{certificate}/retire"): (("POST", "/keys/{fingerprint}/retire"),),
    ("GET", "/desk/drills"): (("GET", "/drills"),),
    ("POST", "/desk/drills"): (("POST", "/drills"),),
    ("POST", "/desk/drills/heard"): (("POST", "/drills/heard"),),
    **{
        ("GET", f"/desk/admin{page}"): _FILE
        for page in (
            "",
            "/agencies",
            "/routes",
            "/rota",
            "/file",
            "/file/hub.toml",
            "/part/{part}/{mailbox}",
            "/new/{part}?of=police",
        )
    },
    ("GET", "/desk/admin/hub"): (("GET", "/hub"), ("GET", "/hub/clocks")),
    ("GET", "/desk/admin/clocks"): (("GET", "/hub/clocks"),),
    ("GET", "/desk/admin/agreements"): (("GET", "/hub/agreements"),),
    ("POST", "/desk/admin/file"): _PROPOSES,
    ("POST", "/desk/admin/part/{part}/{mailbox}"): _PROPOSES,
    ("POST", "/desk/admin/part/{part}/{mailbox}/end"): _PROPOSES,
    ("POST", "/desk/admin/new/{part}?of=police"): _PROPOSES,
    ("GET", "/desk/admin/change/{change}"): (("GET", "/hub/changes/{change}"),),
    ("POST", "/desk/admin/change/{change}"): (("POST", "/hub/changes/{change}/apply"),),
    ("POST", "/desk/admin/change/{change}/withdraw"): (("POST", "/hub/changes/{change}/withdraw"),),
    ("GET", "/desk/admin/history"): (("GET", "/hub/history"),),
    ("GET", "/desk/admin/retention"): (("GET", "/retention"),),
    ("GET", "/desk/admin/routes/try"): (("POST", "/hub/routes/try"),),
    ("POST", "/desk/admin/routes/try"): (("POST", "/hub/routes/try"),),
    ("GET", "/desk/admin/staff"): (("GET", "/staff"),),
    ("GET", "/desk/admin/staff/new"): (("GET", "/staff"),),
    ("POST", "/desk/admin/staff/new"): (("POST", "/staff"),),
    ("GET", "/desk/admin/staff/{member}"): (("GET", "/staff/{member}"),),
    ("POST", "/desk/admin/staff/{member}/{act}"): (("POST", "/staff/{member}/{act}"),),
    ("GET", "/desk/admin/letters"): (("GET", "/letters"),),
    ("GET", "/desk/admin/letters/{letter}"): (("GET", "/letters/{letter}"),),
    ("POST", "/desk/admin/letters/{letter}"): (("POST", "/letters/{letter}/preview"), *_PROPOSES),
    ("GET", "/desk/admin/audit"): (("GET", "/audit"),),
    ("POST", "/desk/admin/audit"): (("POST", "/audit/verify"),),
    ("POST", "/desk/admin/audit/export"): (("GET", "/audit/export"),),
}
