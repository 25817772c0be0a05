"""Who writes a letter, and the ways in which it may be answered: what every kind of letter shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exchange.case.calendar import Calendar
from exchange.case.own_words import OwnWords
from templates import staffed
from templates.languages import say


@dataclass(frozen=True, slots=True)
class Sender:
    """The hub as its letters show it."""

    name: str
    telephone: str
    duty_telephone: str  # out of hours
    timezone: str = "Europe/London"  # whose clock the letters mean
    words: Mapping[str, OwnWords] = field(default_factory=dict)  # the hub's own, by the folder of the letter
    calendar: Calendar | None = None  # when the first of the numbers is answered; None where that is not known

    @property
    def numbers(self) -> str:
        """Both, with when each is staffed: a letter is read at any hour."""
        if self.calendar is None:
            return say("%(number)s (out of hours %(duty)s)", number=self.telephone, duty=self.duty_telephone)
        return staffed.both(self.telephone, self.duty_telephone, self.calendar)


@dataclass(frozen=True, slots=True)
class Urgency:
    """How urgent the hub holds what it waits for. It names nobody, and stands in the text of a notice: a subject is
    read by whoever passes a screen."""

    rating: str = ""  # "Red"; "" while nobody has rated it
    most: bool = False  # nothing is more urgent: by its rating, or because somebody is said to be in danger

    @property
    def loud(self) -> str:
        """What nobody may miss; "" unless nothing is more urgent."""
        if not self.most:
            return ""
        rated = f"The hub has rated it {self.rating}" if self.rating else "Somebody may be in danger"
        return f"URGENT. {rated}: nothing is more urgent. Please act now."

    @property
    def words(self) -> str:
        """For a line of its own."""
        if self.most:
            return f"{self.rating}, the most urgent there is" if self.rating else "the most urgent there is"
        return self.rating or "not rated yet"


NOT_RATED = Urgency()


@dataclass(frozen=True, slots=True)
class Answering:
    """The ways by which a person may answer; `code` stands in sealed letters only."""

    page: str = field(repr=False)
    address: str = field(default="", repr=False)  # the secret address a reply goes to
    code: str = field(default="", repr=False)
    by_mail: bool = True  # not where the letter waits on a page: only its notice went by mail, in clear
