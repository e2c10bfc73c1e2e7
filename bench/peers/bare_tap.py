"""The least that is a tap by the Singer SDK: one stream of one column; it runs where this tap is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap
from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Iterable


class BareStream(Stream):
    """Has no records."""

    name = "bare"
    schema = th.PropertiesList(th.Property("id", th.StringType, required=True)).to_dict()

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:
        """Nothing."""
        return ()


class BareTap(Tap):
    """Has one stream."""

    name = "tap-bare"
    config_jsonschema = th.PropertiesList(th.Property("token", th.StringType)).to_dict()

    def discover_streams(self) -> list[Stream]:
        """The one."""
        return [BareStream(self)]


if __name__ == "__main__":
    BareTap.cli()
