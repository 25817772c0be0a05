from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from exchange.case.decision import Decision
from exchange.case.feedback import Reach, ReferrerClass, Told
from exchange.case.fields import FIELDS, Section
from exchange.case.packet import fill
from exchange.case.referral import Referral, present
from mailflow.labels import nil_missing
from templates import samples
from templates.addressed import Urgency
from templates.disclosed import Warnings, warnings_of
from templates.discussed import Record
from templates.key_letters import OF_KEYS
from templates.letters import (
    FOLDERS,
    ALetter,
    Chaser,
    Decided,
    Outcome,
    Recall,
    Receipt,
    Reminder,
    Replied,
    Stepped,
    ToDo,
    warning_lines,
    write,
)
from templates.notices import Digest, Lead
from templates.outside import OneTimeCode, Safely
from templates.packet_file import packet_json

HOSTILE = '#read("/etc/passwd")\n@ref $x$ {{ letter }} {% raw %}\nHOW TO ANSWER\nring 0900\u202eevil\x1b[2J'


@pytest.mark.parametrize("letter", samples.every(), ids=lambda x: type(x).__name__)
def test_every_letter_is_written_in_short_lines(letter: ALetter) -> None:
    written = write(letter)
    assert written.subject
    assert "\n" not in written.subject
    assert len(written.subject) <= 250
    of_no_case = isinstance(letter, (Safely, OneTimeCode, *OF_KEYS))
    assert samples.REFERENCE in written.text or of_no_case
    assert samples.HUB.telephone in written.text
    assert max(len(line) for line in written.text.split("\n")) <= 78
    assert "\n\n\n" not in written.text
    assert "forward" not in written.text.lower()


def test_every_kind_of_letter_has_its_words_and_a_sample() -> None:
    assert {type(letter) for letter in samples.every()} == set(FOLDERS)


@pytest.mark.parametrize("letter", samples.every(), ids=lambda x: type(x).__name__)
def test_no_subject_names_anybody(letter: ALetter) -> None:
    written = write(letter)
    shown = written.subject + written.quiet_subject + repr(written) + repr(letter)
    assert [c for c in (*samples.CANARIES, samples.CODE, samples.RECEIPT_CODE) if c in shown] == []


@pytest.mark.parametrize("letter", samples.notices(), ids=lambda x: type(x).__name__)
def test_a_notice_carries_no_code_and_no_word_of_the_case(letter: ALetter) -> None:
    text = write(letter).text
    assert [c for c in (*samples.CANARIES, samples.CODE, samples.RECEIPT_CODE) if c in text] == []
    assert [w for w in ("child", "adult", "abuse", "police", "safeguarding", "decided") if w in text.lower()] in (
        [],
        ["decided"],  # "we will write again when that is decided" says of nobody what
    )


def test_a_packet_says_the_gravest_first_and_every_way_to_answer() -> None:
    text = write(samples.packet()).text
    assert text.startswith("!! IMMEDIATE DANGER")
    assert text.index("DO NOT TELL THE FAMILY") < text.index("RISK TO WORKERS") < text.index("To Fakeshire")
    assert text.index("We ask you to") < text.index("THE CONCERN") < text.index("HOW TO ANSWER")
    for way in ("RECEIVED", "ACCEPT", "DECLINE", "NOT KNOWN TO US", "INFORMATION:", samples.PAGE, samples.CODE):
        assert way in text
    assert "Monday 23 November 2026" in text
    assert "27 March 2019 (7 years old)" in text
    assert "Why not: It would be unsafe" in " ".join(text.replace("?", "").split())
    assert f"{len(samples.ANSWERS)} answers" in text


def test_without_danger_there_is_no_banner() -> None:
    written = write(samples.packet(warnings=Warnings()))
    assert "!!" not in written.text
    assert "Urgent" not in written.subject


def test_a_packet_without_what_is_feared_says_why_and_whom_to_ring() -> None:
    packet = replace(samples.packet(), worry_kept_back=True)
    assert "Nothing of what is feared stands here" in write(packet).text
    assert json.loads(packet_json(packet))["worry_kept_back"] is True
    assert "Nothing of what is feared" not in write(samples.packet()).text


def test_a_packet_shows_only_what_its_manifest_lists() -> None:
    packet = samples.packet(manifest=("s2.given_name", "concern.when"))
    text, data = write(packet).text, json.loads(packet_json(packet))
    assert "Nettie" in text
    assert "First name" in text
    assert [c for c in samples.CANARIES if c in text] == ["Nettie"]
    assert set(data["values"]) == {"s2.given_name", "concern.when"}
    assert "2 answers" in text


def test_the_packet_for_machines_is_the_same_octets_every_time() -> None:
    turned = samples.packet(dict(reversed(samples.ANSWERS.items())))
    assert packet_json(samples.packet()) == packet_json(turned)
    data = json.loads(packet_json(turned))
    assert data["schema"] == "packet/1"
    assert data["acknowledge_by"] == "2026-11-23T15:05:00Z"
    assert data["code"] == samples.CODE


def test_nobodys_words_can_pose_as_the_hubs() -> None:
    packet = samples.packet({"concern.what_happened": HOSTILE, "s1.given_name": HOSTILE})
    text = write(packet).text
    assert text.count("\nHOW TO ANSWER") == 1
    assert "    HOW TO ANSWER" in text
    assert "{{ letter }} {% raw %}" in text
    assert not any(c in text for c in "\u202e\x1b")


@pytest.mark.parametrize("value", ["x" * 20_000, "word " * 4_000, "\n" * 300 + "end", "Ż" * 900])
def test_long_answers_stay_in_short_lines(value: str) -> None:
    for letter in (
        samples.packet({"concern.history": value, "s1.given_name": value}),
        samples.outcome(ReferrerClass.PROFESSIONAL, Decided(Decision.NFA, "child", reason=value)),
    ):
        text = write(letter).text
        assert max(len(line.encode()) for line in text.split("\n")) <= 998
    assert max(len(x.encode()) for x in write(samples.packet({"s1.gp": value})).text.split("\n")) <= 998


@pytest.mark.parametrize("form", ["child", "adult"])
def test_every_question_has_its_place(form: str) -> None:
    def answers(section: Section) -> Mapping[str, str]:
        asked = [f for f in FIELDS if f.section == section and form in f.forms]
        return {f.name: f.choices[0][0] if f.choices else "2020-01-02" for f in asked}

    people = (answers(Section.SUBJECT),) * 2
    referral = Referral(
        form,
        answers(Section.REFERRER),
        answers(Section.CONCERN),
        answers(Section.CONSENT),
        people,
        (answers(Section.PERSON),),
    )
    given = fill(referral, present(referral))
    packet = replace(samples.packet(dict(given)), form=form)
    assert packet.count == len(given)
    text = write(packet).text
    assert ("CHILD 2 OF 2" if form == "child" else "ADULT 2 OF 2") in text
    assert "unsafe_child" not in text


def test_warnings_come_from_the_answers() -> None:
    told = Referral(
        "child",
        concern={"immediate_danger": "yes", "risks_to_workers": "two dogs"},
        consent={"informed": "no", "why_not": "unsafe_other"},
        subjects=({"given_name": "A", "address_protected": "yes"}, {"given_name": "B"}),
    )
    assert warnings_of(told, ("s1",)) == Warnings(True, "unsafe", True, True)
    assert warnings_of(told, ("s2",)).address is False
    assert warnings_of(replace(told, consent={"informed": "no"}), ()).family == "not_told"
    assert warnings_of(Referral("adult"), ()) == Warnings()
    assert [h for h, _ in warning_lines(Warnings(family="not_told"), "adult")] == ["NOT TOLD"]


def test_a_receipt_says_that_it_is_automatic_and_999_first() -> None:
    text = write(samples.sealed_receipt()).text
    assert text.index("999") < 60
    assert "nobody has read" in text
    assert samples.RECEIPT_CODE in text
    assert samples.HUB.duty_telephone in text


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_its_words(decision: Decision) -> None:
    text = write(samples.outcome(ReferrerClass.PROFESSIONAL, Decided(decision, "child"))).text
    assert "The child named in your referral: " in text
    refusal = decision in (Decision.NFA, Decision.ADVICE, Decision.EARLY_HELP)
    assert ("threshold" in text) is refusal
    assert ("WHAT ELSE MAY HELP" in text) is refusal


@pytest.mark.parametrize("of", ReferrerClass)
def test_a_referrer_is_told_what_their_class_may_know(of: ReferrerClass) -> None:
    letter = samples.outcome(of)
    text = write(letter).text
    headings = {
        Told.THANKS: "Thank you for the message",
        Told.ACCEPTED: "WHO HAS TAKEN IT ON",
        Told.WORDS: "WHAT WE ASK OF YOU",
        Told.DECISION: "WHAT WAS DECIDED",
        Told.ALTERNATIVES: "WHAT ELSE MAY HELP",
        Told.CONTACT: "WHOM TO RING",
        Told.CHALLENGE: "IF YOU DISAGREE",
        Told.ADD: "IF YOU KNOW MORE",
        Told.CONSIDERED: "DOES THIS ANSWER YOUR CONCERN?",
        Told.BEING_DEALT_WITH: "It is being dealt with",
        Told.IN_PERSON: "WHAT HAPPENS NOW",
    }
    assert {t for t, heading in headings.items() if heading in text} == letter.told - {Told.RECEIVED}
    if Told.DECISION not in letter.told:
        assert "Nettie" not in text
        assert "section 47" not in text


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("reach", Reach)
def test_a_child_reads_words_for_a_child_and_where_help_is(reach: Reach, language: str) -> None:
    letter = replace(samples.outcome(ReferrerClass.SELF), reach=reach, young=True)
    text = " ".join(write(letter, language).text.split())
    assert "0800 1111" in text
    assert "999" in text
    said = ("the way you told us is safe", "y ffordd y dywedaist ti sy’n ddiogel")
    assert any(words in text for words in said) is (reach is Reach.SAFELY)
    not_for_a_child = ("cannot tell you more", "section 47", "Nettie", "concern", "Ni allwn ddweud mwy", "chi")
    assert not [words for words in not_for_a_child if words in text.split("0800")[0].replace("Gwnest", "")]


def test_siblings_are_named_by_their_place() -> None:
    many = tuple(Decided(Decision.ASSESSMENT, "child") for _ in range(12))
    text = write(samples.outcome(ReferrerClass.PROFESSIONAL, *many)).text
    assert "The first child named in your referral" in text
    assert "Child number 12 in your referral" in text


def test_a_reminder_says_how_old_and_whether_late() -> None:
    late, early = (write(x) for x in samples.notices()[:2])
    assert late.subject.startswith("Late")
    assert "now late" in late.text
    assert early.subject.startswith("Reminder")
    assert "Answer due" in early.text
    assert "19 hours ago" in late.text


def test_a_chaser_after_the_start_does_not_count_backwards() -> None:
    chaser = Chaser(samples.HUB, samples.REFERENCE, samples.LATER, samples.SOON, samples.AT, samples.LATER)
    assert "in 18 hours" in write(chaser).text
    late = replace(chaser, now=samples.LATER + timedelta(hours=1))
    assert "-1" not in write(late).text


def test_an_agencys_own_reference_stands_in_every_sealed_letter_to_it_and_nowhere_else() -> None:
    todo = next(letter for letter in samples.every() if isinstance(letter, ToDo))
    sealed = (samples.packet(), samples.papers(), samples.unqualified(), samples.more(), todo)
    for letter in sealed:
        written = write(replace(letter, own_reference="Canary/77"))
        assert "\nYour reference Canary/77\n" in written.text
        assert "Canary" not in written.subject + written.quiet_subject + repr(written)
        assert "Your reference" not in write(replace(letter, own_reference="")).text
    assert not [letter for letter in samples.notices() if hasattr(letter, "own_reference")]


def test_a_question_how_it_was_searched_names_the_three_things_and_what_is_missing() -> None:
    text = write(samples.unqualified()).text
    for label in ("Systems searched:", "Searched on:", "Date searched:"):
        assert label in text
    assert "Not yet said: which systems you searched; when you searched." in " ".join(text.split())
    assert "(now late)" in " ".join(text.split())
    assert nil_missing(text) == ("systems", "identifiers", "date")  # left standing, it answers nothing
    assert nil_missing(write(samples.packet()).text) == ("systems", "identifiers", "date")


def test_more_information_is_set_in_and_cannot_pose_as_the_hubs() -> None:
    text = write(samples.more(HOSTILE)).text
    assert text.count("\nHOW TO ANSWER") == 1
    assert "    HOW TO ANSWER" in text
    assert not any(c in text for c in "\u202e\x1b")


def test_a_recall_asks_to_delete_and_says_how_to_confirm() -> None:
    text = write(next(letter for letter in samples.notices() if isinstance(letter, Recall))).text
    for words in ("delete the message", "DELETED", samples.PAGE, "Monday 23 November 2026", samples.HUB.telephone):
        assert words in text


@pytest.mark.parametrize("letter", samples.every(), ids=lambda x: type(x).__name__)
def test_an_agencys_own_reference_stands_in_each_of_its_sealed_letters_and_in_no_readable_one(
    letter: ALetter,
) -> None:
    has_one = "own_reference" in {f.name for f in fields(letter)}
    if type(letter) in {type(notice) for notice in samples.notices()}:
        assert not has_one  # it may be a person's number
    elif not isinstance(letter, (Outcome, Receipt, Replied, *OF_KEYS)):  # the referrer's, and those of no case
        assert has_one
        told = replace(letter, own_reference="Theirs/4711")  # type: ignore[arg-type]
        assert "Theirs/4711" in write(told).text


def test_an_agencys_own_reference_and_the_allocated_worker_are_in_the_packets_file() -> None:
    told = replace(samples.packet(), own_reference="Theirs/4711", worker="Wanda Worker")
    data = json.loads(packet_json(told))
    assert (data["own_reference"], data["worker"]) == ("Theirs/4711", "Wanda Worker")
    assert "For Wanda Worker" in write(told).text
    assert not {"own_reference", "worker"} & set(json.loads(packet_json(samples.packet())))


def said(letter: ALetter) -> str:
    """The words of a letter, however its lines are folded."""
    return " ".join(write(letter).text.split())


def test_a_chaser_says_how_old_the_invitation_is_and_when_its_answer_is_or_was_due() -> None:
    asked = Chaser(samples.HUB, samples.REFERENCE, samples.LATER, samples.SOON, samples.AT, samples.LATER)
    assert "Asked Monday 23 November 2026, 14:05 (London time), 60 minutes ago" in said(asked)
    assert "Answer by Tuesday 24 November 2026, 10:00 (London time)" in said(asked)
    late = said(replace(asked, reply_by=samples.SOON))
    assert "Answer was due Monday 23 November 2026, 15:05 (London time) (now late)" in late


def test_a_chaser_says_of_a_reply_that_does_not_count_why_and_what_would() -> None:
    plain = Chaser(
        samples.HUB,
        samples.REFERENCE,
        samples.LATER,
        samples.SOON,
        samples.AT,
        samples.LATER,
        "https://exchange.example/attend/x",
    )
    unproved, outdated = (said(replace(plain, claim=claim)) for claim in ("unproved", "outdated"))
    for told in (unproved, outdated):
        assert "has no answer" not in told
    assert "with the code that stands in them" in unproved
    assert "press Accept" not in unproved  # they have
    assert "https://exchange.example/attend/x" not in unproved  # what is said there proves nothing either
    assert "to an earlier time" in outdated
    assert "in the newest invitation" in outdated
    assert "has no answer" in said(plain)


def test_a_lead_is_told_of_a_deputy_only_who_was_asked_and_of_what_is_urgent_to_act_now() -> None:
    lead = Lead(samples.HUB, samples.REFERENCE, "Police", "acknowledgement", samples.AT, samples.SOON, samples.LATER)
    assert "deputy" not in said(lead)
    assert "answers it today" in said(lead)
    urgent = write(replace(lead, deputy=True, urgency=samples.RED))
    assert "your deputy has been asked too" in " ".join(urgent.text.split())
    assert "answers it now" in urgent.text
    assert urgent.subject.startswith("Urgent: ")


def test_the_notices_about_one_message_can_be_told_apart_from_outside() -> None:
    letters = [x for x in samples.notices() if isinstance(x, Reminder | Stepped | Lead)]
    begins = {type(x).__name__: write(x).quiet_subject.partition(":")[0] for x in letters}
    assert begins == {"Reminder": "Reminder", "Stepped": "New time", "Lead": "No answer"}


def test_an_action_says_whom_it_is_about_to_an_agency_that_knows_them() -> None:
    todo = next(x for x in samples.every() if isinstance(x, ToDo) and x.overdue)
    assert "Nettie" in said(todo)
    assert "Nettie" not in said(replace(todo, manifest=()))


def test_a_record_says_who_was_rung_and_when() -> None:
    record = next(x for x in samples.every() if isinstance(x, Record) and x.rung)
    assert "Fibshire NHS Trust, not reached" in said(record)
    assert "Fakeshire Constabulary, reached" in said(record)
    assert " Rung " not in said(replace(record, rung=()))


def test_what_waits_says_how_urgent_it_is_in_its_text_and_nothing_outside_tells_it() -> None:
    red, amber = samples.RED, Urgency("Amber")
    for notice in (x for x in samples.notices() if isinstance(x, Reminder | Stepped | Chaser | Lead)):
        loud, calm = write(replace(notice, urgency=red)), write(replace(notice, urgency=amber))
        assert "Red" in loud.text
        assert "the most urgent" not in calm.text
        assert loud.quiet_subject == calm.quiet_subject
        if not isinstance(notice, Stepped):  # it says that the urgency has changed, and when the answer is due
            assert loud.text.lstrip().startswith("URGENT. The hub has rated it Red: nothing is more urgent.")
            assert "URGENT" not in calm.text
    assert "Somebody may be in danger" in Urgency(most=True).loud
    digest = next(x for x in samples.notices() if isinstance(x, Digest) and len(x.waiting) == 3)
    assert "How urgent: Amber." in write(digest).text
