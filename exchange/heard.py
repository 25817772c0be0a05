"""Heard: when the mail that asks for what is owed was sent, and which server said what to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from exchange import content, mail_words
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter
from exchange.case.event import LetterNews, PacketNews
from exchange.case.mailbox import Transport
from exchange.hub import Hub
from exchange.owed import Owed
from exchange.policy import Viewer
from exchange.safe import Forgotten
from exchange.store import casebook
from exchange.store.casebook import Heard
from exchange.store.database import Transaction
from keys.vault import bound_data

_SINCE = frozenset({Delivery.BOUNCED, Delivery.EXPIRED})  # what no server says while it takes the mail
_OF_MAIL = frozenset({"acknowledgement", "answer", "unqualified_nil", "attendance"})


async def heard(hub: Hub, tx: Transaction, owed: Sequence[Owed]) -> tuple[Owed, ...]:
    """The same, with what their servers said; only what is asked for is opened."""
    asked = {o.case_id for o in owed if o.what in _OF_MAIL}
    newest: dict[tuple[str, str], Heard] = {}
    sent: dict[tuple[str, str], Heard] = {}
    for one in await casebook.heard(tx, sorted(asked), content.SERVER):
        about = _about(one)
        if about:
            newest[one.case_id, about] = one
            if isinstance(one.event, PacketNews | LetterNews) and one.event.news is News.ACCEPTED:
                sent[one.case_id, about] = one
    found = []
    for o in owed:
        team, deputy = (o.case_id, o.about), (o.case_id, f"{o.about}/deputy")
        if o.what in _OF_MAIL and (team in newest or deputy in newest):
            taken = sent.get(team) or sent.get(deputy)
            said = [await _said(hub, newest[team])] if team in newest else []
            said += [mail_words.mail(o.mail)] if o.mail in _SINCE else []
            said += [f"to the deputy: {await _said(hub, newest[deputy])}"] if deputy in newest else []
            o = replace(o, sent_at=taken.event.at if taken else None, server="; ".join(filter(None, said)))
        found.append(o)
    return tuple(found)


def _about(one: Heard) -> str:
    """The leg or seat that was asked by this letter; with “/deputy” where its deputy was."""
    event = one.event
    if isinstance(event, PacketNews):
        return event.leg
    if not isinstance(event, LetterNews):
        return ""
    if event.letter is Letter.DEPUTY:
        return f"{event.about}/deputy"
    of_deputy = event.letter is Letter.CHASER and event.about.endswith("/deputy")
    return event.about if event.letter is Letter.INVITATION or of_deputy else ""


async def _said(hub: Hub, one: Heard) -> str:
    try:
        plain = await hub.safe.open(one.blob, bound_data(hub.id, one.case_id, one.event_id, content.SERVER))
    except Forgotten:
        return ""
    told = json.loads(plain.data)
    host, reply = told.get("host", ""), " ".join(str(told.get("reply", "")).split())
    if not host and isinstance(one.event, PacketNews | LetterNews) and one.event.transport == Transport.TLS:
        return f"nothing was said there: {reply}"  # what we saw of their server, straight from here
    return f"{host} said: {reply}" if host else f"their server, or ours, said: {reply}"


async def with_servers(hub: Hub, viewer: Viewer, owed: Sequence[Owed]) -> tuple[Owed, ...]:
    """As `heard`, in the viewer's name."""
    async with hub.database.reading(hub.scope(viewer)) as tx:
        return await heard(hub, tx, owed)
