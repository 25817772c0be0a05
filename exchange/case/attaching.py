"""Attaching: files come with a concern or after it, and are shut until the scanner has looked at them.

1. A file holds nothing up: the concern it came with is read, rated and routed without it.
2. A scanner that is silent is told to a person, again and again; the file waits shut, and is skipped by nobody.
3. A file in which something was found stays shut for ever, and a person is told of it.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case import contact, inquiring
from exchange.case.attachment import PATIENCE, FileScanned, Scan
from exchange.case.disposal import SHARED
from exchange.case.effect import CloseTask, Effect, OpenTask, SetClock, StopClock, TaskKind
from exchange.case.event import ClockRanOut, ContactReceived, InformationAdded
from exchange.case.pressing import press_again
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import Step

CLOCK = "scan"


def received(event: ContactReceived, rules: Rules) -> Step:
    """A new case, with the files that came with it."""
    return _with_files(contact.received(event, rules), event)


def information_added(case: Case, event: InformationAdded, rules: Rules) -> Step:
    """The referrer told more, perhaps by a file, perhaps because we asked."""
    step = _with_files(contact.information_added(case, event, rules), event)
    return step.then(inquiring.answered(step.case, event.answers)) if event.answers else step


def _with_files(step: Step, event: ContactReceived | InformationAdded) -> Step:
    waiting = (f for f in event.files if f.scan is Scan.WAITING)
    clocks: tuple[Effect, ...] = tuple(SetClock(f"{CLOCK}:{f.id}", event.at + PATIENCE) for f in waiting)
    return (
        step.then(Step(replace(step.case, files=(*step.case.files, *event.files)), clocks)) if event.files else step
    )


def scanned(case: Case, event: FileScanned, rules: Rules) -> Step:
    """The scanner has looked. What it said first holds."""
    file = case.file(event.file)
    if file is None or file.scan is not Scan.WAITING:
        return Step(case)
    seen = replace(file, scan=Scan.CLEAN if event.clean else Scan.INFECTED)
    case = replace(case, files=tuple(seen if f.id == file.id else f for f in case.files))
    over: tuple[Effect, ...] = (StopClock(f"{CLOCK}:{file.id}"), CloseTask(f"{CLOCK}:{file.id}"))
    found = OpenTask(f"infected:{file.id}", TaskKind.INFECTED, "", event.at)
    return Step(case, over if event.clean else (*over, found))


def scan_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """The scanner has said nothing."""
    file = case.file(about)
    gone = any(SHARED in d.parts for d in case.disposals)
    if file is None or file.scan is not Scan.WAITING or gone:
        return Step(case, (CloseTask(f"{CLOCK}:{about}"),))
    return Step(case, press_again(f"{CLOCK}:{about}", TaskKind.SCAN, "", event, rules))
