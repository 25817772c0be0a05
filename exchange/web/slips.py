"""Slips of the hand: answers that can be read and cannot be right, found while the person is there to mend them.

By mail and on paper they are kept as they are: a referral is never refused for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date

from exchange.case import nhs_number
from exchange.case.fields import BY_KEY, Field, Kind
from exchange.case.mailbox import Address, AddressRefused
from exchange.case.referral import LONGEST_WAIT, born_by_now
from templates.languages import say

OLDEST = 1900  # of a year: nobody alive was born before
ON_CHILD_FORM = (
    26  # a care leaver, or somebody with an education, health and care plan, is a child's matter until then
)
ON_ADULT_FORM = 16  # who is younger is no adult at risk in any law
_NUMBERS = re.compile(r"\d{4}-\d{2}-\d{2}")
_UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]", re.IGNORECASE)  # DfE, "Unique pupil numbers": 13 signs
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}", re.IGNORECASE)  # as BS 7666 writes them


def slip(asked: Field, value: str, today: date) -> str:
    """What to do about the answer, or "" when it may be right."""
    if asked.kind is Kind.DATE:
        return _date(asked, value, today)
    check = _CHECKS.get(asked.key)
    return check(value) if check else ""


def _date(asked: Field, value: str, today: date) -> str:
    try:
        given = date.fromisoformat(value)
    except ValueError:
        if _NUMBERS.fullmatch(value):
            return say("There is no such day: check the day and the month")
        return say("Write day, month and year as numbers, for example 27 3 2019")
    if given.year < OLDEST:
        return say("Write the year with four digits, for example 2019")
    if asked.name == "expected_date":
        if born_by_now({asked.name: value}, today):
            return say("This date is past: give the date of birth instead, or check the year")
        return "" if (given - today).days <= LONGEST_WAIT else say("Check the year: it is too far from today")
    return say("This date has not come yet: check the year") if given > today else ""


def of_birth(form: str, answers: Mapping[str, str], today: date) -> str:
    """What to do about the date of birth of a subject of this form, beside what else was answered; ""."""
    given = answers.get("date_of_birth", "")
    if not given or slip(BY_KEY["subject.date_of_birth"], given, today):
        return ""
    if answers.get("unborn") == "yes":
        return say("A baby who is not born yet has no date of birth: leave one of the two out")
    born = date.fromisoformat(given)
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if form == "child" and years >= ON_CHILD_FORM:
        return say("This makes them %(years)s: check the year, or take it on the form for an adult", years=years)
    if form == "adult" and years < ON_ADULT_FORM:
        return say("This makes them %(years)s: check the year, or take it on the form for a child", years=years)
    return ""


def of_contact(answers: Mapping[str, str], asked: Collection[str]) -> dict[str, str]:
    """What lacks of the way in which somebody wants to hear, where that is asked on the same page."""
    wanted = {"telephone": "telephone", "mail": "mail"}.get(answers.get("feedback_route", ""), "")
    if not wanted or wanted not in asked or answers.get(wanted):
        return {}
    if wanted == "telephone":
        return {wanted: say("Write the number on which we can ring you, or choose another way")}
    return {wanted: say("Write the address to which we can write, or choose another way")}


def _upn(value: str) -> str:
    right = _UPN.fullmatch(value.replace(" ", ""))
    return "" if right else say("A UPN has a letter and twelve more signs: check it, or leave it empty")


def _mail(value: str) -> str:
    try:
        Address(value)
    except AddressRefused:
        return say("Write an address like name@example.org, or leave it empty")
    return ""


def _postcode(value: str) -> str:
    return "" if _POSTCODE.fullmatch(value.strip()) else say("Write the whole postcode, or leave it empty")


def _nhs_number(value: str) -> str:
    digits = "".join(c for c in value if c in "0123456789")
    right = len(digits) == nhs_number.LENGTH and set(value) <= set("0123456789 -")
    return (
        "" if right and nhs_number.fits(digits) else say("An NHS number has ten digits: check it, or leave it empty")
    )


_CHECKS: dict[str, Callable[[str], str]] = {
    "referrer.mail": _mail,
    "subject.postcode": _postcode,
    "subject.nhs_number": _nhs_number,
    "subject.upn": _upn,
}
