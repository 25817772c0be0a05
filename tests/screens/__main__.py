"""`make screenshots`: every page looked at, and a small picture of each kept in docs/screens.

Those in BOTH are pictured as on a telephone and at a desk, the others as most people see them: the desk at a desk,
the rest on a telephone. `ARGS="--folder F"` pictures every page both ways, uncut, into a folder.
Prints what each page weighs over the wire, and what a program finds wrong; ends with an error if there is anything.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.browser.tab import CHROMIUM, QUIET
from tests.screens.story import told
from tests.screens.tour import Fault, Tour

SCREENS = Path(__file__).parent.parent.parent / "docs" / "screens"
SIZES = (390, 1280)
TALLEST = 4000  # pixels: a queue of two hundred rows is not shown to its end
KEPT_TALLEST = 1200  # of those that are kept with the project
BOTH = frozenset(  # one of each sort
    {
        "start", "tell", "form-public-child-happened", "form-public-child-sent", "form-work-child-who-1",
        "form-work-child-check", "form-work-adult-harm-1", "form-young-0-safe", "receipt-read", "answer-x",
        "attend-x", "pickup-x", "nowhere", "desk-sign-in", "desk", "desk-silence", "desk-case-x", "desk-case-begun",
        "desk-case-x-ring-about", "desk-telephone", "desk-directory", "desk-admin", "desk-admin-agencies",
        "desk-admin-routes", "desk-admin-staff",
    }
)  # fmt: skip
COLOURS = "16"  # enough for letters and boxes, and a picture stays at some twenty kilobytes


def widths(name: str) -> tuple[int, ...]:
    """At which widths the picture of this page is kept."""
    return SIZES if name in BOTH else SIZES[1:] if name.startswith("desk") else SIZES[:1]


async def picture(page: Page, folder: Path, name: str, tallest: int, sizes: tuple[int, ...] = SIZES) -> None:
    """One page at these widths, once it is there."""
    await page.wait_for_load_state("load")
    for width in sizes:
        await page.set_viewport_size({"width": width, "height": 900})
        tall = await page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(tall, tallest)}
        await page.screenshot(path=folder / f"{name}-{width}.png", full_page=True, clip=clip)  # type: ignore[arg-type]


async def main(folder: Path, rows: int, check: bool, only: str = "", *, every: bool = True) -> list[Fault]:
    """Every page is looked at and pictured into `folder`, uncut or as it is kept; what was wrong."""
    with tempfile.TemporaryDirectory() as place:
        async with told(Path(place), rows) as story, async_playwright() as running:
            browser = await running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            tour = Tour(story, browser)
            async for name, page in tour.pages(only):
                if every:
                    await picture(page, folder, name, TALLEST)
                else:
                    await picture(page, folder, name, KEPT_TALLEST, widths(name))
                if check:
                    await tour.look(page)
                print(f"{tour.weight / 1024:6.1f} KB  {name}", flush=True)  # noqa: T201 - a command
            await browser.close()
            return tour.faults


def smaller(folder: Path) -> None:
    """Few colours, as pngquant makes them."""
    if not shutil.which("pngquant"):
        subprocess.run(["apt-get", "install", "-y", "-q", "pngquant"], check=True)
    for one in sorted(folder.glob("*.png")):
        subprocess.run(
            ["pngquant", "--force", "--nofs", "--strip", "--output", str(SCREENS / one.name), COLOURS, str(one)],
            check=True,
        )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=200, help="cases in the queue")
    asked.add_argument("--folder", type=Path, help="pictures go here, uncut, instead of to docs/screens")
    asked.add_argument("--no-check", action="store_true", help="pictures only")
    asked.add_argument("--only", choices=("public", "forms", "desk"), default="", help="one part of the tour")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        into = given.folder or Path(kept)
        into.mkdir(parents=True, exist_ok=True)
        wrong = asyncio.run(main(into, given.rows, not given.no_check, given.only, every=bool(given.folder)))
        if not given.folder:
            SCREENS.mkdir(exist_ok=True)
            for old in SCREENS.glob("*-[0-9]*.png") if not given.only else ():
                old.unlink()  # a page that is no more
            smaller(into)
    for fault in wrong:
        print(f"WRONG {fault}", file=sys.stderr)  # noqa: T201 - a command
    sys.exit(1 if wrong else 0)
