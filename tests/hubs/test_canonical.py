"""Canonical profiles: the same rules have one hash, and come back whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from exchange.hubs.canonical import canonical_rules, content_hash, directory_from, directory_json, rules_from
from exchange.hubs.loader import packaged, read
from exchange.hubs.refusal import ProfileUnreadable

FILES = ["example", "demo"]


@pytest.mark.parametrize("name", FILES)
def test_rules_and_directory_come_back_whole(name: str) -> None:
    file = read(packaged(name))
    assert rules_from(canonical_rules(file.rules)) == file.rules
    assert directory_from(directory_json(file.directory)) == file.directory
    assert canonical_rules(rules_from(canonical_rules(file.rules))) == canonical_rules(file.rules)


@pytest.mark.parametrize("name", FILES)
def test_comments_spaces_and_the_order_of_keys_do_not_change_the_hash(name: str) -> None:
    text = packaged(name)
    bare = re.sub(r"(?m)^#.*\n|  +#.*$", "", text)
    moved = re.sub(r'name = "Fakeshire MASH"\n', "", bare).replace("[hub]", '[hub] # ours\nname="Fakeshire MASH"', 1)
    swapped = moved.replace("\n", "\n\n").replace(" = ", "=")
    assert swapped != text
    assert canonical_rules(read(swapped).rules) == canonical_rules(read(text).rules)
    assert directory_json(read(swapped).directory) == directory_json(read(text).directory)


def test_a_changed_clock_changes_the_hash() -> None:
    text = packaged("demo")
    changed = text.replace('acknowledge = "20s"', 'acknowledge = "21s"')
    hashes = {content_hash(canonical_rules(read(t).rules)) for t in (text, changed)}
    assert len(hashes) == 2
    assert all(len(h) == 64 and int(h, 16) for h in hashes)


def test_every_process_finds_the_same_hash() -> None:
    """Sets have another order in each process: the calendar's closed days must not."""
    program = (
        "from exchange.hubs.canonical import *; from exchange.hubs.loader import *;"
        "print(content_hash(canonical_rules(read(packaged('example')).rules)))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert found == {content_hash(canonical_rules(read(packaged("example")).rules)) + "\n"}


def test_a_spoilt_profile_is_refused_without_repeating_it() -> None:
    stored = directory_json(read(packaged("demo")).directory)
    with pytest.raises(ProfileUnreadable) as refused:
        directory_from(stored.replace("safeguarding@police.example", "safe guarding@police.example"))
    assert "police.example" not in str(refused.value)
    assert "mailboxes.0.address" in str(refused.value)
    assert refused.value.__context__ is None
    with pytest.raises(ProfileUnreadable, match="at its start"):
        rules_from("{")
