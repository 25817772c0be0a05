"""Every question stands in exactly one topic, and a topic is about a screen of a telephone."""

from __future__ import annotations

import pytest

from exchange.case.fields import FIELDS
from exchange.case.topics import TOPICS, fields


def test_every_question_is_in_exactly_one_topic() -> None:
    asked = [f"{t.section}.{name}" for t in TOPICS for name in t.names]
    assert sorted(asked) == sorted(f.key for f in FIELDS)
    for form in ("child", "adult"):
        wanted = {f.key for f in FIELDS if form in f.forms}
        assert wanted == {f.key for t in TOPICS if form in t.forms for f in fields(t, form)}


@pytest.mark.parametrize("form", ["child", "adult"])
def test_a_topic_asks_little_and_most_may_be_passed(form: str) -> None:
    pages = [fields(t, form) for t in TOPICS if form in t.forms]
    assert max(len(asked) for asked in pages) <= 6  # about a screen of a telephone
    assert all(pages)
    assert len([asked for asked in pages if any(f.required for f in asked)]) == 5
