"""LinkedIn's consent page without a browser: `python -m tests.support.consent_page allow ADDRESS` presses a button."""

from __future__ import annotations

import re
import sys

import requests


def press(url: str, button: str) -> str:
    """Where the page sends the browser of a person who presses this button; "" if it sends it nowhere."""
    page = requests.get(url, allow_redirects=False, timeout=10)
    if page.status_code == 200:
        asked = re.search(r'name="asked" value="([^"]+)"', page.text)
        assert asked
        form = {"asked": asked[1], "answer": button}
        submit = f"{url.partition('/oauth/')[0]}/oauth/v2/authorization-submit"
        page = requests.post(submit, data=form, allow_redirects=False, timeout=10)
    return page.headers.get("Location", "")


if __name__ == "__main__":
    print("Opening in existing browser session.")  # noqa: T201  # as a launcher does
    requests.get(press(sys.argv[2], sys.argv[1]), timeout=60)
