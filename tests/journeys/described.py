"""Schemathesis asks a served hub what the document of the API allows, and what it forbids.

It is a program of its own, run as a command; it knows the API from /api/v1/openapi.json alone.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx

from exchange.demo.stage import Stage
from tests.ready import token_of

ROLES = "hub_manager,hub_administrator,auditor,records_officer,chair"
REFERRAL: dict[str, Any] = {
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "Came hungry again"},
    "subjects": [{"given_name": "Mina"}],
}
AWAY = {"kind": "spoc", "who": "police-1-1", "since": "2099-03-27", "until": "2099-03-31"}
# No document can say which day it is: a birth that is expected in the past, or in years, is refused by the day.
BY_THE_DAY = """
import schemathesis

@schemathesis.hook
def filter_failure(context, failure, case, response):
    problems = response.json().get("problems") if response.status_code == 400 else None
    return not problems or any(not one["where"].endswith(".expected_date") for one in problems)
"""
# What may be answered to what fits the document: it cannot say who is in this hub's directory, nor what came before.
# Where that is so of the example too, or of whatever else a person could have said, `judged` names the address.
SETTINGS = """
hooks = "by_the_day.py"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "409", "412", "422"]  # 422: the key was used for another request

[[operations]]
include-path = "/referrals"
checks.positive_data_acceptance.expected-statuses = ["2xx", "422"]

[[operations]]
include-path-regex = "{judged}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409", "412", "422"]

[[operations]]
include-path-regex = "reference"
parameters = {{ "path.reference" = "{reference}", "header.If-Match" = "*" }}

[[operations]]
include-path-regex = "leave/"
parameters = {{ "path.leave" = "{leave}" }}
"""


async def disagreement(hub: Stage, folder: Path, judged: str, *arguments: str) -> str:
    """What schemathesis says; nothing, if all is as described."""
    token = await token_of(hub, "checker", ROLES, folder.name[-30:])
    async with httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers=_bearer(token), timeout=60) as program:
        settings = folder / "schemathesis.toml"
        (folder / "by_the_day.py").write_text(BY_THE_DAY)
        settings.write_text(SETTINGS.format(judged=judged, **await _things(program)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "--no-color",
        "run", f"{hub.base_url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {token}", *arguments,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return out.decode() if process.returncode else ""


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _things(program: httpx.AsyncClient) -> dict[str, Any]:
    """What is there to be asked about."""
    reference = (await program.post("/referrals", json=REFERRAL)).json()["reference"]
    rated = {"subject": "s1", "rating": "red", "reason": "r"}
    (await program.post(f"/cases/{reference}/rate", json=rated)).raise_for_status()
    listed = (await program.get("/leave")).json()["leave"]
    return {"reference": reference, "leave": (listed or [(await program.post("/leave", json=AWAY)).json()])[0]["id"]}
