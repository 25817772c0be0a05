"""Attending, on the answer page: an agency that holds a packet and a seat says both on one page, with one code.

What is said here counts as on the page of the papers: with the code it fills the seat, without it it is a claim that
somebody at the hub confirms. Nothing but when and which kind of meeting is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from exchange import content, discussion_wording
from exchange.case.acknowledgement import Proof
from exchange.case.event import InviteeReplied
from exchange.case.rules import Rules
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion
from exchange.web import links
from exchange.web.context import Site, shown
from exchange.web.forgery import Form
from templates.languages import N_, say

if TYPE_CHECKING:
    from exchange.web.answer import Place

OFFERED = (
    (Attendance.ACCEPTED, N_("Somebody of us attends")),
    (Attendance.TENTATIVE, N_("We do not know yet: ring us")),
    (Attendance.DECLINED, N_("Nobody of us can attend")),
)


def asked(place: Place, rules: Rules, site: Site) -> list[dict[str, object]]:
    """The meetings that the agency is called to, as questions."""
    now = site.hub.clock.now()
    return [
        {
            "name": _name(discussion, seat),
            "label": say(
                "Meeting %(when)s (%(kind)s): does somebody come?", when=shown(discussion.starts_at, rules, now),
                kind=say(discussion_wording.label(discussion.kind, rules)).lower(),
            ),
            "choices": [{"value": str(code), "text": say(text)} for code, text in OFFERED],
        }
        for discussion, seat in _seats(place) if not discussion.over(now)
    ]  # fmt: skip


def chosen(form: Form, place: Place) -> list[tuple[StrategyDiscussion, Invitee, Attendance]]:
    """What was said of each."""
    codes = {str(code): code for code, _ in OFFERED}
    found = ((d, seat, codes.get(form.one(_name(d, seat)))) for d, seat in _seats(place))
    return [(d, seat, said) for d, seat, said in found if said is not None]


async def record(site: Site, place: Place, form: Form, proof: Proof) -> None:
    """Each as an event of its own."""
    hub = site.hub
    for discussion, seat, said in chosen(form, place):
        now, about = hub.clock.now(), f"{discussion.id}/{seat.id}"
        event = InviteeReplied(now, discussion.id, seat.id, said, now, "page", proof)
        cause = f"page:{place.case.id}:{about}:{form.once}"
        await hub.record(place.case.id, event, cause, {content.WHO: links.who(form, proof)}, actor=seat.agency)


def _seats(place: Place) -> Iterator[tuple[StrategyDiscussion, Invitee]]:
    """Those of the packet's agency in meetings not recorded yet; nothing for whoever has a readable link only."""
    for discussion in place.case.discussions if not place.notice else ():
        if discussion.state is Meeting.CALLED:
            yield from ((discussion, seat) for seat in discussion.invitees if seat.agency == place.leg.agency)


def _name(discussion: StrategyDiscussion, seat: Invitee) -> str:
    return f"attend-{discussion.id}-{seat.id}"
