"""What a URN says about itself."""

from __future__ import annotations

import pytest

from tap_linkedin_dma.api import urns


@pytest.mark.parametrize(
    ("urn", "kind", "key"),
    [
        ("urn:li:organization:42", "organization", "42"),
        ("urn:li:comment:(urn:li:activity:71,900)", "comment", "(urn:li:activity:71,900)"),
        ("urn:li:instantRepost:(urn:li:share:5,6)", "instantRepost", "(urn:li:share:5,6)"),
        ("42", "", "42"),
        ("urn:li:", "", "urn:li:"),
        ("xurn:li:share:1", "", "xurn:li:share:1"),
    ],
)
def test_kind_and_key_are_the_outermost(urn: str, kind: str, key: str) -> None:
    """The kind of a composite URN is not that of what it wraps; a bare number is its own key."""
    assert (urns.urn_type(urn), urns.key(urn)) == (kind, key)


@pytest.mark.parametrize(
    "urn",
    [
        "urn:li:share:7200000000000000001",
        "urn:li:ugcPost:7200000000000000001",
        "urn:li:instantRepost:(urn:li:share:6900000000000000001,7200000000000000001)",
    ],
)
def test_the_number_tells_the_time_of_creation(urn: str) -> None:
    """The number shifted right by 22 bits; a repost's own number is its last."""
    assert urns.created_ms(urn) == 7200000000000000001 >> 22


@pytest.mark.parametrize(
    "urn",
    [
        *("urn:li:person:abc-DEF", "", "urn:li:share:"),
        # A number too small for LinkedIn's time: it would pass for older than LinkedIn, and end a newest-first walk.
        *("urn:li:share:1", f"urn:li:ugcPost:{2**59}", "urn:li:groupPost:900-456", "urn:li:organization:90417283"),
        *(f"urn:li:{kind}:7200000000000000001" for kind in ("groupPost", "comment", "person", "organization")),
    ],
)
def test_a_urn_without_a_number_of_linkedins_time_tells_none(urn: str) -> None:
    """Not the epoch; the numbers of other kinds tell none either, however large they are."""
    assert urns.created_ms(urn) is None
