"""Words that are read out over a telephone and typed by tired people: plain, each unlike the others, about nothing.

1. The order is part of the meaning: what was derived by place stays right only while no word moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

WORDS = tuple(
    """
    acorn album almond anchor antler apple apron arrow aspen atlas attic autumn bagpipe bakery balcony balloon bamboo
    banjo banner barley barrel basket bassoon beacon bedrock beetle bicycle biscuit blanket blossom bonnet bottle
    boulder bracelet bramble breakfast bronze bucket bumper button cabbage cabin cactus calendar camera candle canvas
    canyon caramel cardboard carpet carrot castle cedar cellar chalk charcoal cherry chestnut chimney chisel cinema
    cinnamon circus clarinet clover cobalt coconut coffee compass copper coral cottage cotton cracker crayon cricket
    crimson crystal cucumber cupboard curtain cushion daffodil daisy dancer desert diamond dolphin domino dragon
    drummer eagle easel echo elephant ember emerald engine envelope fabric falcon farmer feather ferry fiddle finch
    flamingo flute forest fossil fountain galaxy garden garlic ginger giraffe glacier granite gravel guitar hammock
    harbour harvest hazel hedgehog helmet heron hexagon honey horizon hotel iceberg indigo island ivory jacket jasmine
    jelly jersey jigsaw jungle juniper kayak kettle kingdom kitchen ladder lantern laundry lavender lemon lettuce
    library lilac lion lobster locket lumber magnet mango maple marble market meadow melon mermaid meteor mirror
    mitten monsoon mosaic muffin mushroom mustard napkin nectar nettle nickel nutmeg ocean olive onion opal orange
    orbit orchard otter oyster paddle palace pancake panda parcel parsley pebble pelican pencil pepper piano picnic
    pigeon pillow planet plaster pocket pony poppy porridge postcard pottery pudding pumpkin puzzle pyramid quilt
    rabbit radish rainbow raisin ribbon river robin rocket rosemary saddle saffron salmon sapphire satchel seagull
    silver spinach squirrel sunflower tapestry teapot thimble tiger toffee tomato trumpet tulip turnip turtle umbrella
    valley vanilla velvet violin volcano waffle walnut willow yellow zebra
    """.split()  # noqa: SIM905 - read as prose, one to a line is 256 lines
)
_WORD = re.compile(r"[a-z]+")


def spoken(octets: bytes) -> str:
    """A word for each octet."""
    return " ".join(WORDS[octet] for octet in octets)


def runs(text: str, length: int) -> Iterator[str]:
    """Every run of so many words of the list, one after the other, with quote marks, commas or line ends between."""
    found = _WORD.findall(text.lower())
    for n in range(len(found) - length + 1):
        run = found[n : n + length]
        if all(word in _KNOWN for word in run):
            yield " ".join(run)


_KNOWN = frozenset(WORDS)
