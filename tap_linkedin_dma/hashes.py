"""Many texts in little state: as numbers, or as short hashes, which do not say what the text was."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate

from tap_linkedin_dma.rows import chunks

NUMBER = 8
"""Bytes of the number in a URN."""

_BYTES = 5
"""Beside 100,000 texts, a new one looks like an old one once in ten million."""


def hashed(text: str) -> int:
    """A short number for a text, from which the text cannot be told."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=_BYTES).digest(), "big")


def pack(numbers: Iterable[int], size: int = _BYTES) -> str:
    """Numbers of so many bytes as text, hashes in less than five characters each: sorted, their distances compress.

    >>> unpack(pack([900, 5, 70000]))
    [5, 900, 70000]
    """
    ordered = sorted(numbers)
    distances = [after - before for before, after in zip([0, *ordered], ordered, strict=False)]
    raw = b"".join(distance.to_bytes(size, "big") for distance in distances)
    # High bytes beside high bytes: most are zeros.
    columns = b"".join(raw[place::size] for place in range(size))
    return base64.b85encode(zlib.compress(columns, 9)).decode()


def unpack(text: str, size: int = _BYTES) -> Sequence[int]:
    """The numbers that `pack` wrote, sorted."""
    columns = zlib.decompress(base64.b85decode(text))
    rows = zip(*chunks(columns, len(columns) // size or 1), strict=True)
    return list(accumulate(int.from_bytes(bytes(row), "big") for row in rows))
