"""Changes of mailboxes as the directory's stream tells them: never silent, and nobody's address or number in it.

1. A line for each mailbox that comes, goes, or is reached otherwise than before: address, transports, telephone, mail
   domains, agency, role, and where its one-time codes go.
2. What names a person or a place to reach them is a keyed digest: whoever has the hub file can compare, nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exchange.case.mailbox import Directory, Mailbox

_OPENLY = ("agency", "role", "transports")  # codes and ids
# Whoever gets the codes can read what is fetched.
_DIGESTED = ("address", "telephone", "domains", "codes_to")


def lines(
    before: Directory | None, after: Directory, digested: Callable[[str], str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """(kind, facts) of each line."""
    old = {m.id: _facts(m, digested) for m in before.mailboxes} if before else {}
    new = {m.id: _facts(m, digested) for m in after.mailboxes}
    for mailbox, facts in new.items():
        if mailbox not in old:
            yield "MailboxAdded", {"mailbox": mailbox, **facts}
        elif changed := {name: text for name, text in facts.items() if old[mailbox][name] != text}:
            was = {f"{name}_before": old[mailbox][name] for name in changed}
            yield "MailboxChanged", {"mailbox": mailbox, **changed, **was}
    for mailbox, facts in old.items():
        if mailbox not in new:
            yield "MailboxRemoved", {"mailbox": mailbox, **facts}


def _facts(mailbox: Mailbox, digested: Callable[[str], str]) -> dict[str, str]:
    texts = {
        "agency": mailbox.agency, "role": mailbox.role.value, "transports": ",".join(mailbox.transports),
        "address": mailbox.address.text, "telephone": mailbox.telephone, "domains": ",".join(mailbox.domains),
        "codes_to": ",".join(sorted({mailbox.code_to, *(s.code_to for s in mailbox.spocs)} - {""})),
    }  # fmt: skip
    return {name: texts[name] for name in _OPENLY} | {name: digested(texts[name]) for name in _DIGESTED}
