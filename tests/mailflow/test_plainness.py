"""A word of ours with something beside it that takes it away is no answer; a person's plain answer stays one."""

from __future__ import annotations

import pytest

from mailflow.words import read_answer


@pytest.mark.parametrize(
    "said",
    [
        "Received by MASH inbox 27/11/2026 09:12:44. Case CAS-001 created.",
        "Received with thanks. A member of the team will be in touch within 48 hours.",
        "RECEIVED - we aim to look at all referrals within 24 hours",
        "We accept referrals between 9 and 5, Monday to Friday.",
        "We accept referrals by our online form only: https://agency.example/form",
        "Received: Fri 27 Nov 2026 09:12. Logged as CAS-1234567.",
        "Accepted: your referral has been logged.",
        "Received. This is a generated message.",
        "RECEIVED BY THE SYSTEM",
        "Received into our queue",
        "Received at 09:12. Your referral is in our queue and a worker will contact you.",
        "Received\nReference 12345 created",
        "Received. We will respond in 3 working days",
        "Received. Thank you for your referral. It has been passed to the duty team.",
        "Received your email. Your call is important to us",
        "Received 27/11/2026 09:12 by Northshire Contact Centre Portal",
    ],
)
def test_what_a_machine_writes_of_any_mail_is_no_answer(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "Received this morning by reception, no social worker has seen it yet.",
        "Received. Nobody will look at this until Monday.",
        "Received - on annual leave till 4th",
        "Received\n\nMASH duty inbox (unmanned out of hours)",
        "I am currently off sick. Your email will not be read. Received.",
        "Received, not yet read",
        "Received. Will be triaged tomorrow.",
        "Received, awaiting allocation",
        "Received and placed in the duty tray for Monday",
        "We accept in principle pending capacity.",
        "Accepted subject to manager approval",
        "I accept your meeting invitation.",
        "Nothing known to us yet, still searching.",
    ],
)
def test_what_nobody_has_looked_at_is_in_nobodys_hands(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "RECEIVED\n\nPlease ignore, sent by mistake.",
        "I accepted this yesterday but must now withdraw.",
        "Accept. Sorry, I meant decline.",
        "Declined. Actually ignore that, accepted.",
        "Decline. Wrong child, we must take that back.",
        "Not known to us. Correction: he is known, sorry!",
        "Cant open it. Accept.",
        "Received. I dont accept it",
        "Accept (test)",
        "Accept. Testing only",
    ],
)
def test_what_takes_the_answer_back_leaves_none(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("RECEIVED - Jo Bloggs, duty social worker", "received"),
        ("Received, looking at it now.", "received"),
        ("OK received", "received"),
        ("Yes, we accept", "accept"),
        ("Yes accept", "accept"),
        ("Yes", "unclear"),
        ("OK received by the portal", "unclear"),
        ("Received, will get back to you this afternoon", "received"),
        ("Received\n\nAnn Lee\nDesignated nurse\nNorthmoor NHS Trust\nTel 01632 960111", "received"),
        ("RECEIVED. I have read it and will ring the school this morning.", "received"),
        ("Thanks, received. I'm dealing with it.", "received"),
        ("I have received this and am reading it now", "received"),
        ("Received. Duty manager is looking at this now.", "received"),
        ("Accept - we will visit today", "accept"),
        ("ACCEPT we will do a joint visit this afternoon with police", "accept"),
        ("Accepted and allocated to Priya Shah", "accept"),
        ("ACCEPT. Social worker Jo Bloggs allocated, visiting at 4pm.", "accept"),
        ("ACCEPT - DS Smith is allocated. Home visit by uniform tonight.", "accept"),
        ("Accept\n\nWe open a section 47 enquiry. Mum is known to us; dad not seen since 2019.", "accept"),
        ("Not known to us. We searched both systems by name and date of birth.", "nothing_known"),
        ("Decline, wrong area. Please do not send the next one to us either.", "decline"),
    ],
)
def test_a_persons_plain_answer_stays_one(said: str, answer: str) -> None:
    assert read_answer(said).answer == answer
