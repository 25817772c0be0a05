"""What a command prints arrives whole, however slowly it is read and however Python was told to buffer."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys

MUCH = """
import asyncio, sys
from exchange import cli
from exchange.cli_running import run

@cli.cli.command
def much():
    run(asyncio.sleep(0))
    print("x" * 300_000)

sys.argv = ["exchange", "much"]
cli.main()
"""


def test_a_slow_reader_gets_all_of_it_although_python_does_not_buffer() -> None:
    given, taken = os.pipe()
    fcntl.fcntl(taken, fcntl.F_SETPIPE_SZ, 4096)  # it is full at once
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([sys.executable, "-c", MUCH], stdout=taken, env=unbuffered) as command:
        os.close(taken)
        with contextlib.suppress(subprocess.TimeoutExpired):  # it must wait for its reader, and not end
            command.wait(timeout=2)
        octets = sum(iter(lambda: len(os.read(given, 65_536)), 0))
    os.close(given)
    assert octets == 300_001
    assert command.returncode == 0
