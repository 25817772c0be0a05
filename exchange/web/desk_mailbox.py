"""One mailbox at the desk: by which transport it is reached today, rung by rung, and what to do where one fails."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import drill_words, reaching
from exchange.case.mailbox import Transport
from exchange.key_states import generation
from exchange.policy import Action, require
from exchange.reaching import Reach, Rung
from exchange.web.context import Site, site_of
from exchange.web.desk_certificates import SIGNS, page_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()
NEW_KEY = "Ask its holder for a new certificate, and bring it in the directory"
THEIR_TLS = "Ring with what waits. Then their IT must look at their mail server, and ours check the domain again"
DO = {  # by why a rung does not work; what is not here is done by whoever runs this machine
    "no_key": "Ask its holder for a certificate, bring it in the directory, and have it read out",
    "key_not_yet_valid": "Wait until its time has begun",
    "key_other_address": "Ask its holder for a certificate that names the address of now",
    "not_proved": "Send a test. Then ring the number you had before, and have its three words read out",
    "no_contact": "Ask where one-time codes may go, and have it written into the hub file",
    "no_sender": "Ring with what waits. Whoever runs the hub’s machine must name there what sends the codes",
    "codes_fail": "Ring with what waits. Whoever runs the hub’s machine must mend what sends the codes",
    "tls_fails": THEIR_TLS,
    "other_servers": THEIR_TLS,
    **dict.fromkeys(
        ("key_expired", "key_revoked", "key_retired", "key_weak", "key_disabled", "key_cannot_encrypt", "not_sealed"),
        NEW_KEY,
    ),
    **dict.fromkeys(("no_evidence", "evidence_over"), "Whoever runs the hub’s machine must check their mail domain"),
    "key_needs_sequoia": "Ask its holder for an ordinary key (version 4)",
}
OF_MACHINE = "Tell whoever runs the hub’s machine"


@router.get("/desk/directory/mailbox/{mailbox}")
async def mailbox(request: Request, mailbox: str) -> Response:
    """How it is reached."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_DIRECTORY)
    every = await reaching.reach(site.hub, site.keyroom)
    found = next((one for one in every if one.mailbox.id == mailbox), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return await site.page(
        request, "desk/mailbox", title=f"How {mailbox} is reached", navigation=menu(request),
        signed_in_as=viewer.id, mailbox=mailbox, address=found.mailbox.address.text,
        telephone_number=found.mailbox.proof_number, takes=_named(found.takes),
        proof=_begun(drill_words.line(found.proved)),
        rungs=[_rung(number, rung) for number, rung in enumerate(found.rungs, 1)],
        moves=_begun(reaching.coming(found.move)) if found.move else "",
        keys=_keys(found, site, may=viewer.may(Action.CONFIRM_KEY)), may_drill=viewer.may(Action.DRILL),
    )  # fmt: skip


def _named(transport: str) -> str:
    return drill_words.TRANSPORTS[Transport(transport)] if transport else ""


def _begun(text: str) -> str:
    """As a sentence begins."""
    return text[:1].upper() + text[1:]


def _rung(number: int, rung: Rung) -> dict[str, Any]:
    held = rung.mend.startswith("nothing:")
    do = "Nothing: the new key comes into use by itself. Until then, ring" if held else DO.get(rung.why, OF_MACHINE)
    return {
        "number": number, "way": _begun(_named(rung.transport)), "works": not rung.why, "found": _begun(rung.found),
        "do": do if rung.why else "",
    }  # fmt: skip


def _keys(found: Reach, site: Site, *, may: bool) -> list[dict[str, str]]:
    return [
        {
            "short": f"…{key['fingerprint'][-8:]}" if key["state"] != "waiting" else "",
            "generation": generation(key), "health": key["health"], "sign": SIGNS[key["health"]],
            "words": "; ".join(filter(None, (key["use"], key["note"]))),
            "path": page_of(site, key["fingerprint"]) if may else "",
        }
        for key in found.keys
    ]  # fmt: skip
