"""What stands in for a person at a browser: Chromium without a window, which presses one button.

The test that logs in names it in BROWSER: `python -m tests.support.browser allow %s`.
"""

from __future__ import annotations

import shutil
import sys

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

# Without a sandbox since CI is root, and without what it would look for on the internet.
_OPTIONS = """
    --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage
"""


def press(button: str, address: str) -> None:
    """Open LinkedIn's page, press one of its buttons, wait until it has led back to the tap, and print the heading."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for option in _OPTIONS.split():
        options.add_argument(option)
    with Chrome(options, Service(DRIVER)) as browser:
        browser.get(address)
        browser.find_element(By.CSS_SELECTOR, f"button[value={button}]").click()
        WebDriverWait(browser, 30, 0.05).until(lambda shown: shown.title == "tap-linkedin-dma")
        print(browser.find_element(By.TAG_NAME, "h1").text)  # noqa: T201


if __name__ == "__main__":
    press(*sys.argv[1:])
