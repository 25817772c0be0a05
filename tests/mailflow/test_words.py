"""Plain words become an answer where one plainly stands; a negation, a question or two answers go to a person."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.words import LINES, Reading, read_answer

ANSWERS = {
    *("cannot_open", "not_attend", "wrong_person", "nothing_known", "tentative", "attend", "decline", "accept"),
    *("information", "received", "interim", "wrong_agency", "deleted"),
}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("ACCEPT", "accept"),
        ("Accept.", "accept"),
        ("accepted, thank you", "accept"),
        ("We accept this referral. We will visit today.", "accept"),
        ("I accept", "accept"),
        ("**ACCEPT**", "accept"),  # Markdown, and Outlook's bold made plain
        ("“Accept”", "accept"),
        ("_accept_", "accept"),
        ("* accept", "accept"),
        ("RECEIVED", "received"),
        ("Received with thanks", "received"),
        ("I have received it", "received"),
        ("We have it in hand", "received"),
        ("We have got the packet", "received"),
        ("NOT KNOWN TO US", "nothing_known"),
        ("Not known", "nothing_known"),
        ("Nothing known to this service", "nothing_known"),
        ("No information held on either system", "nothing_known"),
        ("Nil return", "nothing_known"),
        ("No record of the family", "nothing_known"),
        ("Unknown to us", "nothing_known"),
        ("INFORMATION: seen by the school nurse in May", "information"),
        ("INFORMATION\nSeen by the school nurse in May, not at home since. Declined a visit.", "information"),
        ("INFORMATION:\nWe cannot say more until Monday", "information"),
        ("INFORMATION", "unclear"),  # and nothing told
        ("Information\nThis message is confidential.", "unclear"),
        ("INFORMATION TEAM\nSee below", "unclear"),
        ("Hello\nINFORMATION\nSeen in May", "unclear"),
        ("Info : not known before 2024, then two contacts", "information"),
        ("I cannot open the attachment", "cannot_open"),
        ("We can't decrypt this", "cannot_open"),
        ("We are unable to read this file", "cannot_open"),
        ("couldn't open it on my phone", "cannot_open"),
        ("WRONG PERSON", "wrong_person"),
        ("Wrong team, try the Eastside desk", "wrong_person"),
        ("I have left the service", "wrong_person"),
        ("I no longer work here", "wrong_person"),
        ("No longer at Northmoor", "wrong_person"),
        ("WRONG AGENCY", "wrong_agency"),
        ("Wrong agency, try youth justice", "wrong_agency"),
        ("Wrong service for this family", "wrong_agency"),
        ("WRONG AGENCY\nNot known to probation, he is 15: please try youth justice.", "wrong_agency"),
        ("WRONG AGENCY. Not known to us.", "wrong_agency"),
        ("Not known to us.\nWRONG AGENCY", "unclear"),
        ("WRONG AGENCY\nNot known so far, still searching", "unclear"),
        ("WRONG AGENCY\nNot known to us. Sorry, wrong child: ignore this mail.", "unclear"),
        ("WRONG AGENCY\nNot known to us.\nThis mailbox is not monitored.", "unclear"),
        ("WRONG AGENCY\nReceived", "unclear"),
        ("WRONG AGENCY\nNot known to us, but we accept", "unclear"),
        ("INTERIM: we hold something, full answer by Friday. We could not attend the review.", "interim"),
        ("Interim note: two contacts, not yet read", "interim"),
        ("DELETED", "deleted"),
        ("Confirmed deleted", "deleted"),
        ("We have deleted it", "deleted"),
        ("Deletion confirmed", "deleted"),
        ("I will attend", "attend"),
        ("Attending", "attend"),
        ("I will be there", "attend"),
        ("We can attend", "attend"),
        ("I cannot attend", "not_attend"),
        ("We won't make it", "not_attend"),
        ("Apologies, I am in court that day", "not_attend"),
        ("Not attending", "not_attend"),
        ("Tentative", "tentative"),
        ("I might", "unclear"),
        ("might attend", "tentative"),
    ],
)
def test_plain_words_are_read(said: str, answer: str) -> None:
    assert read_answer(said).answer == answer


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("DECLINE not our area", "not_remit"),
        ("Declined - out of area", "not_remit"),
        ("Decline. Not within our remit.", "not_remit"),
        ("We decline: no capacity this week", "no_capacity"),
        ("Decline, there are no staff on Friday", "no_capacity"),
        ("Decline - insufficient detail", "insufficient_info"),
        ("Declining.\n\nWe need more information on the father.", "insufficient_info"),
        ("Decline, conflict of interest", "conflict"),
        ("Decline, already open to us", "already_open"),
        ("Decline, she is not known here", "not_known"),
        ("Decline", None),
        ("Declined. We spoke on the telephone.", None),
    ],
)
def test_a_decline_carries_its_reason(said: str, reason: str | None) -> None:
    assert read_answer(said) == Reading("decline", reason, said)


def test_only_a_decline_has_a_reason() -> None:
    assert read_answer("Accept. No capacity for a visit before Monday.").reason is None


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("We cannot accept this", id="cannot"),
        pytest.param("We can't accept this", id="can't"),
        pytest.param("We do not accept", id="do not"),
        pytest.param("Not accepted", id="not accepted"),
        pytest.param("Unable to accept", id="unable"),
        pytest.param("I have not received this", id="not received"),
        pytest.param("We never received it", id="never received"),
        pytest.param("We haven't received it", id="haven't"),
        pytest.param("Accept this if the mother agrees", id="if"),
        pytest.param("Accept unless you hear otherwise", id="unless"),
        pytest.param("Received but not read", id="but not"),
        pytest.param("We have it but cannot open it", id="but cannot open"),
        pytest.param("Accepted until Friday", id="until"),
        pytest.param("I will attend if I can", id="attend if"),
        pytest.param("We decline? No, wait.", id="half a question"),
        pytest.param("We decline nothing until we know more", id="a decline until"),
    ],
)
def test_a_negation_or_a_condition_is_for_a_person(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        *("Accept?", "Do you accept?", "Received?", "Have you received this?", "Decline?", "Should we accept?"),
        *("Not known to us?", "Can you open this? I cannot", "Info: do you need the GP's name?", "I will be there?"),
        *("Wrong person?", "Cannot open?", "Not attending? Who told you?"),
    ],
)
def test_a_question_is_no_answer(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "Accept\nDecline",
        "ACCEPT\n\nNot known to us",
        "Received\nAccept",
        "RECEIVED   a person here has it in hand\nACCEPT     we will act on it\nDECLINE    and why",
        "Accept\nWe cannot accept the younger child",
        "I will attend\nApologies, I will not attend",
    ],
    ids=["yes and no", "two findings", "two steps", "our own list, left standing", "one denied", "changed mind"],
)
def test_two_different_answers_are_for_a_person(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        *("RECEIVED nothing but a blank page", "Received. The page is blank.", "RECEIVED but it is all gibberish"),
        *("Received, it is empty", "We have it, only strange characters", "Received\nThere is nothing in it"),
        *("RECEIVED - no attachment", "Accept. The attachment is missing", "Received. The letter was corrupted"),
    ],
)
def test_received_of_what_nobody_can_read_is_for_a_person(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        *(
            "Accept my apologies for the delay.",
            "We accept responsibility for the error",
            "Accepted into care last year",
        ),
        *("Received an error when opening the file", "Received your voicemail", "Received 2 of 3 pages"),
        *("We have it on good authority that he lives there", "Received into care in 2019"),
        *("Decline in his health is worrying", "Declining mental health noted by the GP"),
    ],
)
def test_a_word_that_means_something_else_here_is_no_answer(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        *("Received for someone else", "Received. Not one of ours", "We have it but it belongs to housing"),
        *("Received - passing to the right team", "Received, forwarded to social care"),
        "I have received this but I no longer work in safeguarding",
    ],
)
def test_who_passes_it_on_does_not_have_it_in_hand(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        *(("I have it in hand", "received"), ("I have it, thanks", "received"), ("ACCEPT (Ann Lee)", "accept")),
        *(
            ("RECEIVED on behalf of Ann Lee", "received"),
            ("Received this morning, on it", "received"),
            ("Accepted for Ann Lee", "unclear"),
        ),
        *(("DECLINE - out of area", "decline"), ("Not known to us; no longer registered here", "nothing_known")),
    ],
)
def test_a_plain_answer_stays_one(said: str, answer: str) -> None:
    assert read_answer(said).answer == answer


def test_the_same_answer_twice_is_one() -> None:
    assert read_answer("Accept.\nAccepted, thanks.").answer == "accept"


@pytest.mark.parametrize(
    "said",
    [
        *("", " \n\t\n", "Yes", "OK", "Thanks", "Please ring me", "acceptable", "Acceptance is pending"),
        *("The family declined help in May", "This is the wrong person", "Attendance at school is poor"),
        *("The school received a letter", "> ACCEPT", "| ACCEPT", "Derbyn", "Angenommen"),
    ],
)
def test_what_is_no_answer_is_for_a_person(said: str) -> None:
    assert read_answer(said) == Reading("unclear", None, said)


@pytest.mark.parametrize(("before", "answer"), [(LINES - 1, "nothing_known"), (LINES, "unclear")])
def test_an_answer_stands_in_the_first_lines_or_nowhere(before: int, answer: str) -> None:
    greeting = "".join(f"Line {n} of talk\n\n" for n in range(before))
    assert read_answer(greeting + "Not known to us").answer == answer


def test_lines_of_ornament_do_not_count() -> None:
    assert read_answer('***\n___\n...\n""\n* *\n\' _\n“”\nAccept').answer == "accept"


@given(st.text(max_size=400))
def test_any_text_has_a_reading_and_is_kept_whole(text: str) -> None:
    got = read_answer(text)
    assert got.answer in ANSWERS | {"unclear"}
    assert got.text == text


@given(st.sampled_from(["Accept", "Received", "Decline", "We accept", "We have it", "Not known to us"]), st.text())
def test_no_question_is_ever_an_answer(start: str, more: str) -> None:
    line = "".join(c for c in more if c.isalnum() or c == " ")
    assert read_answer(f"{start} {line}?").answer in ("unclear", "decline")  # "Decline, out of area?": see its reason
    if not start.startswith("Decline"):
        assert read_answer(f"{start} {line}?").answer == "unclear"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["accept ", "not ", ". ", "? ", "decline\n", "info:", " ", "_*", "we have it, "])
def test_no_text_is_slow(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    begun = time.process_time()
    read_answer(text)
    assert time.process_time() - begun < 5


def test_what_was_written_is_not_shown_in_logs() -> None:
    assert "Plainia" not in repr(read_answer("Accept. Plainia is safe."))


@pytest.mark.parametrize(
    "said",
    [
        "Received, but we cannot open it",
        "Received, I have left the team",
        "We have it, but it is not for us",
        "Accept, but not until Monday",
        "Accept, not our area after all",
        "Received. I cannot open it.",
        "Received\nBut I cannot open it",
        "Received but can’t open it",
        "Accepted but we don’t cover this postcode",
        "ACCEPT or DECLINE",
        "ACCEPT/DECLINE",
        "Accepted by mistake, we decline",
        "We accept the concern but decline the referral",
        "Received and declined",
        "Received in error, please delete",
        "Received and deleted",
        "Deleted?",
        "Deleted by mistake, please send again",
        "Not deleted yet",
        "Interim: can you wait?",
        "Interim",
        "Received by mistake",
        "Received - wrong team",
        "Attending: no",
        "I will be there, not",
        "Decline if it is not our area",
        "Decline due to capacity?",
        "No record that we received this",
        "Not known if this is ours",
        "nothing known until we check paper files",
        "I have left a voicemail for the mother",
    ],
)
def test_what_takes_itself_back_is_a_persons_to_read(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("We can’t open it", "cannot_open"),
        ("Apologies for the delay, I will attend", "unclear"),
        ("Apologies, not this time", "not_attend"),
        ("We've received this", "received"),
        ("Thanks, received", "received"),
        ("Sorry, we can't open the packet.", "cannot_open"),
        ("I have left the team.", "wrong_person"),
        ("INFORMATION: seen in 2019. We could not attend the review, and received no minutes.", "information"),
    ],
)
def test_how_people_say_it(said: str, answer: str) -> None:
    assert read_answer(said).answer == answer
