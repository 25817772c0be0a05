"""`exchange demo`: set the stage, tell the story, then keep serving."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal

from exchange.demo.stage import stage
from exchange.demo.story import MEMBER, SIGN_IN_FILE, StepFailed, Story


async def demo(once: bool) -> int:
    """Tell the story; the exit code."""
    print("Setting up a hub, four agencies and a surgery, each with a key of its own...", flush=True)
    async with stage() as made:
        password = secrets.token_urlsafe(9)
        (made.folder / SIGN_IN_FILE).write_text(password)
        await made.set_up()
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
        print("Ctrl-C ends it and removes everything.", flush=True)
        told = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, told.set)
        with contextlib.suppress(asyncio.CancelledError):
            await told.wait()
    return 0
