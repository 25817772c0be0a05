"""Running a command: the exchange opened for it, and what it prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from exchange import app, cautions, config, guarding, logs
from exchange.policy import Forbidden
from exchange.store.casebook import NoSuchCase

Config = Annotated[Path | None, Parameter(name="--config", help="settings file (or EXCHANGE_CONFIG)")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="print JSON")]


def opened(file: Path | None, act: Callable[[app.Opened], Awaitable[Any]]) -> Any:
    """What `act` gives, done to the exchange of the settings in `file`."""

    async def work() -> Any:
        async with app.opened(config.read(file)) as exchange:
            try:
                return await act(exchange)
            except (Forbidden, NoSuchCase) as wrong:
                await guarding.refused(exchange.hub, wrong)
                raise

    logs.quiet()
    return run(work())


def run(work: Any) -> Any:
    """Run a coroutine to its end."""
    import uvloop

    return uvloop.run(work)


def show_rows(rows: list[dict[str, Any]], as_json: bool, line: str) -> None:
    """Rows as JSON, or each as a line."""
    if as_json:
        print(dumps(rows))
    else:
        print("\n".join(line.format(**row) for row in rows) if rows else "nothing")


def show_changes(lines: tuple[str, ...]) -> None:
    """What changed, a line each."""
    print("\n".join(lines) if lines else "nothing to change")


def warn(file: Path | None) -> None:
    """What an operator should know although nothing failed."""
    for told in opened(file, cautions.all_of):
        print(f"exchange: warning: {told}", file=sys.stderr)


def dumps(value: Any) -> str:
    """As JSON that a person can read."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
