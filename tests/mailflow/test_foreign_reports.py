"""Reports in forms nobody tuned for: whom they are about, and what became of the letter."""

from __future__ import annotations

import pytest

from mailflow.delivery_report import Report, read_report, supposed
from tests.mailflow.foreign_reports import COMPLAINTS, PEOPLE, REPORTS, WHO


def class_of(report: Report) -> str:
    return "delayed" if all(r.timed_out for r in report.recipients) else report.kind


@pytest.mark.parametrize(("mail", "said", "final"), REPORTS.values(), ids=REPORTS.keys())
def test_a_report_in_another_systems_form_is_read(mail: str, said: str, final: bool) -> None:
    report = read_report(mail.replace("\n", "\r\n").encode())
    assert report is not None
    assert [r.address for r in report.recipients] == [WHO]
    assert class_of(report) == said
    assert (report.kind != "delayed") is final


@pytest.mark.parametrize("mail", COMPLAINTS.values(), ids=COMPLAINTS.keys())
def test_a_complaint_names_who_pressed_the_button(mail: str) -> None:
    report = read_report(mail.replace("\n", "\r\n").encode())
    assert report is not None
    assert (report.kind, [r.address for r in report.recipients]) == ("feedback", [WHO])


@pytest.mark.parametrize("mail", PEOPLE.values(), ids=PEOPLE.keys())
def test_what_people_write_about_reports_is_none(mail: str) -> None:
    assert read_report(mail.encode()) is None


@pytest.mark.parametrize("name", ["a person tells of a bounce", "a postmaster who answers"])
def test_a_persons_answer_is_none_even_where_only_reports_come_to(name: str) -> None:
    found = supposed(PEOPLE[name].encode())
    assert found is None or name == "a postmaster who answers"


@pytest.mark.parametrize(
    ("subject", "words", "kind"),
    [
        ("Delivery problem", "Your message was rejected by our content filter.", "failed"),
        ("Ihre Nachricht", "Ihre Nachricht konnte nicht zugestellt werden.", "failed"),
        ("Message queued", "We are still trying to deliver your message. No action is required.", "delayed"),
        ("RE: x : non remis (delivery failed)", "Votre message n'a pas pu etre delivre a\nduty@x.example", "failed"),
    ],
)  # fmt: skip
def test_at_an_address_of_ours_the_words_alone_say_what_became_of_it(subject: str, words: str, kind: str) -> None:
    found = supposed(f"From: gate@relay.example\nSubject: {subject}\n\n{words}\n".encode())
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("words", ["Thank you.", "", "I am on leave until Monday."])
def test_words_that_say_nothing_of_delivery_suppose_nothing(words: str) -> None:
    assert supposed(f"From: gate@relay.example\nSubject: Hello\n\n{words}\n".encode()) is None
