"""What stands in for a person at a browser: Chromium without a window.

The test that logs in names it in BROWSER: `python -m tests.support.browser allow %s`. `make picture` calls it as
`python -m tests.support.browser picture PAGE PNG`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

# Without a sandbox since CI is root, and without what it would look for on the internet.
_OPTIONS = """
    --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars
"""


@contextmanager
def chromium(width: int = 1200, height: int = 900) -> Iterator[Chrome]:
    """A browser whose page is this large, in pixels."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for option in _OPTIONS.split():
        options.add_argument(option)
    with Chrome(options, Service(DRIVER)) as browser:
        resize(browser, width, height)
        yield browser


def resize(browser: Chrome, width: int, height: int = 900) -> None:
    """Make the page this large; a window could not be as narrow."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def press(button: str, address: str) -> None:
    """Open LinkedIn's page, press one of its buttons, wait until it has led back to the tap, and print the heading."""
    with chromium() as browser:
        browser.get(address)
        browser.find_element(By.CSS_SELECTOR, f"button[value={button}]").click()
        WebDriverWait(browser, 30, 0.05).until(lambda shown: shown.title == "tap-linkedin-dma")
        print(browser.find_element(By.TAG_NAME, "h1").text)  # noqa: T201


def picture(page: str, png: str) -> None:
    """Save the top of a report as a picture."""
    with chromium(width=1000, height=880) as browser:
        browser.get(Path(page).resolve().as_uri())
        charts_are_drawn(browser)
        browser.save_screenshot(png)


def charts_are_drawn(browser: Chrome) -> None:
    """Wait until each chart of a report is drawn."""
    missing = "return document.querySelectorAll('.chart:not(:has(svg))').length"
    WebDriverWait(browser, 60, 0.1).until(lambda shown: shown.execute_script(missing) == 0)


if __name__ == "__main__":
    if sys.argv[1] == "picture":
        picture(*sys.argv[2:])
    else:
        press(*sys.argv[1:])
