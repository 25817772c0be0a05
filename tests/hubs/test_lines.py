"""Lines of TOML keys: every path the parser finds has its line, however the text is written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.hubs.lines import Path, lines
from exchange.hubs.loader import packaged

ODD = '''\
# a comment with [brackets] = "and quotes"
"quoted key".sub = 1 # [not.a.table]
'literal.key' = 'C:\\not\\escaped'
text = """
[not.a.table]
key = "value" \\"""
still text"""""
raw = \'\'\'
x = [''\'\'\'
when = 1979-05-27 07:32:00Z
list = [ # first
  [1, 2,], [], # second
  { a = "}", b.c = [3] },

  "],",
]
"\\u0061fter" = true

[[rows]]
n = 1
[rows.deep]
m = 2
[[rows.inner]]
o = 3
[[rows]]
[[rows.inner]]
[[rows.inner]]
o = 4
[a . "b" . c]
last = 0.5'''


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    if here:
        yield here
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from paths(inner, (*here, step))


@pytest.mark.parametrize("text", [ODD, packaged("example"), packaged("demo"), "", "#"], ids=range(5))
def test_finds_what_the_parser_finds(text: str) -> None:
    assert set(lines(text)) == set(paths(tomllib.loads(text)))


def test_odd_text_has_its_lines() -> None:
    found = lines(ODD)
    assert found["quoted key", "sub"] == 2
    assert found["text",] == 4
    assert found["raw",] == 8
    assert found["when",] == 10
    assert found["list", 1] == 12
    assert found["list", 2, "b", "c", 0] == 13
    assert found["list", 3] == 15
    assert found["after",] == 17
    assert found["rows",] == 19
    assert found["rows", 0, "deep", "m"] == 22
    assert found["rows", 0, "inner", 0, "o"] == 24
    assert found["rows", 1, "inner", 1] == 27
    assert found["a", "b", "c", "last"] == 30


_names = st.text(min_size=1, max_size=6)
_tables = st.recursive(
    st.just(0) | st.lists(st.text(), max_size=3),
    lambda inner: st.dictionaries(_names, inner, max_size=4) | st.lists(st.dictionaries(_names, inner), max_size=3),
    max_leaves=12,
)


@settings(deadline=None)  # a busy machine is no fault of the reader
@given(st.dictionaries(_names, _tables, max_size=5))
def test_whatever_is_written_is_found(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data).replace("\r\n", "\n")
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # tomlkit does not escape everything it should
    assert set(lines(text)) == set(paths(parsed))
