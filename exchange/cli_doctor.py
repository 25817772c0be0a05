"""The command that says what is not well with this installation, and what to do about it."""

from __future__ import annotations

import sys

from cyclopts import App

from exchange.cli_running import Config, Json, dumps, opened

cli = App(name="exchange")


@cli.command
def doctor(*, config: Config = None, json: Json = False) -> None:
    """Look at disk, keys, certificates, what waits to be read and sent, and all cautions. Exits 1 when one fails."""
    from exchange import doctor as examining  # it loads what reads certificates: no other command should

    found = opened(config, examining.examined)
    if json:
        print(dumps([{"what": one.what, "verdict": one.verdict, "told": one.told} for one in found]))
    else:
        print("\n".join(f"{one.verdict}: {one.what}: {one.told}" for one in found))
    sys.exit(1 if any(one.verdict is examining.Verdict.FAILS for one in found) else 0)
