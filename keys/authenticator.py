"""The app that shows a person six digits, anew each half minute (TOTP, RFC 6238)."""

from __future__ import annotations

from datetime import datetime

import pyotp

STEP = 30  # seconds a code is shown
_AROUND = (0, -1, 1)  # half minutes before and after that count too: clocks differ, and people type (RFC 6238 5.2)


def new() -> str:
    """A new secret, as apps take it: base32, 160 bits (RFC 4226 4, R6)."""
    return pyotp.random_base32(32)


def address(secret: str, shown: str, service: str) -> str:
    """What an app reads from a square: `otpauth://totp/...`."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=shown, issuer_name=service)


def step(secret: str, typed: str, now: datetime) -> int | None:
    """The half minute whose code was typed; None for a wrong one."""
    digits = "".join(c for c in typed if c.isdigit())
    app, present = pyotp.TOTP(secret, interval=STEP), int(now.timestamp()) // STEP
    return next((present + by for by in _AROUND if pyotp.utils.strings_equal(digits, _code(app, present + by))), None)


def _code(app: pyotp.TOTP, at: int) -> str:
    return app.generate_otp(at)
