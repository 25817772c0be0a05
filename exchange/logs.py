"""Logs: JSON lines of ids and codes. What is not on the list of allowed keys is dropped, whoever wrote it (T30)."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {"event", "level", "timestamp", "mail", "attempt", "case", "leg", "letter", "outbox", "code", "host", "port"}
    | {"role", "count", "seconds", "error", "where", "agency"}
)


def start() -> None:
    """Log to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_where,
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    for chatty in ("uvicorn", "uvicorn.access", "uvicorn.error", "gnupg", "mail.log", "asyncio", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)


def quiet() -> None:
    """A command's own output is all there is to read."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _only_where(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's kind and places, never its text: the text may quote what it choked on."""
    told = line.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        places, tb = [], error.__traceback__
        while tb is not None:
            places.append(f"{tb.tb_frame.f_code.co_filename.rpartition('/')[2]}:{tb.tb_lineno}")
            tb = tb.tb_next
        line["where"] = places[-6:]
    return line


def _only_allowed(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in ALLOWED}
