"""What a person types with a calendar's reply is shown with the answer, and somebody is asked to read it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio

from exchange.demo.stage import Stage
from tests.journeys import calendar_shapes as shapes
from tests.journeys.calendar_shapes import Reply
from tests.journeys.meetings import answers, attends, calendar_mail, in_days, replies, tasks
from tests.journeys.test_by_mail import refer
from tests.journeys.test_lateral_checks import Hub
from tests.ready import at_the_desk, manned

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
TYPED = "I may be late. Canary-typed: the father was arrested last night, please ring me."
READ_IT = "Read what somebody wrote with their reply to an invitation"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk."""
    async with manned() as made:
        yield made


async def test_words_in_the_mail_of_a_calendar_reply_are_shown_and_asked_to_be_read(stage: Stage) -> None:
    for domain in ("police.example", "social-care.example"):
        stage.publish_dkim(domain)
    secret = stage.folder / "password"
    token = await stage.command("token", "add", "desk", "--roles", "hub_manager", "--staff", "manager-1")
    headers = {"Authorization": f"Bearer {token.strip()}"}
    assert secret.exists()
    async with httpx.AsyncClient(base_url=f"{stage.base_url}/api/v1", headers=headers, timeout=60) as api:
        hub = Hub(stage, api)
        reference = await refer(stage)
        called = await hub.act(reference, "call", starts=in_days(2).isoformat(), subjects="s1", reason="an injury")
        assert called.status_code == 200, called.text
        police, social = [
            await calendar_mail(hub, agency, reference, "METHOD:REQUEST") for agency in ("police", "social_care")
        ]
        said = Reply(police, stage.people["police"].address, "ACCEPTED", datetime.now(UTC))
        blank = shapes.outlook(said)
        typed = blank.replace(b'charset="us-ascii"\r\n\r\n\r\n', f'charset="us-ascii"\r\n\r\n{TYPED}\r\n'.encode())
        assert typed != blank
        await answers(hub, "police", typed, said.organizer)
        await replies(hub, "social_care", shapes.google, social, "ACCEPTED")
        await attends(hub, reference, "police", "accepted")
        story = await attends(hub, reference, "social_care", "accepted")
        seats = {i["agency"]: i["id"] for i in story["case"]["discussions"][0]["invitees"]}
        assert f"words:d1/{seats['police']}" in tasks(story)
        assert f"words:d1/{seats['social_care']}" not in tasks(story)  # a calendar's own sentence asks nobody
    page = await (await at_the_desk(stage)).get(f"/desk/case/{reference}")
    assert READ_IT in page.text
    assert f"They wrote: “{TYPED}”" in page.text
