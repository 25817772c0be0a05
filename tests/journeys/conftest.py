"""Journeys cost seconds. Those of the core run on both databases at every change; the others on one, by turns.

The other of the two runs with `make test-long`: what differs between the databases is the store, which is tested on
both at every change (tests/store).
"""

from __future__ import annotations

import zlib

import pytest

ON_BOTH = frozenset({"test_by_mail.py", "test_restrictions.py", "test_retention.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave every second run on a second database to the long tests, the same ones every time."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        kind = callspec.params.get("database_url") if callspec else None
        if kind is None or "journeys" not in item.path.parts or item.path.name in ON_BOTH:
            continue
        turn = ("sqlite", "postgresql")[zlib.crc32(getattr(item, "originalname", item.name).encode()) % 2]
        if kind != turn:
            item.add_marker(pytest.mark.long)
