"""Whatever stands in a hub file, it is read or refused with faults that say where; nothing else is ever raised."""

from __future__ import annotations

import copy
import tomllib
from datetime import date, datetime, time
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.hubs.loader import Fault, HubFileRefused, packaged, read

DATA = tomllib.loads(packaged("demo"))
ODD = st.sampled_from(
    ["", "x", "12s", "red", 0, -1, 10**30, 1.5, float("nan"), True, [], [[]], [{}], ["x", 3], {}, {"x": 1},
     {"id": {"x": {}}}, date(2026, 1, 1), datetime(2026, 1, 1, 9), time(9), "\x7f\u202e", "a" * 5000]  # noqa: DTZ001
)  # fmt: skip


def _spoil(data: Any, draw: st.DataObject) -> None:
    """Put something odd, or nothing, anywhere."""
    step = draw.draw(st.sampled_from(sorted(data) if isinstance(data, dict) else range(len(data))))
    inner = data[step]
    if isinstance(inner, dict | list) and inner and draw.draw(st.booleans()):
        _spoil(inner, draw)
    elif draw.draw(st.booleans()):
        data[step] = draw.draw(ODD)
    else:
        del data[step]


@settings(deadline=None)  # the first file reads the calendars and statutes too
@given(st.data())
def test_a_spoilt_file_is_read_or_refused(draw: st.DataObject) -> None:
    data = copy.deepcopy(DATA)
    _spoil(data, draw)
    text = tomlkit.dumps(data)
    for fault in _faults(text):
        assert 1 <= fault.line <= text.count("\n") + 1
        assert fault.key
        assert fault.what
        assert fault.remedy
        assert len(fault.value) < 100


def _faults(text: str) -> tuple[Fault, ...]:
    try:
        read(text)
    except HubFileRefused as refused:
        return refused.faults or (Fault(0, "", "", "", ""),)  # refused for nothing: fails above
    return ()


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(HubFileRefused):
        read(text)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000], ids=["deep", "long"])
def test_what_the_parser_itself_cannot_bear_is_refused(text: str) -> None:
    with pytest.raises(HubFileRefused, match=r"^line 1: \(TOML\): "):
        read(text)
