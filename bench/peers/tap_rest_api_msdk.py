"""tap-rest-api-msdk: a Singer tap that is told an API in its settings. A stream of it has no children."""

from __future__ import annotations

import json
from pathlib import Path

from bench.contenders import Contender, Place
from bench.environments import Environment
from bench.workloads import PAGE

ENVIRONMENT = Environment("tap-rest-api-msdk")
SETTINGS = Path(__file__).with_name("tap_rest_api_msdk.json")


def command(place: Place) -> list[str]:
    """Its settings stand in the file beside this one, but for those that the sandbox decides."""
    settings = json.loads(SETTINGS.read_text())
    settings |= {"api_url": place.sandbox.url, "bearer_token": place.sandbox.token}
    settings["streams"][0]["params"]["followee"] = PAGE
    return [ENVIRONMENT.program("tap-rest-api-msdk"), "--config", place.write("tap_rest_api_msdk.json", settings)]


TAP_REST_API_MSDK = Contender("tap-rest-api-msdk", command, "A", ENVIRONMENT, becomes=None)
