"""The README's pictures, taken from the samples: `make screenshots`.

Runs the demo in a folder of its own, serves it, and takes This week and the page of the theme that
ranks first, each as it opens in a window of one size. Chromium and its fonts are the system's, so
another machine may draw other letters; all else is the same each time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from tests.browser.conftest import COMMAND, chromium, served

FOLDER = Path(__file__).parents[1] / "docs"
WIDTH, HEIGHT = 1280, 1280
MOST_BYTES = 300_000


def take(origin: str, folder: Path) -> dict[str, str]:
    """Takes the pictures of a server's pages; gives the address of each by its file's name."""
    with urlopen(f"{origin}/v1/friction-points?limit=1") as answer:
        first = json.load(answer)["items"][0]
    wanted = {"this-week.png": "/", "theme.png": str(first["links"]["page"])}
    folder.mkdir(parents=True, exist_ok=True)
    browser_file = chromium()
    if browser_file is None:
        sys.exit("screenshots need Chromium or Chrome on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_file, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            reduced_motion="reduce",
        )
        for name, address in wanted.items():
            page.goto(origin + address)
            content = page.screenshot(path=folder / name, animations="disabled", caret="hide")
            if len(content) > MOST_BYTES:
                sys.exit(f"{name} has {len(content):,} bytes; a page of text has fewer")
        browser.close()
    return wanted


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the demo unless `--home` names a store that is filled already."""
    parser = argparse.ArgumentParser(description="Take the README's pictures from the samples.")
    parser.add_argument("--home", type=Path, help="a home that the demo filled already")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the pictures")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="groundswell-screenshots-") as scratch:
        home = given.home
        if home is None:
            demo = [sys.executable, "-c", COMMAND, "--home", scratch, "demo", "--no-serve"]
            subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
            home = Path(scratch) / "demo"
        with served(home) as origin:
            for name, address in take(origin, given.out).items():
                print(f"{given.out / name}: {address}")


if __name__ == "__main__":
    main()
