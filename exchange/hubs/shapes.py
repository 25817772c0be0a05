"""What each kind of value in a hub file must look like, with what to write when it does not."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterable
from datetime import date, time
from difflib import get_close_matches
from typing import TypeVar

from exchange.case.calendar import WHOLE_DAY, Hours
from exchange.case.clock import ClockKind, ClockRefused, ClockSpec, read_spec
from exchange.case.disposal import RecordType, Since
from exchange.case.fields import Part
from exchange.case.mailbox import Address, AddressRefused, MailboxRole, Transport
from exchange.case.referral import ROLES
from exchange.hubs import holidays
from exchange.hubs.reading import Shape, Unfit, listed

_T = TypeVar("_T")

LONGEST_TEXT = 200  # characters: names and purposes stand in letters and headings
LONGEST_LIFETIME = 150  # years: beyond the longest schedule there is (100 years from a birth)
LONGEST_CLOCK = 100  # days: twice the longest clock of the trade, well inside the year a calendar is searched
SHORTEST_MEETING, LONGEST_MEETING = 5, 480  # minutes: a telephone discussion; one working day
LEAST_DIGITS = 8  # of a number that short messages go to: the shortest of any country
LONGEST_EVIDENCE = 365  # days: the longest life of an MTA-STS policy (RFC 8461 3.2)
MOST_STAFF = 100  # of one role in one hub: more is a slip of the hand
_LATER = "..."  # in an example, where nothing can be named yet
AGE_BANDS = ("unborn", "under_5", "school", "16_17", "adult", "unknown")  # what referral.age_band gives
# Anybody can hold an address there, so that mail from there proves no agency.
WEBMAIL = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk",
     "yahoo.com", "yahoo.co.uk", "icloud.com", "me.com", "aol.com", "btinternet.com", "sky.com", "talktalk.net",
     "proton.me", "protonmail.com", "gmx.com", "mail.com"}
)  # fmt: skip


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unfit("not text", 'write it in quotes, like "text"')
    if not value.strip():
        raise Unfit("blank", "write something")
    if len(value) > LONGEST_TEXT or not value.isprintable():  # a line break could end a header
        raise Unfit("not one short line", f"write one line of at most {LONGEST_TEXT} characters")
    return value.strip()


def _matching(pattern: str, what: str, remedy: str) -> Callable[[object], str]:
    rule = re.compile(pattern)

    def parse(value: object) -> str:
        if not rule.fullmatch(_text(value)):
            raise Unfit(what, remedy)
        return _text(value)

    return parse


def one_of(codes: Iterable[str], noun: str) -> Shape[str]:
    """One of the codes known; `noun` is what they are, for the message."""
    known = tuple(codes)

    def parse(value: object) -> str:
        if value in known:
            return str(value)
        near = get_close_matches(_text(value), known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"write {listed(known)}"
        raise Unfit(f"no such {noun}", remedy if known else f"name a {noun} first")

    return Shape(parse, f'"{(*known, _LATER)[0]}"', "")


def mapped(shape: Shape[str], make: Callable[[str], _T], stand_in: _T) -> Shape[_T]:
    """The shape, as the value that its code stands for."""
    return Shape(lambda value: make(shape.parse(value)), shape.example, stand_in)


def _renamed(shape: Shape[str], today: Callable[[str], str]) -> Shape[str]:
    """The shape, taking words of older files for those of today."""
    return Shape(
        lambda value: shape.parse(today(value) if isinstance(value, str) else value), shape.example, shape.stand_in
    )


def _clock(value: object) -> ClockSpec:
    try:
        spec = read_spec(_text(value))
    except ClockRefused as refused:
        raise Unfit("not a length of time", str(refused)) from None
    if not spec.seconds and not spec.days:
        raise Unfit("runs out at once", "write a length of time above nothing, like 30m")
    if spec.days > LONGEST_CLOCK or spec.seconds > LONGEST_CLOCK * 86400:
        raise Unfit("longer than any clock of a hub", f"write at most {LONGEST_CLOCK} days")
    return spec


def _elapsed(value: object) -> ClockSpec:
    """A clock for what cannot wait until somebody opens the office."""
    spec = _clock(value)
    if spec.kind is not ClockKind.ELAPSED:
        raise Unfit("stands still out of hours", "write a length of time that runs day and night, like 30m")
    return spec


def _address(value: object) -> Address:
    try:
        return Address(_text(value))
    except AddressRefused:
        raise Unfit("not one plain mail address", "write name@domain") from None


def _mail_domain(value: object) -> str:
    try:
        return Address(f"x@{_text(value)}").domain
    except AddressRefused:
        raise Unfit("not a mail domain", "write what stands after the @, like police.example") from None


def _contact(value: object) -> str:
    """Where a one-time code goes."""
    try:
        return Address(_text(value)).text
    except AddressRefused:
        try:
            number: str = TELEPHONE.parse(value)
        except Unfit:
            raise Unfit("neither a telephone number nor a mail address", 'write one, like "07700 900111"') from None
    if sum(c.isdigit() for c in number) < LEAST_DIGITS:
        raise Unfit("too short for the telephone of a person", 'write the whole number, like "07700 900111"')
    return number


def _days(value: object) -> int:
    if type(value) is not int or not 1 <= value <= LONGEST_EVIDENCE:
        raise Unfit("not a number of days", f"write a whole number from 1 to {LONGEST_EVIDENCE}")
    return value


def _domain(value: object) -> str:
    domain = _mail_domain(value)
    if domain in WEBMAIL:
        raise Unfit(
            "a public webmail domain: anybody can write from there",
            "take it out; answers count by signature, or on the answer page",
        )
    return domain


def _date(value: object) -> date:
    if type(value) is not date:  # a datetime is a date too, and would bring a time of day
        raise Unfit("not a date", "write it without quotes, like 2026-12-24")
    return value


def _hours(value: object) -> Hours:
    if value == "always":
        return WHOLE_DAY
    if value == "closed":
        return None
    try:
        begins, ends = (time.fromisoformat(t.strip()) for t in _text(value).split("-"))
    except ValueError:
        raise Unfit("not opening hours", 'write them like "09:00-17:00", or "always" or "closed"') from None
    if begins.tzinfo or ends.tzinfo or begins >= ends:
        raise Unfit("closes before it opens", 'write the earlier time first, like "09:00-17:00"')
    return begins, ends


def _time(value: object) -> time:
    """When something begins, by the clock on the wall."""
    try:
        found = time.fromisoformat(_text(value))
    except ValueError:
        raise Unfit("not a time of the day", 'write it like "14:00"') from None
    if found.tzinfo:
        raise Unfit("not a time by the clock on the wall", 'write it like "14:00"')
    return found


def _turn(value: object) -> tuple[time, time]:
    """A turn of a rota may go on through midnight."""
    try:
        begins, ends = (time.fromisoformat(t.strip()) for t in _text(value).split("-"))
    except ValueError:
        raise Unfit("not a turn", 'write it like "08:00-16:00", or through the night "20:00-08:00"') from None
    if begins.tzinfo or ends.tzinfo:
        raise Unfit("not a turn", "write the times as the clock on the hub's wall shows them")
    return begins, ends


def _least(value: object) -> int:
    if type(value) is not int or not 1 <= value <= MOST_STAFF:
        raise Unfit("not a number of staff", f"write a whole number from 1 to {MOST_STAFF}")
    return value


def _yes(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unfit("neither true nor false", "write true or false, without quotes")
    return value


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise Unfit("not a share of a clock", "write a number above 0 and at most 1, like 0.5")
    return float(value)


DRILL_WORDS = {"weekly": 7, "monthly": 30, "quarterly": 91, "yearly": 365}  # days
SHORTEST_DRILL, LONGEST_DRILL = 7, 366  # days: a person must not learn to pass them over; keys last a year or two


def _drill(value: object) -> int:
    if isinstance(value, str) and value in DRILL_WORDS:
        return DRILL_WORDS[value]
    if type(value) is not int or not SHORTEST_DRILL <= value <= LONGEST_DRILL:
        days = f"a number of days from {SHORTEST_DRILL} to {LONGEST_DRILL}"
        raise Unfit("not how often", f"write {', '.join(DRILL_WORDS)}, or {days}")
    return value


def _minutes(value: object) -> int:
    if type(value) is not int or not SHORTEST_MEETING <= value <= LONGEST_MEETING:
        raise Unfit("not a length in minutes", f"write a whole number from {SHORTEST_MEETING} to {LONGEST_MEETING}")
    return value


def _lifetime(value: object) -> tuple[int, int]:
    """(years, days)."""
    found = re.fullmatch(r"([1-9][0-9]{0,3})([yd])", _text(value))
    if not found:
        raise Unfit("not how long a record is kept", "write years or days, like 6y or 30d")
    amount = int(found[1])
    if found[2] == "y" and amount > LONGEST_LIFETIME:
        raise Unfit("longer than any record is kept", f"write at most {LONGEST_LIFETIME}y")
    return (amount, 0) if found[2] == "y" else (0, amount)


TEXT = Shape(_text, '"..."', "")
IDENTITY = Shape(
    _matching(r"[a-z][a-z0-9_-]{0,39}", "not an id", "write small letters, digits, - and _, a letter first"),
    '"police"',
    "",
)
RATING = Shape(
    _matching(
        r"(?!unrated\Z)[a-z][a-z0-9_-]{0,39}",  # [unrated] is a table of its own
        "not a rating's id",
        "write small letters, digits, - and _, a letter first, and not unrated",
    ),
    '"red"',
    "",
)
PREFIX = Shape(
    _matching(r"[A-Z][A-Z0-9]{1,7}", "not a prefix", "write 2 to 8 capital letters or digits, a letter first"),
    '"MASH"',
    "",
)
TELEPHONE = Shape(
    _matching(
        r"(?=(?:[^0-9]*[0-9]){3})\+?[0-9 ()-]{3,30}", "not a telephone number", "write digits, like 01632 960100"
    ),
    '"01632 960100"',
    "",
)
BASIS = Shape(  # UK GDPR Art 6(1); (ea) was added by the Data (Use and Access) Act 2025 s.70
    _matching(
        r"6\(1\)\((?:[a-f]|ea)\)", "not a lawful basis", "write 6(1)(e) for public bodies, 6(1)(ea) for others"
    ),
    '"6(1)(e)"',
    "",
)
AREA = Shape(
    _matching(r"[A-Z]{1,2}[0-9][0-9A-Z]?", "not an outward postcode", "write capitals, like ZZ99"), '"ZZ99"', ""
)
CLOCK = Shape(_clock, '"4h"', ClockSpec.hour())
ELAPSED = Shape(_elapsed, '"30m"', ClockSpec.hour())
ADDRESS = Shape(_address, '"safeguarding@police.example"', Address("nobody@hub.example"))
DOMAIN = Shape(_domain, '"police.example"', "")
MAIL_DOMAIN = Shape(_mail_domain, '"cjsm.net"', "")
CONTACT = Shape(_contact, '"07700 900111"', "")
DAYS = Shape(_days, "30", 30)
DATE = Shape(_date, "2026-12-24", date.min)
DRILL = Shape(_drill, '"quarterly"', 91)
HOURS: Shape[Hours] = Shape(_hours, '"09:00-17:00"', WHOLE_DAY)
TIME = Shape(_time, '"14:00"', time.min)
YES = Shape(_yes, "true", False)
TURN = Shape(_turn, '"08:00-16:00"', (time.min, time.min))
LEAST = Shape(_least, "2", 1)
SHARE = Shape(_share, "0.5", 1.0)
MINUTES = Shape(_minutes, "60", 60)
TIMEZONE = one_of(sorted(zoneinfo.available_timezones()), "time zone")
HOLIDAYS = _renamed(one_of(holidays.packaged(), "calendar of holidays"), holidays.named)
FORM = one_of(("child", "adult"), "form")
ROLE = one_of(ROLES, "role")
AGE_BAND = one_of(AGE_BANDS, "age band")
MOMENT = one_of(("receipt", "rating"), "moment")
LIFETIME = Shape(_lifetime, '"6y"', (1, 0))
RECORD = mapped(one_of(RecordType, "type of record"), RecordType, RecordType.NFA)
SINCE = mapped(one_of(Since, "start"), Since, Since.CLOSED)
PART = mapped(one_of(Part, "part"), Part, Part.IDENTITY)
TRANSPORT = mapped(one_of(Transport, "transport"), Transport, Transport.OPENPGP)
MAILBOX_ROLE = mapped(one_of(MailboxRole, "role of a mailbox"), MailboxRole, MailboxRole.TEAM)
