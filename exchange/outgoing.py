"""Outgoing: whoever takes something out of the house, made as the settings say: mail, and one-time codes."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from exchange.code_sending import ByMail, CodeSender, Console, Gateway
from exchange.config import ConfigRefused, Settings
from exchange.signing import UNSIGNED, Signing
from keys.dkim import DkimKey
from keys.refusal import Refused
from mailflow.authenticity import DnsResolver
from mailflow.clamd import Clamd
from mailflow.direct import Direct, Reach
from mailflow.dkim_signing import DkimSigner
from mailflow.requesting import Request
from mailflow.sender import Carrier, Relay, Timeouts


def resolver(settings: Settings) -> DnsResolver:
    """The name server."""
    host, _, port = settings.dns_server.rpartition(":")
    return DnsResolver(host, int(port)) if host else DnsResolver()


def relay(settings: Settings) -> Relay:
    """The server that takes our mail."""
    r = settings.relay
    password = settings.path(r.password_file).read_text().strip() if r.password_file else ""
    ca_file = settings.path(r.ca_file) if r.ca_file else None
    return Relay(
        r.host, r.port, tls=r.tls, ca_file=ca_file, username=r.username, password=password,
        own_name=_own_name(settings), timeouts=timeouts(settings.work.lease),
    )  # fmt: skip


def signing(settings: Settings) -> Signing:
    """What signs our mail. Raises ConfigRefused."""
    found = signer(settings) if settings.dkim.selector else None
    return Signing(found[0]) if found else UNSIGNED


def signer(settings: Settings) -> tuple[DkimSigner, DkimKey]:
    """The signer of the hub's domain, and its key. Raises ConfigRefused."""
    file = settings.path(settings.dkim.key_file)
    try:
        key = DkimKey.load(file.read_bytes())
    except (OSError, Refused) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else wrong
        raise ConfigRefused(f"dkim.key_file: {file}: {why}") from None
    return DkimSigner(_own_name(settings), settings.dkim.selector, key.sign), key


def direct(settings: Settings) -> Direct:
    """What goes straight to the servers of a mail domain."""
    t = settings.tls
    ca_file = settings.path(t.ca_file) if t.ca_file else None
    reach = Reach(t.port, t.https_port, ca_file, t.networks)
    return Direct(resolver(settings), _own_name(settings), reach, timeouts(settings.work.lease / 2))


def by_mail(settings: Settings, carrier: Carrier) -> CodeSender:
    """What takes one-time codes to mail addresses."""
    return ByMail(carrier, settings.hub_address, signing(settings))


def code_sender(settings: Settings, carrier: Carrier) -> CodeSender | None:
    """What takes one-time codes to people; None when the settings name nothing."""
    match settings.pickup.sender:
        case "mail":
            return by_mail(settings, carrier)
        case "console":
            return Console()
        case "http":
            return _gateway(settings)
    return None


def scanner(settings: Settings) -> Clamd | None:
    """What looks for malware; None when the settings name nothing."""
    return Clamd(settings.path(settings.clamd.socket)) if settings.clamd.socket else None


def _gateway(settings: Settings) -> Gateway:
    p, at = settings.pickup, urlsplit(settings.pickup.url)
    token = settings.path(p.token_file).read_text().strip() if p.token_file else ""
    said = (("Authorization", f"Bearer {token}"),) if token else ()
    over_tls, path = at.scheme == "https", at.path or "/"
    wanted = Request(
        at.hostname or "", f"{path}?{at.query}" if at.query else path, at.port or (443 if over_tls else 80), "POST",
        (("Content-Type", p.content_type), *said),
    )  # fmt: skip
    context = ssl.create_default_context() if over_tls else None
    return Gateway(wanted, p.body, p.content_type, context, resolver(settings))


def _own_name(settings: Settings) -> str:
    return settings.hub_address.partition("@")[2]


def timeouts(lease: float) -> Timeouts:
    """Together shorter than the lease: nobody else sends a letter that we are still sending."""
    return Timeouts(connect=lease / 6, command=lease / 6, content=lease / 4, dot=lease / 4, whole=lease / 2)
