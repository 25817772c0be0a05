"""The JSON form: `referral.json` in a mail, or a JSON file under another name that says what it is."""

from __future__ import annotations

import json
from typing import Any

from mailflow.parsed_mail import Part

NAME = "referral.json"


class NotReadable(ValueError):
    """It is called a referral and is not JSON; the message says where, and repeats nothing of it."""


def is_named(part: Part) -> bool:
    """Whether the file's name alone makes it a referral."""
    return part.file_name.lower() == NAME


def claims(part: Part) -> bool:
    """Whether the file may be one: by name, or JSON that says so inside."""
    if is_named(part):
        return True
    is_json = part.content_type == "application/json" or part.file_name.lower().endswith(".json")
    return is_json and b"referral/" in part.content[:4096]


def read(content: bytes, *, named: bool) -> Any:
    """The data, unchecked; None when other JSON was found under another name. Raises NotReadable."""
    try:
        data = json.loads(content)
    except UnicodeDecodeError:
        problem = "not text in UTF-8"
    except json.JSONDecodeError as error:
        problem = f"not JSON at line {error.lineno}, column {error.colno}"
    except RecursionError:
        problem = "JSON nested too deeply"
    else:
        says_so = isinstance(data, dict) and str(data.get("schema", "")).startswith("referral/")
        return data if named or says_so else None
    if not named:
        return None
    raise NotReadable(f"{NAME}: {problem}")
