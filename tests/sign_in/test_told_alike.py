"""T22: a case that is kept from somebody takes as long to be absent as one that is not there."""

from __future__ import annotations

import math
import re
import statistics
import time
from pathlib import Path

import httpx
import pytest

from exchange.policy import Role
from exchange.setting_up import add_token
from tests.sign_in.conftest import Hands, desk_in

SAMPLES, ROUNDS = 200, 3  # of each; to write an attempt down takes milliseconds
CHANCE = 0.01  # what chance alone may do in one round, so that it does not in three
REFERRAL = {
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "worry"},
    "subjects": [{"given_name": "Mina"}],
}


def apart(one: list[float], other: list[float]) -> float:
    """How likely chance alone makes such a difference (Welch); without the slowest tenth, when others worked."""
    cut = [sorted(times)[: int(len(times) * 0.9)] for times in (one, other)]
    error = math.sqrt(sum(statistics.variance(times) / len(times) for times in cut))
    return math.erfc(abs(statistics.fmean(cut[0]) - statistics.fmean(cut[1])) / error / math.sqrt(2))


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_t22_neither_words_nor_time_tell_a_kept_case_from_none(tmp_path: Path) -> None:
    async with desk_in(tmp_path, Hands(), second="optional") as desk:
        await desk.member("manager-1")
        father = await desk.signed_in(await desk.member("father-1", Role.DECISION_MANAGER))
        tokens = [await add_token(desk.exchange, of, (Role.HUB_MANAGER.value,), of) for of in ("manager-1",)]
        api, bearer = f"{desk.url}/api/v1", {"Authorization": f"Bearer {tokens[0]}"}
        async with httpx.AsyncClient(headers=bearer, timeout=60) as program:
            kept = (await program.post(f"{api}/referrals", json=REFERRAL)).json()["reference"]
            given = {"kind": "staff", "who": "father-1", "why": "own_family", "reason": "he is the father"}
            assert (await program.post(f"{api}/cases/{kept}/restrict", json=given)).status_code == 200
        none, pages, found = "MASH-0000-0000", set[str](), list[float]()
        for _ in range(ROUNDS):
            took: dict[str, list[float]] = {kept: [], none: []}
            for n in range(2 * SAMPLES):
                case = (kept, none)[(n + n // 2) % 2]
                began = time.perf_counter()
                got = await father.get(f"/desk/case/{case}")
                took[case].append(time.perf_counter() - began)
                pages.add(re.sub(r'nonce="[^"]*"|value="[^"]*"', "", got.text))
                assert got.status_code == 404
            found.append(apart(took[kept], took[none]))
            if found[-1] > CHANCE:
                break
        assert found[-1] > CHANCE, found
        assert len(pages) == 1
