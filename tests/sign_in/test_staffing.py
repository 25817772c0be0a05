"""Who is with the hub, and what they may do from when to when, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.case.step import CannotHappen
from exchange.desk.given import Unfit
from exchange.hub import Hub
from exchange.passkeys import Owner, Passkeys
from exchange.policy import MAY, OPERATOR, STEP_UP, Action, Forbidden, ProveAgain, Role, Viewer, may_give, require
from exchange.proving import Proving, Way
from exchange.staffing import ADMINISTRATORS, PASSKEYS, Staffing, operators
from exchange.store import journal, staff
from keys import authenticator
from keys.passkeys import party
from keys.refusal import Refused
from tests.sign_in.authenticator import Authenticator
from tests.sign_in.conftest import PASSWORD, Hands

MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
ADMIN = Viewer("admin-1", frozenset({Role.HUB_ADMINISTRATOR}))


async def roles_of(hub: Hub, member: str, **ahead: float) -> tuple[str, ...]:
    async with hub.database.reading(hub.scope()) as tx:
        found = await staff.find(tx, member)
    assert found
    return found.roles_at(hub.clock.now() + timedelta(**ahead))


async def lines(hub: Hub) -> list[str]:
    async with hub.database.reading(hub.scope()) as tx:
        return [line.kind for line in await journal.lines(tx, journal.DIRECTORY)]


async def test_a_role_is_held_from_its_day_to_its_day_and_its_history_stays(hub: Hub, hands: Hands) -> None:
    now, day = hands.now(), timedelta(days=1)
    of = operators(hub)
    await of.add("duty-1", (Role.INTAKE_ADMIN,), password=PASSWORD)
    await of.give("duty-1", Role.CHAIR, now + day, now + 3 * day)
    assert await roles_of(hub, "duty-1") == ("intake_admin",)
    assert await roles_of(hub, "duty-1", days=1) == ("chair", "intake_admin")
    assert await roles_of(hub, "duty-1", days=2, hours=23) == ("chair", "intake_admin")
    assert await roles_of(hub, "duty-1", days=3) == ("intake_admin",)
    hands.later(days=2)
    await of.give("duty-1", Role.CHAIR, until=hands.now() + 10 * day)  # longer, from today
    await of.take("duty-1", Role.INTAKE_ADMIN)
    assert await roles_of(hub, "duty-1", days=9) == ("chair",)
    (member,) = await of.listed()
    assert [(one.role, one.until is None or one.over(hands.now())) for one in member.access] == [
        ("intake_admin", True), ("chair", True), ("chair", False),
    ]  # fmt: skip
    with pytest.raises(Unfit, match="over before it begins"):
        await of.give("duty-1", Role.CHAIR, until=hands.now())
    with pytest.raises(Unfit, match="does not hold"):
        await of.take("duty-1", Role.AUDITOR)
    assert await lines(hub) == ["StaffAdded", "RoleGiven", "RoleGiven", "RoleEnded"]


async def test_the_last_administrator_stays(hub: Hub, hands: Hands) -> None:
    of, week = operators(hub), timedelta(days=7)
    await of.add("boss-1", (Role.HUB_MANAGER, Role.CHAIR), password=PASSWORD)
    await of.add("boss-2", (Role.SYSTEM_ADMIN,), password=PASSWORD, until=hands.now() + week)
    for harm in (
        of.end("boss-1"),
        of.take("boss-1", Role.HUB_MANAGER),
        of.take("boss-1", Role.HUB_MANAGER, hands.now() + week),
        of.give("boss-1", Role.HUB_MANAGER, until=hands.now() + week),
        of.add("boss-1", (Role.CHAIR,), password=PASSWORD),
    ):
        with pytest.raises(CannotHappen, match="the last who may let people in"):
            await harm
    assert await roles_of(hub, "boss-1", days=30) == ("chair", "hub_manager")  # and nothing changed
    await of.end("boss-2")  # who would have gone anyway
    await of.add("boss-3", (Role.HUB_ADMINISTRATOR,), password=PASSWORD)
    await of.end("boss-1")
    with pytest.raises(CannotHappen):
        await of.end("boss-3")


async def test_nobody_lets_themselves_in_by_way_of_another_name(hub: Hub) -> None:
    await operators(hub).add("manager-1", (Role.HUB_MANAGER,), password=PASSWORD)
    await operators(hub).add("admin-1", (Role.HUB_ADMINISTRATOR,), password=PASSWORD)
    await operators(hub).add("duty-1", (Role.SCREENING_OFFICER,), password=PASSWORD)
    of = Staffing(hub, ADMIN)
    for harm in (
        of.add("mine-1", (Role.SCREENING_OFFICER,), password=PASSWORD),
        of.give("board-1", Role.AUDITOR),
        of.anew("duty-1"),  # to sign in as them
        of.end("duty-1"),
        of.known_as("duty-1", "https://council.example", "id-mine"),
        of.give("admin-1", Role.ANALYST),  # one's own
        of.add("manager-1", (Role.ANALYST,), password=PASSWORD),
    ):
        with pytest.raises(CannotHappen):
            await harm
    await of.add("board-1", (Role.BOARD_MEMBER,), password=PASSWORD)
    assert await of.sign_out("duty-1") == 0  # in an emergency anybody who looks after staff may
    with pytest.raises(CannotHappen, match="themselves"):
        await Staffing(hub, MANAGER).give("manager-1", Role.CHAIR)
    for role in Role:
        if role.value in ADMINISTRATORS:
            continue
        nobody = Staffing(hub, Viewer("x-1", frozenset({role})))
        with pytest.raises(Forbidden):
            await nobody.listed()
        with pytest.raises(Forbidden):
            await nobody.add("mine-1", (Role.BOARD_MEMBER,), password=PASSWORD)


def test_a_role_that_sees_content_is_given_by_who_may_see_it_all() -> None:
    for role in Role:
        assert may_give(MANAGER, role)
        assert may_give(ADMIN, role) is (role not in MAY[Action.SEE_CONTENT])


async def test_who_is_let_in_anew_has_nothing_they_had_before(hub: Hub, hands: Hands) -> None:
    of, proving = operators(hub), Proving(hub)
    keys = Passkeys(hub, party("https://hub.example"))
    await of.add("duty-1", (Role.CHAIR,), password=PASSWORD)
    device = Authenticator("https://hub.example")
    owner = Owner(PASSKEYS, "duty-1")
    await keys.finish_register(owner, "s", "", device.create(await keys.begin_register(owner, "s", "duty-1")))
    await proving.new_app("duty-1")
    secret = await proving.app_secret("duty-1")
    assert secret
    assert await proving.app_works("duty-1", code(secret, hands))
    assert await proving.app_secret("duty-1") is None  # nobody reads it again
    (paper, *_) = await proving.new_papers("duty-1")
    made = await of.anew("duty-1")
    hands.later(minutes=5)
    assert not await proving.password("duty-1", PASSWORD)
    assert await proving.password("duty-1", made)
    assert await proving.code("duty-1", code(secret, hands)) is None
    assert await proving.code("duty-1", paper) is None
    with pytest.raises(Refused):
        await keys.finish_proof(PASSKEYS, "", device.get(await keys.begin_proof(PASSKEYS, "")))
    assert (await proving.has("duty-1")).second is False


def code(secret: str, hands: Hands) -> str:
    """What the app shows."""
    import pyotp

    return pyotp.TOTP(secret).at(hands.now())


async def test_clocks_may_differ_by_half_a_minute_and_no_more(hub: Hub, hands: Hands) -> None:
    proving = Proving(hub)
    await operators(hub).add("duty-1", (Role.CHAIR,), password=PASSWORD)
    await proving.new_app("duty-1")
    secret = await proving.app_secret("duty-1")
    assert secret
    assert await proving.app_works("duty-1", code(secret, hands))
    for behind, counts in ((-61, None), (-30, Way.CODE), (0, Way.CODE), (30, Way.CODE), (61, None)):
        hands.later(minutes=5)
        shown = code(secret, Hands(hands.now() + timedelta(seconds=behind)))
        assert await proving.code("duty-1", shown) == counts, behind
    assert authenticator.step(secret, "", hands.now()) is None


@pytest.mark.parametrize("name", ["operator", "token-x", "", "x" * 61, " duty-1", "desk"])
async def test_an_id_is_nobody_else_s(hub: Hub, name: str) -> None:
    with pytest.raises(Unfit):
        await operators(hub).add(name, (Role.CHAIR,), password=PASSWORD)


def test_what_cannot_be_undone_asks_who_it_is_and_nothing_else_does() -> None:
    fresh, stale = (Viewer("m-1", frozenset(Role), stale=s) for s in (False, True))
    for action in Action:
        require(fresh, action)
        if action in STEP_UP:
            with pytest.raises(ProveAgain):
                require(stale, action)
        else:
            require(stale, action)
    assert {Action.RELEASE_PRODUCT, Action.EXPORT, Action.DISPOSE, Action.MANAGE_STAFF} <= STEP_UP
    with pytest.raises(Forbidden):  # whoever may not is not even asked
        require(Viewer("m-1", frozenset({Role.ANALYST}), stale=True), Action.DISPOSE)
    assert not OPERATOR.stale
