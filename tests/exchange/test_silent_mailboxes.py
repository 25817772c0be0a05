"""Who was sent nothing can have received nothing; a machine that answers an invitation is kept with its seat."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from exchange import chronicle, scripts
from exchange.ahead import Ahead
from exchange.case.acknowledgement import Proof
from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.event import InviteeReplied, LetterNews
from exchange.case.mailbox import Address, Directory, Mailbox, MailboxRole, Transport
from exchange.case.presence import Presence
from exchange.case.strategy_discussion import Attendance, SeatEvidence
from exchange.correspondence import Place as Where
from exchange.placing import placed
from exchange.store import outbox
from exchange.store.casebook import StoredEvent
from exchange.web.answer import Place
from mailflow.evidence import Evidence
from mailflow.interpret import AUTOMATIC_REPLY, About, Machine
from tests.case.stories import RULES, Story, arrives, at, calls, child, contact, invited

TEAM = Mailbox("police-1", "police", Address("team@police.example"), (Transport.OPENPGP,), "01632 960110")
LEAD = replace(TEAM, id="police-lead", role=MailboxRole.LEAD)
WITH_LEAD = Presence(Directory((TEAM, LEAD)), date(2026, 11, 24))
PRESENCE = Presence(Directory((TEAM,)), date(2026, 11, 24))
NOTHING_TO_READ: Any = None  # placing a machine's word reads no mail


def offered(story: Story, *, notice: bool = True) -> set[str]:
    return {choice["value"] for choice in Place(story.case, story.leg(), notice).choices}


@pytest.mark.parametrize("news", [News.HELD, News.REFUSED, News.BOUNCED, News.DEFERRED])
def test_a_reminders_page_takes_no_received_for_what_is_not_there(news: News) -> None:
    story = Story(contact(child()), arrives(news=news))
    assert Place(story.case, story.leg(), notice=True).nothing_there
    assert offered(story) == {"cannot_open", "wrong_person"}
    assert "received" in offered(story, notice=False)  # whoever has the packet's own page has the packet
    story.tell(LetterNews(at(5), Letter.DEPUTY, "l1", News.ACCEPTED))
    assert "received" in offered(story)


def letter(about: str, kind: Letter) -> outbox.Row:
    return outbox.Row(
        id="o1", case_id="case1", key="k", letter=kind, about=about, state="sent", attempts=1, written=0,
        first_at=at(), due=at(), lease=None, sent_at=None,
        mailbox=None, fingerprint=None, form=None, message_id=None, blob=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("where", "deputy"),
    [
        ({"seat": "d1/i1"}, False),
        ({"letter": letter("d1/i1", Letter.INVITATION)}, False),
        ({"letter": letter("d1/i1", Letter.PAPERS)}, False),
        ({"letter": letter("d1/i1/deputy", Letter.CHASER)}, True),
    ],
)
@pytest.mark.parametrize("kind", [AUTOMATIC_REPLY, "read_receipt"])
def test_a_machine_that_answers_an_invitation_is_kept_with_the_seat(
    where: dict[str, Any], deputy: bool, kind: str
) -> None:
    case = Story(contact(child()), calls("police")).case
    evidence: Evidence = NOTHING_TO_READ
    found = placed(Machine(kind), Where(About("invitee"), case, **where), evidence, "mail1", at(70))
    assert found is not None
    assert found.event == SeatEvidence(at(70), "d1", "i1", kind, deputy)
    assert found.disposition == "machine_evidence"


def test_the_desk_is_told_what_became_of_the_letter_to_the_lead() -> None:
    story = Story(contact(child()), arrives())
    assert scripts.lead_told(story.case, "l1", WITH_LEAD) == ""
    story.run_out(*["remind:l1"] * 4)
    assert scripts.lead_told(story.case, "l1", WITH_LEAD) == ", the letter to its lead has not gone yet"
    story.tell(LetterNews(at(130), Letter.LEAD, "l1", News.HELD, "no_mailbox"))
    assert scripts.lead_told(story.case, "l1", WITH_LEAD) == ", no letter has reached its lead"
    story.tell(LetterNews(at(131), Letter.LEAD, "l1", News.ACCEPTED))
    assert scripts.lead_told(story.case, "l1", WITH_LEAD) == ", its lead has been written to"
    never = Story(contact(child())).run_out(*["remind:l1"] * 4)
    assert scripts.lead_told(never.case, "l1", WITH_LEAD) == ", no letter has reached its lead"


def test_nobody_is_said_to_be_reminded_by_mail_of_what_was_refused() -> None:
    story = Story(contact(child()), arrives(news=News.REFUSED), calls("police"), invited(news=News.REFUSED))
    ahead = Ahead(story.case, RULES, PRESENCE, story.clocks, at(5))
    assert ahead._of_leg(story.leg())[0] == "no reminder goes: what was sent has not reached them"
    seat = story.case.seat("d1/i1")
    assert seat
    assert ahead._of_seat(story.case.discussions[0], seat)[0] == "the desk is asked again to ring"
    arrived = Story(contact(child()), arrives())
    assert Ahead(arrived.case, RULES, PRESENCE, arrived.clocks, at(5))._of_leg(arrived.leg())[0] == (
        "they are reminded by mail"
    )


def test_the_history_says_which_reply_changed_nothing() -> None:
    reply = InviteeReplied(at(90), "d1", "i1", Attendance.ACCEPTED, at(90), "mail", Proof.DKIM)
    older = replace(reply, at=at(95), stamp=at(80), attendance=Attendance.DECLINED)
    case = Story(contact(child()), calls("police"), reply, older).case
    stored = [StoredEvent(f"e{n}", n, e.at, e) for n, e in enumerate((reply, older), 1)]
    first, second = (line.words for line in chronicle.lines(stored, case, RULES))
    assert first.endswith("to the invitation: accepted")
    assert second.endswith("declined (older than what holds: changes nothing)")
