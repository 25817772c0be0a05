"""The command that tells who would be asked what about somebody, without sending or keeping anything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from exchange import app
from exchange.case.feedback import ReferrerClass
from exchange.cli_running import Config, Json, dumps, opened
from exchange.hubs.shapes import AGE_BANDS
from exchange.policy import OPERATOR
from exchange.setting_up import SetUpRefused

cli = App(name="exchange")
Several = Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")]


@cli.command
def route(
    *,
    case: str = "",
    form: Literal["child", "adult"] = "child",
    age: Several = (),
    cohort: str = "",
    area: str = "",
    role: Literal["at_risk", "poses_risk", "missing"] = "at_risk",
    rating: str = "",
    referrer: ReferrerClass = ReferrerClass.PROFESSIONAL,
    keep_from: Several = (),
    protected: Annotated[bool, Parameter(negative="")] = False,
    refuses: Annotated[bool, Parameter(negative="")] = False,
    profile: Path | None = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Who would get what for this case? Tells each agency, why, which answers, by which way, and what would be held.
    Nothing is sent or kept.

    Parameters
    ----------
    case
        the reference of a case to try, as if it came in now, instead of the values below
    form
        which form it came by
    age
        an age band, several for siblings: unborn, under_5, school, 16_17, adult, unknown
    cohort
        the stream of work, where the hub file has any
    area
        outward postcode, like ZZ99
    role
        what they are in this contact
    rating
        of the first look; nobody has rated it unless given
    referrer
        what the referrer is to the hub
    keep_from
        agencies that must not see it, by their ids
    protected
        their address is protected
    refuses
        an adult with capacity refuses
    profile
        a hub file to try it on instead of the one in force
    """
    from exchange import dry_run  # it loads mail: few commands should

    unknown = [band for band in age if band not in AGE_BANDS]
    if unknown:
        raise SetUpRefused(f"--age: no age band “{unknown[0]}”: use {', '.join(AGE_BANDS)}")
    text = profile.read_text(encoding="utf-8") if profile else ""
    bands = age or (("adult",) if form == "adult" else ("school",))
    people = dry_run.subjects(
        form, bands, cohort=cohort, area=area, role=role, protected=protected, refuses=refuses
    )  # fmt: skip

    async def act(exchange: app.Opened) -> dry_run.Outcome:
        by = dry_run.DryRun(exchange.hub, exchange.keyroom, OPERATOR)
        imagined = await by.case(case) if case else dry_run.Imagined(people, rating, referrer, tuple(keep_from))
        return await by.run(imagined, text, timedelta(seconds=exchange.settings.keys.hold))

    found: Any = opened(config, act)
    print(dumps(found.row()) if json else "\n".join(dry_run.lines(found)))
