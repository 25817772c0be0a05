"""What the forms of a case's page offer: codes with their words, gathered from each family of acts.

1. Two families never give the same list: whichever came last would stand in the other's form, and an act could not be
   done. It is refused when the page is made, on any case, so a test of one page finds it.
"""

from __future__ import annotations

from collections.abc import Mapping

Offered = dict[str, list[dict[str, str]]]
Family = Mapping[str, Mapping[str, str]]  # name of the list -> code -> words


def together(*families: Family) -> Offered:
    """All lists by name, as a form's controls take them. Raises ValueError for a name that two families give."""
    found: Offered = {}
    for family in families:
        for name, of in family.items():
            if name in found:
                raise ValueError(f"two families of choices give “{name}”: call one of them otherwise")
            found[name] = [{"value": code, "text": text} for code, text in of.items()]
    return found
