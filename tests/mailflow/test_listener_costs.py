"""What a message costs the process that receives everybody's mail."""

from __future__ import annotations

import time

from mailflow.listener import Listener
from tests.mailflow.octets import OURS, Client, Taken


async def test_a_message_of_lines_that_end_in_dots_costs_no_more_than_others() -> None:
    content = b"a.\r\n" * 4_000_000
    taken = Taken()
    listener = Listener(taken, lambda address: address == OURS, "mx.hub.example")
    client = await Client.connect(await listener.start("127.0.0.1", 0))
    await client.begin()
    await client.say(b"DATA")
    before = time.process_time()
    client.writer.write(content + b".\r\nNOOP\r\nQUIT\r\n")
    assert (await client.reply()).startswith("250 2.0.0")
    assert time.process_time() - before < 2  # both ends
    behind = [(await client.reply())[:3] for _ in range(2)]
    assert behind == ["250", "221"]  # what came behind the dot is obeyed
    assert [got for _, got in taken.mails] == [content]
    await client.close()
    await listener.stop()
