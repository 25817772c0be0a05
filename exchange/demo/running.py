"""`exchange demo`: set the stage, tell the story, then keep serving."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
from pathlib import Path

from exchange.demo.stage import SERVED_LOG, stage
from exchange.demo.story import MEMBER, SIGN_IN_FILE, StepFailed, Story

ONE_TIME_CODE = "one-time code for "  # how a line of the log begins that shows one
LOOKS = 0.5  # seconds between looks at that log


async def demo(once: bool) -> int:
    """Tell the story; the exit code."""
    print("Setting up a hub, four agencies and a surgery, each with a key of its own...", flush=True)
    async with stage() as made:
        password = secrets.token_urlsafe(9)
        (made.folder / SIGN_IN_FILE).write_text(password)
        await made.set_up()
        codes_on_the_terminal(made.folder / "hub" / "exchange.toml")
        await made.command(
            "staff", "add", MEMBER, "--roles", "hub_manager", "--password-file", str(made.folder / SIGN_IN_FILE)
        )
        for domain in ("health.example", "police.example"):
            made.publish_dkim(domain)
        await made.serve()
        try:
            await Story(made, lambda line: print(line, flush=True)).tell()
        except StepFailed as failed:
            print(f"FAILED at {failed}", flush=True)
            return 1
        print("Every step held.")
        if once:
            return 0
        print(f"\nReferral form   {made.base_url}/")
        print(f"Receipt page    {made.base_url}/receipt")
        print(f"Hub desk        {made.base_url}/desk      name {MEMBER}, password {password}")
        print(f"Mail to         127.0.0.1:{made.mail_port} (SMTP)")
        print(f"Maildirs        {made.folder / 'mail'}      for example: mutt -f {made.folder / 'mail'}/ADDRESS")
        print("To open a packet as its agency does, with that agency's own key:")
        for agency, person in made.people.items():
            packets = [m.path for m in made.relay.mails(person.address) if b"BEGIN PGP MESSAGE" in m.content]
            if person.gpg and packets:
                print(f"  {agency:15} gpg --homedir {person.gpg.home} --decrypt {packets[0]}")
        print(f"Settings        {made.environment['EXCHANGE_CONFIG']}")
        print("One-time codes of the pick-up page are shown here. Ctrl-C ends it and removes everything.", flush=True)
        told = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, told.set)
        shows = asyncio.create_task(show_codes(made.folder / SERVED_LOG))
        with contextlib.suppress(asyncio.CancelledError):
            await told.wait()
        shows.cancel()
    return 0


def codes_on_the_terminal(settings: Path) -> None:
    """In the settings, not in the environment: commands that a newcomer runs read them too."""
    text = settings.read_text()
    settings.write_text(text.replace('# sender = "http"', 'sender = "console"', 1))


async def show_codes(log: Path, looks: float = LOOKS) -> None:
    """What the served exchange sends to "its terminal" goes to a file here: the codes are shown on the demo's own."""
    with log.open() as lines:
        while True:
            for line in lines:
                if line.startswith(ONE_TIME_CODE):
                    print(line.rstrip(), flush=True)
            await asyncio.sleep(looks)
