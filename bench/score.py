"""How well mail is read, counted on a folder of mail that somebody else has labelled.

`python -m bench.score FOLDER [--write]`, or `make score ARGS=FOLDER`. Somewhere in the folder lies `expected.tsv`
with the columns file, recipient, kind (failed, delayed, delivered, feedback, vacation, person, none), and any others;
the other files of the folder are mail of people and lists, but for the delivery reports among them. Each file is read
as `exchange mail explain` reads it, in the limited child, without network and without keys.

1. A report is right when every labelled recipient is there with the labelled class. Labels of this kind call a final
   report `delayed` when no server refused and the time ran out; so does explain's class, and `final` tells of it.
2. "With our token" is the same mail come to the address of one attempt: which letter it is about is then known, and
   only what became of it is asked.
3. The label `none` is of mail about which the labels say nothing; what it was taken for is listed, and not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import keep
from exchange import explaining
from exchange.examining import Examiner
from exchange.pins import Pins
from mailflow.evidence import Evidence
from mailflow.interpret import About, Machine, interpret
from mailflow.reader import Reader

LABELS = "expected.tsv"
REPORTS = ("failed", "delayed", "delivered", "feedback")
PEOPLE = ("human_reply", "referral", "other", "calendar_reply")
NOT_MAIL = (".tsv", ".md", ".asc", ".key", ".gpg", ".pub")
LEAST = {"alone": 0.90, "token": 0.97}
_ADDRESSED_TO_A_LETTER = About("bounce")


class NoLabels(RuntimeError):
    """The folder cannot be scored."""


@dataclass(frozen=True)
class Sample:
    """One file, and what its label says."""

    name: str
    path: Path
    told: frozenset[tuple[str, str]]  # recipient, kind; none for a file without a label

    @property
    def kinds(self) -> set[str]:
        """The kinds of its labels."""
        return {kind for _, kind in self.told}

    @property
    def reported(self) -> set[tuple[str, str]]:
        """Whom a report must name, and with which class; who complained is hidden by most services."""
        return {(who, kind) for who, kind in self.told if kind in REPORTS and kind != "feedback"}


@dataclass
class Score:
    """The counts, and a line for each miss."""

    read: int = 0
    lost: list[str] = field(default_factory=list)
    reports: int = 0
    known: int = 0
    alone: list[str] = field(default_factory=list)  # misses
    matched: int = 0
    token: list[str] = field(default_factory=list)  # misses
    automatic: int = 0
    counted: list[str] = field(default_factory=list)  # automatic, taken for a person's
    people: int = 0
    swallowed: list[str] = field(default_factory=list)  # a person's, taken for a machine's
    doubtful: list[str] = field(default_factory=list)  # no label says what they are; not counted

    @property
    def good(self) -> bool:
        """Whether every figure that is asked for is reached."""
        none = not (self.lost or self.counted or self.swallowed)
        return none and all(self.share(name) >= least for name, least in LEAST.items())

    def share(self, name: str) -> float:
        """Right, of all reports."""
        return 1 - len(getattr(self, name)) / self.reports if self.reports else 1.0


def samples(folder: Path) -> list[Sample]:
    """Every mail of the folder with its labels. Raises NoLabels."""
    found = sorted(folder.rglob(LABELS)) if folder.is_dir() else []
    if not found:
        raise NoLabels(f"{folder} holds no {LABELS}: name a folder with labelled mail, such as ../shared/mail")
    told: dict[Path, set[tuple[str, str]]] = defaultdict(set)
    for labels in found:
        with labels.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t"):
                path = _file(labels, folder, row["file"])
                told[path].add((row["recipient"].strip().lower(), row["kind"].strip()))
    others = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in NOT_MAIL)
    paths = dict.fromkeys((*told, *(path for path in others if path not in told)))
    return [Sample(str(path.relative_to(folder)), path, frozenset(told.get(path, ()))) for path in paths]


def _file(labels: Path, folder: Path, name: str) -> Path:
    for base in (folder, labels.parent, *labels.parent.parents):
        if (base / name).is_file():
            return base / name
    raise NoLabels(f"{labels} names {name}, which is not there")


async def scored(mails: list[Sample]) -> Score:
    """Read them all, one after the other."""
    score = Score()
    reader = await Reader.start()
    try:
        examiner = Examiner(reader, None, explaining.OnceTroubled(None))
        for sample in mails:
            evidence = await examiner.examine(sample.path.read_bytes(), None, Pins.made_of(()))
            _count(score, sample, evidence)
    finally:
        await reader.close()
    return score


def _count(score: Score, sample: Sample, e: Evidence) -> None:
    told = explaining.told(e)
    score.read += 1
    if told["unreadable"]:
        score.lost.append(f"{sample.name}: {told['unreadable']}")
    if sample.kinds & set(REPORTS):
        _report(score, sample, e, told)
    elif "vacation" in sample.kinds:
        score.automatic += 1
        if told["kind"] != "automatic_reply":
            score.counted.append(f"{sample.name}: taken for {told['kind']}")
    elif _is_of_people(sample):
        score.people += 1
        if told["kind"] not in PEOPLE:
            score.swallowed.append(f"{sample.name}: taken for {told['kind']}, {told['why']}")
    else:
        score.doubtful.append(f"{sample.name}: {told['kind']}")


def _is_of_people(sample: Sample) -> bool:
    """By its label, or without one: then it must not be a report in the standard form, by its own octets."""
    return "person" in sample.kinds or (not sample.told and b"multipart/report" not in sample.path.read_bytes())


def _report(score: Score, sample: Sample, e: Evidence, told: dict[str, Any]) -> None:
    score.reports += 1
    score.known += e.report is not None
    got = {(r["address"], r["class"]) for r in told["recipients"]}
    asked = ", ".join(f"{who} {kind}" for who, kind in sorted(sample.told))
    right = e.report is not None and sample.reported <= got
    if not right or (not sample.reported and told["kind"] != "feedback_report"):
        had = ", ".join(f"{who} {kind}" for who, kind in sorted(got)) or told["kind"]
        score.alone.append(f"{sample.name}: {asked}; read: {had}")
    meaning = interpret(e, _ADDRESSED_TO_A_LETTER)
    score.matched += 1  # the address is the match, whatever the mail says
    became = class_of(meaning, e)
    if became not in sample.kinds:
        score.token.append(f"{sample.name}: {asked}; read: {became or 'nothing that a machine says'}")


def class_of(meaning: object, e: Evidence) -> str:
    """What became of the one letter, in the words of the labels."""
    if not isinstance(meaning, Machine):
        return ""
    report = e.report or e.supposed
    timed_out = bool(report and report.recipients) and all(r.timed_out for r in report.recipients)  # type: ignore[union-attr]
    return "delayed" if meaning.kind == "failed" and timed_out else meaning.kind


def table(score: Score) -> str:
    """The figures, beside what is asked for."""
    alone, token = (score.reports - len(score.alone), score.reports - len(score.token))
    rows = [
        ("mails read to the end", score.read - len(score.lost), score.read, "all"),
        ("reports: recipient and class right, without our token", alone, score.reports, "90 %"),
        ("reports known for reports", score.known, score.reports, ""),
        ("reports at an address of ours: matched", score.matched, score.reports, "all"),
        ("reports at an address of ours: class right", token, score.reports, "97 %"),
        ("automatic replies not taken for a person's", score.automatic - len(score.counted), score.automatic, "all"),
        ("people's mail not taken for a machine's", score.people - len(score.swallowed), score.people, "all"),
    ]
    lines = ["| what | right | of | share | asked |", "|---|---|---|---|---|"]
    lines += [f"| {what} | {right} | {of} | {_percent(right, of)} | {asked} |" for what, right, of, asked in rows]
    return "\n".join(lines)


def _percent(right: int, of: int) -> str:
    return f"{right / of:.1%}" if of else "-"


def misses(score: Score) -> Iterator[str]:
    """Each, under what it is a miss of."""
    for title, listed in (
        ("lost", score.lost), ("automatic, taken for a person's", score.counted),
        ("a person's, taken for a machine's", score.swallowed), ("without our token", score.alone),
        ("with our token", score.token), ("no label says what it is, taken for", score.doubtful),
    ):  # fmt: skip
        if listed:
            yield f"\n{title}:"
            yield from (f"  {line}" for line in listed)


SECTION = """{mails} mails of some sixty mail systems, published and labelled by others, read without network
(`make score ARGS="../shared/mail --write"`; they are no part of the project). `make score ARGS=FOLDER` prints this
table for any folder of labelled mail, and names each miss. The rules were written with this mail at hand: of other
mail expect less. How labels and classes compare stands in `bench/score.py`.

{table}"""


def main() -> None:
    """Score, print, and keep when asked. Exits 1 below what is asked for, 2 when there is nothing to score."""
    asked = argparse.ArgumentParser(prog="bench.score", description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--write", action="store_true", help="keep the table in docs/figures.md")
    given = asked.parse_args()
    try:
        score = asyncio.run(scored(samples(given.folder)))
    except NoLabels as wrong:
        print(f"score: {wrong}", file=sys.stderr)
        sys.exit(2)
    print(table(score))
    print("\n".join(misses(score)))
    if given.write:
        keep("How mail is read", SECTION.format(mails=score.read, table=table(score)))
    sys.exit(0 if score.good else 1)


if __name__ == "__main__":
    main()
