"""The profiles of selection that docs may show: made from the data classes of the columns."""

from __future__ import annotations

from generate.profiles import columns_of_persons, profiles
from tap_linkedin_dma.config.settings import SCHEMA
from tap_linkedin_dma.streams import STREAMS


def test_figures_have_no_column_of_a_person() -> None:
    """Nor rows that are one's; each pattern names what there is, and the settings of a profile are the tap's."""
    selected = [pattern.split(".") for pattern in profiles()["figures"].select]
    streams = {stream.name: stream for stream in STREAMS}
    for name, column in selected:
        stream = streams[name]
        assert column == "*" or column in stream.schema["properties"]
        assert not columns_of_persons(stream) & ({*stream.schema["properties"]} if column == "*" else {column})
    names = {name for name, _ in selected}
    assert names >= {"organizations", "posts", "follower_trend", "social_metadata"}
    assert not names & {"followers", "comments", "reactions", "people", "messages", "lead_gen_form_responses", "me"}
    assert {setting for profile in profiles().values() for setting in profile.settings} <= SCHEMA["properties"].keys()
