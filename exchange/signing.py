"""Signing: the DKIM signature of the hub's domain, put on whatever leaves before it is kept or sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from exchange.case.sealed import PublicNotice, Sealed, Sendable, TlsOnly, ToFetch
from mailflow.dkim_signing import DkimSigner

_S = TypeVar("_S", Sealed, TlsOnly, PublicNotice, Sendable)


@dataclass(frozen=True, slots=True)
class Signing:
    """What signs; nothing, where the settings name no key: then the relay may."""

    signer: DkimSigner | None = None

    def signed(self, what: _S, at: datetime) -> _S:
        """The same message, signed."""
        return replace(what, message=self.signer.signed(what.message, at)) if self.signer else what

    def of_letter(self, what: Sendable | ToFetch, at: datetime) -> Sendable | ToFetch:
        """Of what is to be fetched only the notice travels."""
        if isinstance(what, ToFetch):
            return replace(what, notice=self.signed(what.notice, at))
        return self.signed(what, at)


UNSIGNED = Signing()
