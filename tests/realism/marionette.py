"""Marionette: how Mozilla's programs are driven from outside; each message is its length, a colon and JSON.

1. A command is [0, number, name, parameters], its answer [1, number, error, result]: one at a time.
2. Scripts run with the program's own rights ("chrome"), so this is for a profile that holds nothing of anybody's.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

PATIENCE = 60.0  # seconds for one command
# Programs of this kind do most things later, and tell nobody: `until` asks again until it is so.
_AROUND = """
const done = arguments[arguments.length - 1], args = Array.from(arguments).slice(0, -1);
const until = async (holds, what) => {
  for (const end = Date.now() + 50000; Date.now() < end; await new Promise(then => setTimeout(then, 50))) {
    const found = holds();
    if (found) return found;
  }
  throw new Error(`in 50 s it did not come about that ${what}`);
};
(async () => { BODY })().then(value => done([value ?? null, ""]), wrong => done([null, `${wrong} ${wrong.stack}`]));
"""


class Refused(Exception):
    """The program did not do it; the text is what it said."""


class Marionette:
    """One connection to one program."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._number = reader, writer, 0

    @classmethod
    async def open(cls, port: int) -> Marionette:
        """Begin a session that works on the program's own windows."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        made = cls(reader, writer)
        await made._read()  # it says its name first
        await made.command("WebDriver:NewSession")
        await made.command("WebDriver:SetTimeouts", script=int(PATIENCE * 1000))
        await made.command("Marionette:SetContext", value="chrome")
        return made

    async def command(self, name: str, **parameters: Any) -> Any:
        """One command; its result. Raises Refused."""
        self._number += 1
        octets = json.dumps([0, self._number, name, parameters]).encode()
        self._writer.write(b"%d:%b" % (len(octets), octets))
        await self._writer.drain()
        _, number, error, result = await asyncio.wait_for(self._read(), PATIENCE + 10)
        if number != self._number:
            raise Refused(f"{name}: the answer is to another command")
        if error:
            raise Refused(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and list(result) == ["value"] else result

    async def script(self, body: str, *arguments: Any) -> Any:
        """The value that an async function of this body returns; `args` are the arguments."""
        wrapped = _AROUND.replace("BODY", body)
        value, wrong = await self.command("WebDriver:ExecuteAsyncScript", script=wrapped, args=arguments)
        if wrong:
            raise Refused(wrong)
        return value

    async def window(self, handle: str) -> None:
        """Work on another window."""
        await self.command("WebDriver:SwitchToWindow", handle=handle)

    async def screenshot(self) -> bytes:
        """The window as it looks, as a PNG."""
        return base64.b64decode(await self.command("WebDriver:TakeScreenshot", full=True, hash=False))

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def _read(self) -> Any:
        length = await self._reader.readuntil(b":")
        return json.loads(await self._reader.readexactly(int(length[:-1])))
