"""Mail out of a shared mailbox, wherever it is cut off: each mail is one, none is lost, none is deleted.

The server is a real Dovecot; what becomes of the mail is seen in the hub's own inbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange import setting_up
from exchange.case.effect import TaskKind
from exchange.config import ConfigRefused
from exchange.config import read as settings_of
from exchange.doors import mailbox
from exchange.hub import Hub
from exchange.mailroom import accept, arrived
from exchange.pulling import PATIENCE, Pulling
from exchange.store import inbox, schema, tasks
from exchange.store.database import Database
from mailflow.listener import Envelope
from mailflow.reply_address import ReplyAddresses
from mailflow.shared_mailbox import Access, Look, MailboxAway, SharedMailbox
from tests.desk.stands import NOW, HandClock, hub_of
from tests.mailflow.dovecot import NAME, PASSWORD, USER, Dovecot, dovecot

HUB = "referrals@hub.example"
ADDRESSES = ReplyAddresses(b"secret", "hub.example")
LEG = ADDRESSES.make("leg", "case1-l1")


def mail(number: int, to: str = HUB, words: str = "words") -> bytes:
    return (
        f"From: gp@surgery.example\r\nTo: {to}\r\nSubject: Worry {number}\r\n"
        f"Message-ID: <{number}@surgery.example>\r\n\r\n{words} {number}\r\n"
    ).encode()


@dataclass
class Pull:
    """A hub whose mail lies in a folder of a shared mailbox."""

    hub: Hub
    clock: HandClock
    server: Dovecot
    folder: str
    move_to: str = "Taken"
    largest: int = 100_000
    port: int = 0

    def worker(self) -> tuple[Pulling, SharedMailbox]:
        access = Access(NAME, self.port or self.server.tls_port, USER, lambda: PASSWORD,
                        ca_file=self.server.ca_file, folder=self.folder)  # fmt: skip
        box = SharedMailbox(access, move_to=self.move_to, keyword="$Taken", largest=self.largest)
        return Pulling(self.hub, box, self.is_ours, HUB), box

    @staticmethod
    def is_ours(address: str) -> bool:
        return address == HUB or ADDRESSES.read(address) is not None

    async def pull(self, times: int = 1) -> list[int]:
        """Look so often, as one process does; how many were taken each time."""
        pulling, box = self.worker()
        try:
            return [await pulling.once() for _ in range(times)]
        finally:
            await box.close()

    async def deliver(self, *mails: bytes) -> None:
        for one in mails:
            await asyncio.to_thread(self.server.deliver, one, self.folder)

    async def lying(self, folder: str = "") -> list[bytes]:
        return [*await asyncio.to_thread(self.server.mails, folder or self.folder)]

    async def taken(self) -> list[tuple[str, bytes, int]]:
        """(recipient, mail, how often it came again) of all that is ours."""
        i = schema.inbox.c
        found = []
        async with self.hub.database.reading(self.hub.scope()) as tx:
            for known in (await tx.run(select(i.id, i.again).order_by(i.received_at, i.id))).all():
                row = await inbox.load(tx, known.id)
                assert row
                one = await arrived(self.hub, row)
                found.append((one.envelope.recipients[0], one.raw, known.again))
        return sorted(found)

    async def asked(self) -> set[str]:
        async with self.hub.database.reading(self.hub.scope()) as tx:
            return {task.kind for task in await tasks.pending(tx, "")}


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
async def pull(server: Dovecot, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Pull]:
    database, clock = Database(f"sqlite+aiosqlite:///{tmp_path}/exchange.db"), HandClock(NOW)
    await database.open()
    async with hub_of(database, tmp_path, clock) as hub:
        made = Pull(hub, clock, server, request.node.name)
        made.move_to = f"Taken {made.folder}"
        await made.deliver()
        yield made
    await database.close()


async def test_mail_is_taken_once_and_moved(pull: Pull) -> None:
    mails = [mail(1), mail(2, LEG)]
    await pull.deliver(*mails)
    assert await pull.pull(2) == [2, 0]
    assert await pull.taken() == sorted([(HUB, mails[0], 0), (LEG, mails[1], 0)])
    assert await pull.lying() == []
    assert await pull.lying(f'"{pull.move_to}"') == mails
    await pull.deliver(mail(3))
    assert await pull.pull() == [1]
    assert len(await pull.taken()) == 3


async def test_or_marked_and_stays_where_it_is_whatever_staff_do_with_it(pull: Pull) -> None:
    pull.move_to = ""
    mails = [mail(1), mail(2)]
    await pull.deliver(mails[0])
    await asyncio.to_thread(pull.server.deliver, mails[1], pull.folder, r"(\Seen \Answered)")
    assert await pull.pull(3) == [2, 0, 0]
    flags = await asyncio.to_thread(pull.server.mails, pull.folder)
    assert [b"$Taken" in told for told in flags.values()] == [True, True]
    assert [b"\\Seen" in flags[one] for one in mails] == [False, True]
    assert len(await pull.taken()) == 2


async def test_the_same_mail_twice_in_the_mailbox_is_one_referral_and_other_words_are_another(pull: Pull) -> None:
    again = b"Received: by another way; today\r\n" + mail(1)
    await pull.deliver(mail(1), again, mail(1, words="other words"))
    await pull.pull()
    assert sorted(count for _, _, count in await pull.taken()) == [0, 1]


async def test_what_came_by_smtp_already_is_not_taken_twice(pull: Pull) -> None:
    await accept(pull.hub, Envelope("gp@surgery.example", (HUB,), "192.0.2.7", "gp", tls=True), mail(1))
    await pull.deliver(mail(1))
    await pull.pull()
    assert [count for _, _, count in await pull.taken()] == [1]


async def test_when_the_mailbox_numbers_its_mails_anew_none_is_lost_and_none_is_taken_twice(pull: Pull) -> None:
    pull.move_to = ""
    await pull.deliver(mail(1), mail(2), mail(3))
    await pull.pull()

    def rebuilt() -> None:
        with pull.server.client() as staff:
            assert staff.delete(pull.folder)[0] == "OK"
        for one in (mail(3), mail(4), mail(1)):  # restored from a copy, in another order, with one that is new
            pull.server.deliver(one, pull.folder)

    await asyncio.to_thread(rebuilt)
    assert await pull.pull(2) == [3, 0]
    assert [(raw, count) for _, raw, count in await pull.taken()] == [
        (mail(1), 1), (mail(2), 0), (mail(3), 1), (mail(4), 0),
    ]  # fmt: skip


async def test_what_is_too_large_stays_and_is_told_and_the_next_do_not_wait(pull: Pull) -> None:
    large = mail(1, words="x" * 200_000)
    await pull.deliver(mail(0), large, mail(2))
    assert await pull.pull(2) == [2, 0]
    assert [raw for _, raw, _ in await pull.taken()] == [mail(0), mail(2)]
    assert await pull.lying() == [large]
    assert await pull.asked() == {TaskKind.NOT_FETCHED}


async def test_what_the_server_does_not_give_is_tried_again_then_told_and_the_next_do_not_wait(pull: Pull) -> None:
    await pull.deliver(mail(1), mail(2))

    def spoil() -> None:
        """The file of the first is not readable any more: Dovecot says BYE."""
        maildir = pull.server.folder / "mail" / USER / f".{pull.folder}"
        files = [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]
        [first] = [file for file in files if b"Subject: Worry 1" in file.read_bytes()]
        first.chmod(0)

    pulling, box = pull.worker()
    await asyncio.to_thread(spoil)
    taken = []
    for _ in range(6):
        with contextlib.suppress(MailboxAway):
            taken.append(await pulling.once())
    assert sum(taken) == 1
    assert [raw for _, raw, _ in await pull.taken()] == [mail(2)]
    assert await pull.asked() == {TaskKind.NOT_FETCHED}
    await box.close()


async def test_a_mail_that_staff_took_away_meanwhile_is_theirs(pull: Pull, monkeypatch: pytest.MonkeyPatch) -> None:
    await pull.deliver(mail(1), mail(2))
    pulling, box = pull.worker()
    looked = box.look

    async def and_then_it_goes(validity: int, uid: int) -> Look:
        found = await looked(validity, uid)

        def delete() -> None:
            with pull.server.client(pull.folder) as staff:
                staff.store("1", "+FLAGS", r"\Deleted")
                staff.expunge()

        await asyncio.to_thread(delete)
        return found

    monkeypatch.setattr(box, "look", and_then_it_goes)
    assert await pulling.once() == 1
    await box.close()
    assert [raw for _, raw, _ in await pull.taken()] == [mail(2)]


async def test_two_processes_with_one_mailbox_take_each_mail_once(pull: Pull) -> None:
    mails = [mail(n) for n in range(12)]
    await pull.deliver(*mails)
    await asyncio.gather(pull.pull(2), pull.pull(2))
    assert [raw for _, raw, _ in await pull.taken()] == sorted(mails)
    assert await pull.lying() == []


async def test_a_line_that_breaks_in_the_middle_of_a_mail_costs_nothing(pull: Pull) -> None:
    cut = asyncio.Event()

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, to_them = await asyncio.open_connection(NAME, pull.server.tls_port)
        size = 0

        async def answers() -> None:
            nonlocal size
            while octets := await theirs.read(65536):
                size += len(octets)
                if not cut.is_set() and size > 100_000:  # in the middle of the mail
                    break
                writer.write(octets)
            writer.close()

        back = asyncio.ensure_future(answers())
        while octets := await reader.read(65536):
            to_them.write(octets)
        back.cancel()
        for one in (to_them, writer):
            one.close()

    proxy = await asyncio.start_server(between, NAME, 0)
    pull.port = proxy.sockets[0].getsockname()[1]
    pull.largest = 10_000_000
    big = mail(1, words="x" * 900 + "\r\n") + b"y" * 300_000 + b"\r\n"
    await pull.deliver(big, mail(2))
    with pytest.raises(MailboxAway):
        await pull.pull()
    assert await pull.taken() == []
    cut.set()
    assert await pull.pull() == [2]
    assert [raw for _, raw, _ in await pull.taken()] == sorted([big, mail(2)])
    proxy.close()


async def test_a_mailbox_that_cannot_be_read_for_minutes_is_told_of_once_until_it_can(pull: Pull) -> None:
    pulling, box = pull.worker()
    right = box.access
    object.__setattr__(box, "access", Access(NAME, 1, USER, lambda: PASSWORD, tls="loopback"))
    for minutes in (0, 3, 3, 1):
        pull.clock.at += timedelta(minutes=minutes)
        with pytest.raises(MailboxAway):
            await pulling.once()
        assert (await pull.asked() == {TaskKind.MAIL_AWAY}) is (pull.clock.at - NOW >= PATIENCE)
    box.access = right
    await pull.deliver(mail(1))
    assert await pulling.once() == 1
    assert await pull.asked() == set()
    await box.close()


# -- kill -9, between all steps


@pytest.fixture(scope="module")
def home(server: Dovecot) -> Iterator[Path]:
    """A hub in a folder, with the mailbox in its settings."""
    folder = Path(tempfile.mkdtemp(prefix="pull", dir="/tmp"))  # gpg's sockets need a short name
    made = setting_up.init(folder / "hub", HUB, "http://127.0.0.1", "", "hub", "the hub")
    (folder / "hub" / "password").write_text(f"{PASSWORD}\n")
    written = (
        f'[imap]\nhost = "{NAME}"\nport = {server.tls_port}\nca_file = "{server.ca_file}"\n'
        f'username = "{USER}"\npassword_file = "password"\nfolder = "killed"\nmove_to = "Taken killed"\n#'
    )
    made.settings_file.write_text(made.settings_file.read_text().replace("[imap]", written))
    with server.client() as staff:
        staff.create('"Taken killed"')
    yield folder / "hub"
    shutil.rmtree(folder, ignore_errors=True)


ONE_LOOK = """
import asyncio, sys
from pathlib import Path
from exchange import app, doors
from exchange.config import read
from exchange.pulling import Pulling

async def look():
    async with app.opened(read(Path(sys.argv[1]))) as exchange:
        box = doors.mailbox(exchange.settings)
        print(await Pulling(exchange.hub, box, lambda a: True, "referrals@hub.example").once())
        async with exchange.hub.database.reading(exchange.hub.scope()) as tx:
            from sqlalchemy import select, func
            from exchange.store import schema
            i = schema.inbox.c
            print(*[(r.again) for r in await tx.run(select(i.again))], sep=",")
        await box.close()

asyncio.run(look())
"""


async def one_look(home: Path, point: str = "") -> tuple[int, list[str]]:
    env = {**os.environ, **({"EXCHANGE_FAULT": point} if point else {})}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ONE_LOOK, str(home / "exchange.toml"), env=env, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode().split()


@pytest.mark.parametrize(
    "point",
    [pytest.param("inbox.before-commit", marks=pytest.mark.long), "pulling.taken",
     pytest.param("inbox.after-commit", marks=pytest.mark.long), "pulling.put-away"],
)  # fmt: skip
async def test_killed_at_this_step_the_mail_is_one(home: Path, server: Dovecot, point: str) -> None:
    before = await asyncio.to_thread(server.mails, '"Taken killed"')
    await asyncio.to_thread(server.deliver, mail(len(before)), "killed")
    assert (await one_look(home, point))[0] == -signal.SIGKILL
    code, (_, again) = await one_look(home)
    assert code == 0
    assert len(again.split(",")) == len(before) + 1  # one row a mail, never two, never none
    assert await asyncio.to_thread(server.mails, "killed") == {}
    assert len(await asyncio.to_thread(server.mails, '"Taken killed"')) == len(before) + 1


def test_settings_that_cannot_work_say_what_is_wrong(home: Path) -> None:
    settings = settings_of(home / "exchange.toml")
    assert mailbox(settings).access.folder == "killed"
    for change, told in (
        ({"host": ""}, "no shared mailbox"),
        ({"password_file": Path("nowhere")}, "name a file with the password"),
        ({"tls": "loopback", "host": "imap.hub.example"}, "loopback"),
    ):
        wrong = settings.model_copy(update={"imap": settings.imap.model_copy(update=change)})
        with pytest.raises(ConfigRefused, match=told):
            mailbox(wrong)
