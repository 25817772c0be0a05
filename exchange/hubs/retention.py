"""The retention rows of a hub file: how long each type of record is kept, and from when."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.case.disposal import Keep, RecordType, Since
from exchange.hubs import shapes
from exchange.hubs.reading import Table

# Nobody's: no row of these can be counted from somebody's birth or decision.
_OF_NOBODY = (RecordType.TRANSPORT, RecordType.CONSULTATION)
_OF_SOMEBODY = (Since.BIRTH, Since.DECIDED)


def schedule(root: Table) -> Iterator[Keep]:
    """The rows, in the order of the file. A type of record without a row is kept for ever."""
    seen: list[tuple[RecordType, Since]] = []
    for row in root.rows("retention", needed=False):
        years, days = row.need("keep", shapes.LIFETIME)
        keep = Keep(row.need("record", shapes.RECORD), row.need("from", shapes.SINCE), years, days)
        if row.sound("from") and keep.record in _OF_NOBODY and keep.since in _OF_SOMEBODY:
            row.fault("from", f"nobody is {keep.since} in {keep.record} records", "write closed or last_contact")
        if row.sound("record") and (keep.record, keep.since) in seen:
            row.fault("record", "a row of this record and start stands above", "take one out")
        seen.append((keep.record, keep.since))
        yield keep
