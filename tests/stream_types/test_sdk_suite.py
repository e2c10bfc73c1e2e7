"""The Singer SDK's standard tests of a tap, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.runs import settings

CONFIG: dict[str, Any] = dict.fromkeys(("access_token", "member_access_token"), "set when the sandbox runs")


@pytest.fixture(scope="module", autouse=True)
def serving() -> Iterator[None]:
    """The sandbox's address is known only now; the tap is made from the settings later."""
    with Sandbox(World(posts=12, followers=30, seed=5)) as sandbox:
        CONFIG.update(settings(sandbox, member_access_token=sandbox.member_token))
        yield


def whole_catalog() -> dict[str, Any]:
    """The discovered catalog with every stream selected."""
    catalog: dict[str, Any] = TapLinkedInDMA(config=CONFIG, setup_mapper=False).catalog_dict
    roots = (item for stream in catalog["streams"] for item in stream["metadata"] if not item["breadcrumb"])
    for root in roots:
        root["metadata"]["selected"] = True
    return catalog


TestTapLinkedInDMA = get_tap_test_class(
    tap_class=TapLinkedInDMA,
    config=CONFIG,
    catalog=whole_catalog(),
    suite_config=SuiteConfig(ignore_no_records_for_streams=[]),
)
