"""Whether a mail was given up because its time ran out, and no server ever refused it.

The difference matters to whoever rings: the address may be right, and their mail system be in trouble.
"""

from __future__ import annotations

import re

LONGEST = 4_000  # characters of the words that are looked at
_STATUSES = frozenset({"4.4.1", "4.4.2", "4.4.7", "5.4.7"})  # RFC 3463 3.5: no answer, line lost, time expired
_NO_TIME_LEFT = re.compile(
    r"\b(?:message|mail|delivery|queue|envelope|time)[\w .:-]{0,20}\b(?:expired|timed? ?out)"
    r"|\b(?:connect\w*|operation|conversation|session|request|open)[\w .\[\]:,-]{0,60}timed? ?out"
    r"|timed? ?out[\w ]{0,20}(?:connect|while|waiting)|: timed out|retry time (?:not reached|exceeded)"
    r"|retry timeout exceeded|in the queue too long|too long in the queue|multiple (?:retries|attempts)"
    r"|(?:did not|is not|not) respond|no (?:answer|response) from"
    r"|(?:deliver\w*|sen[dt]\w*|collected)[\w ]{0,40} (?:for|within|in|after)(?: the)?(?: last| past"
    r"| more than)* \d+ "
    r"(?:sec|min|hour|day)|message for \d+ (?:hours|days)|did not accept our requests to connect"
    r"|(?:is|was|are|host) not reachable|Zeitüberschreitung|délai (?:d'attente )?(?:dépassé|expiré)"
    r"|tiempo de (?:espera|entrega) (?:agotado|expirado)|przekroczon\w+ czas|時間内",
    re.IGNORECASE,
)
# A server's own refusal, or another reason, whatever is said of the time: reply codes that are not about time.
_REFUSED = re.compile(
    r"(?<![\d.\[])(?:5\d\d(?![ -]#?[45]\.4\.[1247])"
    r"|4\d\d(?![ -]#?4\.4\.[1247])(?!.{0,80}timed? ?out))[ -]#?[A-Za-z45]"
    r"|quota|mailbox[\w ]{0,10}full|user unknown|no such|domain is not|disk space|connection refused|lookup fail"
    r"|(?:host|domain|server)[\w ]{0,12} not found|unknown host",
    re.IGNORECASE,
)


def ran_out(status: str, words: str) -> bool:
    """By the status code (RFC 3463) and the words of a report that says it gave up."""
    told = " ".join(words[:LONGEST].split())
    timely = status in _STATUSES or bool(_NO_TIME_LEFT.search(told))
    return timely and not _REFUSED.search(told)
