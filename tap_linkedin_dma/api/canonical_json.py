"""JSON with one text for one value, and digests of it; pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

EXPIRING = ("downloadUrl", "downloadUrlExpiresAt", "download_url", "download_url_expires_at")

_canonical = msgspec.json.Encoder(order="sorted", decimal_format="number", enc_hook=str).encode


def digest(element: Mapping[str, Any]) -> str:
    """The SHA-256 of an element's canonical JSON, in hex; expiring links do not count.

    >>> digest({"b": 1, "a": {"downloadUrl": "x"}}) == digest({"a": {"downloadUrl": "y"}, "b": 1})
    True
    """
    canonical = canonical_json(element)
    if b'"download' in canonical:
        canonical = canonical_json(_lasting(element))
    return hashlib.sha256(canonical).hexdigest()


def exact_digest(value: object) -> str:
    """The SHA-256 of a value's canonical JSON, in hex; all of it counts."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8.

    >>> canonical_json({"b": 1.5, "a": "é"}).decode()
    '{"a":"é","b":1.5}'
    """
    try:
        return _canonical(value)
    except UnicodeEncodeError:  # half of a character that was cut in two
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
        return text.encode(errors="surrogatepass")


def _lasting(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _lasting(child) for name, child in value.items() if name not in EXPIRING}
    if isinstance(value, list):
        return [_lasting(child) for child in value]
    return value
