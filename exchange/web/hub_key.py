"""The hub's own key for those who write to it: a page with the fingerprint, the file, and a Web Key Directory.

1. Only our own key is given away here, and only under our own address (draft-koch-openpgp-webkey-service 3.1).
2. We look nobody up in such a directory: an agency's key is read out to us by telephone.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from exchange.ours import grouped
from exchange.web.context import Site, site_of
from keys.openpgp.packets import dearmor
from templates.languages import say

router = APIRouter()
FILE, CERTIFICATE = "hub-public-key.asc", "hub-certificate.pem"
CHANGE = "hub-key-change.asc"  # what the old key signed about the new one, on the node where it was changed
WKD = "/.well-known/openpgpkey"
_ZBASE32 = "ybndrfg8ejkmcpqxot1uwisza345h769"
_OPEN = {"Access-Control-Allow-Origin": "*"}  # mail programs in browsers ask from their own pages


@router.get("/key")
async def key(request: Request) -> Response:
    """The fingerprint to compare, and the file."""
    site = site_of(request)
    own = await site.keyroom.smime_identity()
    return await site.page(
        request, "public/key", title=say("Our key"), address=site.settings.hub_address, file=f"/key/{FILE}",
        lines=grouped(site.keyroom.fingerprint), certificate=f"/key/{CERTIFICATE}",
        certificate_lines=grouped(own.certificate.fingerprint) if own else (),
        change=f"/key/{CHANGE}" if (site.settings.folder / CHANGE).is_file() else "",
    )  # fmt: skip


@router.get(f"/key/{FILE}")
async def armored(request: Request) -> Response:
    """The certificate as a file."""
    content = await site_of(request).keyroom.public()
    named = {"Content-Disposition": f'attachment; filename="{FILE}"'}
    return Response(content, media_type="application/pgp-keys", headers=named)


@router.get(f"/key/{CERTIFICATE}")
async def certificate(request: Request) -> Response:
    """The S/MIME certificate as a file."""
    own = await site_of(request).keyroom.smime_identity()
    if own is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    named = {"Content-Disposition": f'attachment; filename="{CERTIFICATE}"'}
    return Response(own.certificate.pem, media_type="application/x-pem-file", headers=named)


@router.get(f"/key/{CHANGE}")
async def change(request: Request) -> Response:
    """The text that the old key signed, for those who have it to check."""
    file = site_of(request).settings.folder / CHANGE
    if not file.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return PlainTextResponse(file.read_text())


@router.get(WKD + "/policy")
@router.get(WKD + "/{domain}/policy")
async def policy(request: Request, domain: str = "") -> Response:
    """That there is a directory; the file may be empty (4.5)."""
    _ours(site_of(request), domain)
    return PlainTextResponse("", headers=_OPEN)


@router.get(WKD + "/hu/{name}")
@router.get(WKD + "/{domain}/hu/{name}")
async def directory(request: Request, name: str, domain: str = "") -> Response:
    """The certificate in binary, by the direct and by the advanced method (3.1)."""
    site = site_of(request)
    _ours(site, domain)
    if name != hashed(site.settings.hub_address.partition("@")[0]):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(dearmor(await site.keyroom.public()), media_type="application/octet-stream", headers=_OPEN)


def _ours(site: Site, domain: str) -> None:
    if domain.lower() not in ("", site.settings.hub_address.partition("@")[2].lower()):
        raise HTTPException(HTTPStatus.NOT_FOUND)


def hashed(local_part: str) -> str:
    """The name of an address in a Web Key Directory: Z-Base-32 of SHA-1 (3.1); it hides nothing."""
    digest = hashlib.sha1(local_part.lower().encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest, "big")  # 160 bits: thirty-two digits of five
    return "".join(_ZBASE32[number >> shift & 31] for shift in range(155, -5, -5))
