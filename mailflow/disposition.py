"""Read receipts (RFC 8098): shown beside a leg where they are valid, counted for nothing anywhere."""

from __future__ import annotations

from mailflow.parsed_mail import ParsedMail


def is_read_receipt(mail: ParsedMail) -> bool:
    """Whether the mail is a message disposition notification, of whatever disposition."""
    if any(part.content_type == "message/disposition-notification" for part in mail.parts):
        return True
    wanted = dict(mail.content_params).get("report-type", "").lower()
    return mail.content_type == "multipart/report" and wanted == "disposition-notification"
