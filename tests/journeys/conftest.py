"""Journeys cost seconds. The loop runs on both databases at every change; one journey of each feature on one of them,
by turns; those marked `long`, and the modules named in LONG, with `make test-long`.

The other of the two runs with `make test-long`: what differs between the databases is the store, which is tested on
both at every change (tests/store).
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

DATABASES = ("sqlite", "postgresql")
ON_BOTH = frozenset({"test_by_mail.py"})
# Whole features that `make test-long` goes through by mail, page and command; their rules are tested at every change
# in tests/case, tests/desk, tests/web and tests/mailflow.
LONG = frozenset(
    f"test_{name}.py"
    for name in (
        "account", "administration", "answer_page", "api_as_the_desk", "api_desk", "asked_at_once", "attachments",
        "bad_input", "calendars", "consultation", "correcting", "desk_forms", "desk_live", "desk_queue", "drills",
        "enrolment", "explain", "feedback", "going_live", "hard_times", "household", "kept_secret", "ladder",
        "lateral_checks", "meeting", "meeting_practices", "operator", "people", "product", "record", "restrictions",
        "retention", "screening", "several_processes", "short_lists", "silence", "sorting", "specialist_routes",
        "staff_by_api", "subjects", "telling", "told_plainly", "ways_of_writing", "whose_calendar",
        "words_that_wait",
    )
)  # fmt: skip


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short enough for the sockets of gpg."""
    with tempfile.TemporaryDirectory(prefix="hub-") as made:
        yield Path(made)


@pytest.hookimpl(tryfirst=True)  # before the marks are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave every second run on a second database to the long tests, the same ones every time."""
    for item in items:
        if "journeys" not in item.path.parts:
            continue
        if item.path.name in LONG:
            item.add_marker(pytest.mark.long)
        of = getattr(item, "callspec", None)
        kinds = [kind for kind in DATABASES if of and kind in of.id]
        if not of or not kinds or item.path.name in ON_BOTH:
            continue
        # Tests that share one hub take their turn together.
        named = getattr(item, "originalname", item.name) if "database_url" in of.params else item.path.stem
        if kinds != [DATABASES[zlib.crc32(named.encode()) % len(DATABASES)]]:
            item.add_marker(pytest.mark.long)
