"""Information products: what the hub writes from contributions, and the only thing drawn from them that leaves it.

1. A product is a sequence of passages and the author's own analysis. Each passage rests on one contribution; its
   wording is fixed when it is written, and its owner is asked about that wording and no other.
2. A new version may keep passages, drop them or add some; nothing that was written is ever changed.
3. What an owner says late, or twice, is a row of the table; silence and refusal are no veto (domain 0, truth 5).
4. What was sent to whom, on which basis, and what was decided not to share, is kept (domain 3.8, golden rule 7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from exchange.case.acknowledgement import Proof
from exchange.case.delivery import Delivery


class Stage(StrEnum):
    """Where one version of a product stands."""

    DRAFT = "draft"
    ASKED = "asked"  # its owners have been asked
    RELEASED = "released"
    SUPERSEDED = "superseded"  # a newer version took its place


class Move(StrEnum):
    """What may happen to a version."""

    ASK = "ask"
    RELEASE = "release"
    REDRAFT = "redraft"  # a newer version was written
    REPLACE = "replace"  # a newer version was released


_S, _M = Stage, Move
STAGES: dict[tuple[Stage, Move], Stage] = {  # what is not listed cannot happen
    (_S.DRAFT, _M.ASK): _S.ASKED,
    (_S.DRAFT, _M.RELEASE): _S.RELEASED,  # nobody had to be asked: every owner has agreed before
    (_S.DRAFT, _M.REDRAFT): _S.SUPERSEDED,
    (_S.ASKED, _M.ASK): _S.ASKED,  # an owner is asked once more
    (_S.ASKED, _M.RELEASE): _S.RELEASED,
    (_S.ASKED, _M.REDRAFT): _S.SUPERSEDED,
    (_S.RELEASED, _M.REDRAFT): _S.RELEASED,  # it holds until the newer one has gone out too
    (_S.RELEASED, _M.REPLACE): _S.SUPERSEDED,
    (_S.SUPERSEDED, _M.REDRAFT): _S.SUPERSEDED,
    (_S.SUPERSEDED, _M.REPLACE): _S.SUPERSEDED,
}


class OwnersWord(StrEnum):
    """Where an owner's release of one passage stands."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    SILENT = "silent"  # the time limit has ended
    OVERRIDDEN = "overridden"  # a named manager recorded why it goes out all the same


class Said(StrEnum):
    """What may move it."""

    ASK = "ask"
    AGREE = "agree"
    REFUSE = "refuse"
    LAPSE = "lapse"  # the time limit ended
    OVERRIDE = "override"


_W, _A = OwnersWord, Said
OWNERS: dict[tuple[OwnersWord, Said], OwnersWord] = {  # what is not listed cannot happen
    (_W.NOT_ASKED, _A.ASK): _W.ASKED,
    (_W.NOT_ASKED, _A.AGREE): _W.AGREED,  # they rang before anybody asked
    (_W.NOT_ASKED, _A.REFUSE): _W.REFUSED,
    (_W.NOT_ASKED, _A.LAPSE): _W.NOT_ASKED,
    (_W.ASKED, _A.ASK): _W.ASKED,
    (_W.ASKED, _A.AGREE): _W.AGREED,
    (_W.ASKED, _A.REFUSE): _W.REFUSED,
    (_W.ASKED, _A.LAPSE): _W.SILENT,
    (_W.AGREED, _A.ASK): _W.AGREED,
    (_W.AGREED, _A.AGREE): _W.AGREED,
    (_W.AGREED, _A.REFUSE): _W.REFUSED,  # a second thought counts; after the release it is loud
    (_W.AGREED, _A.LAPSE): _W.AGREED,
    (_W.REFUSED, _A.ASK): _W.ASKED,  # asked once more, with better reasons
    (_W.REFUSED, _A.AGREE): _W.AGREED,
    (_W.REFUSED, _A.REFUSE): _W.REFUSED,
    (_W.REFUSED, _A.LAPSE): _W.REFUSED,
    (_W.REFUSED, _A.OVERRIDE): _W.OVERRIDDEN,
    (_W.SILENT, _A.ASK): _W.ASKED,
    (_W.SILENT, _A.AGREE): _W.AGREED,  # late, and good
    (_W.SILENT, _A.REFUSE): _W.REFUSED,
    (_W.SILENT, _A.LAPSE): _W.SILENT,
    (_W.SILENT, _A.OVERRIDE): _W.OVERRIDDEN,
    (_W.OVERRIDDEN, _A.ASK): _W.OVERRIDDEN,
    (_W.OVERRIDDEN, _A.AGREE): _W.AGREED,  # they come round: the override stays in the history
    (_W.OVERRIDDEN, _A.REFUSE): _W.OVERRIDDEN,  # what they say now undoes no manager's reasons
    (_W.OVERRIDDEN, _A.LAPSE): _W.OVERRIDDEN,
}
FREE = frozenset({OwnersWord.AGREED, OwnersWord.OVERRIDDEN})  # the passage may leave the hub
LEAST_PROOF = Proof.DKIM  # of an owner's answer; the page needs the code from inside the sealed letter


class Purpose(StrEnum):
    """Why a product goes to an agency; the reasons in full are sealed with the release."""

    SAFEGUARD_CHILD = "safeguard_child"
    SAFEGUARD_ADULT = "safeguard_adult"
    EARLY_HELP = "early_help"
    PREVENT_CRIME = "prevent_crime"


PURPOSES: dict[Purpose, str] = {
    Purpose.SAFEGUARD_CHILD: "to protect a child from harm",
    Purpose.SAFEGUARD_ADULT: "to protect an adult at risk from harm",
    Purpose.EARLY_HELP: "to offer help before harm is done",
    Purpose.PREVENT_CRIME: "to prevent or detect a crime against somebody at risk",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """One owner's part of a product; its wording is a sealed body of the same id."""

    id: str  # "w1" within the product
    contribution: str  # what it rests on
    agency: str  # the owner
    word: OwnersWord = OwnersWord.NOT_ASKED
    asked_at: datetime | None = None
    due: datetime | None = None  # when the time limit ends
    history: tuple[tuple[datetime, str, Said], ...] = ()  # (when, by whom, what): nothing said is lost
    unread: datetime | None = None  # its owner wrote something that a person must read first
    told_recipients: tuple[
        str, ...
    ] = ()  # who would have it, as its owner was last told; () when told that nobody will
    told_purpose: Purpose | None = None  # what for, as they were told

    @property
    def overridden(self) -> bool:
        """A manager has overridden its owner, whatever was said since."""
        return any(said is Said.OVERRIDE for _, _, said in self.history)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a product; the author's analysis is a sealed body of the same id."""

    id: str  # "v1"
    written_at: datetime
    written_by: str
    subjects: tuple[str, ...]
    passages: tuple[str, ...]  # in the order they are read
    recipients: tuple[str, ...]  # agency ids
    stage: Stage = Stage.DRAFT
    released_at: datetime | None = None
    released_by: str = ""
    purpose: Purpose | None = None  # for which its owners were asked; None while nobody was


@dataclass(frozen=True, slots=True)
class Product:
    """One information product of a case."""

    id: str  # "p1" within the case
    versions: tuple[Version, ...]
    passages: tuple[Passage, ...] = ()

    @property
    def latest(self) -> Version:
        """The version written last."""
        return self.versions[-1]

    def version(self, version: str) -> Version | None:
        """The version of this id."""
        return next((v for v in self.versions if v.id == version), None)

    def passage(self, passage: str) -> Passage | None:
        """The passage of this id."""
        return next((p for p in self.passages if p.id == passage), None)

    def of(self, version: Version) -> tuple[Passage, ...]:
        """The passages of a version, in its order."""
        return tuple(p for name in version.passages if (p := self.passage(name)))

    def with_version(self, changed: Version) -> Product:
        """The same product with one version changed."""
        return replace(self, versions=tuple(changed if v.id == changed.id else v for v in self.versions))

    def with_passage(self, changed: Passage) -> Product:
        """The same product with one passage changed."""
        return replace(self, passages=tuple(changed if p.id == changed.id else p for p in self.passages))

    @property
    def pending(self) -> tuple[Passage, ...]:
        """The passages that a version not yet released waits for."""
        return self.of(self.latest) if self.latest.stage in (Stage.DRAFT, Stage.ASKED) else ()

    def has_left(self, passage: str) -> bool:
        """Whether this passage has been sent to anybody."""
        return any(True for _ in self.sent_in(passage))

    def sent_in(self, passage: str) -> Iterator[Version]:
        """The versions in which this passage was sent."""
        return (v for v in self.versions if v.released_at and passage in v.passages)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one agency was sent of a product, and why it might be."""

    id: str  # "x1" within the case
    product: str
    version: str
    recipient: str
    sources: tuple[str, ...]  # contribution ids the text rests on
    subjects: tuple[str, ...]
    manifest: tuple[str, ...]  # names of the answers that say who the subjects are
    basis: str  # UK GDPR Art 6, by the recipient's type
    condition: str  # Art 9
    purpose: Purpose
    at: datetime
    by: str
    delivery: Delivery = Delivery.TO_SEAL
    transport: str = ""  # by which it goes, or went; "" before it is sealed


@dataclass(frozen=True, slots=True)
class Withheld:
    """A decision not to share; the reason is sealed with it."""

    what: str  # a contribution's or a product's id
    recipient: str  # agency id; "" is nobody at all
    at: datetime
    by: str


def address(product: str, passage: str) -> str:
    """What letters, clocks and tasks about a passage are about: "p1/w1"."""
    return f"{product}/{passage}"


@dataclass(frozen=True, slots=True)
class ProductDrafted:
    """Somebody wrote a version. `rests` pairs each passage with its contribution; a passage of before is kept as it
    is worded."""

    at: datetime
    by: str
    product: str
    version: str
    subjects: tuple[str, ...]
    recipients: tuple[str, ...]
    rests: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReleaseAsked:
    """The owners of these passages are asked, or are asked once more; () is everybody not asked yet."""

    at: datetime
    by: str
    product: str
    passages: tuple[str, ...] = ()
    purpose: Purpose | None = None  # what their words are to be shared for; None for older records


@dataclass(frozen=True, slots=True)
class OwnerAnswered:
    """A person at the owner's agency agreed or refused, with this strength of proof."""

    at: datetime
    by: str
    product: str
    passage: str
    agrees: bool
    proof: Proof
    channel: str  # "mail" | "page" | "telephone"
    in_clear: bool = False  # a readable answer to a sealed letter


@dataclass(frozen=True, slots=True)
class ProductReplyUnclear:
    """Something was said about a passage or a product sent, which a person must read."""

    at: datetime
    about: str  # "p1/w1", or "x1" for what was sent to a recipient
    why: str  # "unproved" | "unclear" | "not_opened" | "cannot_open"


@dataclass(frozen=True, slots=True)
class ReleaseOverridden:
    """A named manager lets a passage go out without its owner's agreement; the three reasons are sealed."""

    at: datetime
    by: str
    product: str
    passage: str


@dataclass(frozen=True, slots=True)
class ProductReleased:
    """A named manager releases the newest version; the three-part test is sealed."""

    at: datetime
    by: str
    product: str
    version: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class NotShared:
    """Somebody decided not to share a contribution or a product, with this agency or with anybody."""

    at: datetime
    by: str
    what: str
    recipient: str = ""
