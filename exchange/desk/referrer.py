"""The referrer on the telephone: given the receipt code.

1. A receipt code is read out to nobody of whom it is not written down who they said they were and how that was
   checked. That it was shown to staff stands in the stream of access as well.
"""

from __future__ import annotations

from exchange import content
from exchange.case.feedback import ReceiptCodeGiven
from exchange.desk.act import caller_at
from exchange.desk.given import Given
from exchange.desk.working import Desk
from exchange.policy import Action, require
from exchange.store import journal, receipts
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction


async def receipt_code(desk: Desk, case: str, given: Given, cause: str) -> str:
    """The code that opens the receipt page of the case, for reading out. Raises Forbidden, Unfit."""
    require(desk.viewer, Action.TELL_REFERRER)
    who, code = await caller_at(desk, given), desk.hub.codes.receipt(case)

    async def with_code(tx: Transaction, recorded: Recorded) -> None:
        await receipts.put(tx, desk.hub.codes.receipt_digest(code), case)

    event, parts = ReceiptCodeGiven(desk.now(), desk.viewer.id), {content.WHO: who.part()}
    await desk.hub.record(case, event, cause, parts, actor=desk.viewer.id, also=with_code)
    await desk.hub.note(journal.ACCESS, "ReceiptCodeShown", desk.viewer.id, case=case)
    return code
