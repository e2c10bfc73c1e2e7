"""Many texts in little state: as numbers, or as short hashes, which do not reveal the text."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from tap_linkedin_dma.api.batch_get import batched

NUMBER_BYTES = 8
"""Bytes of the number in a URN."""

_BYTES = 5
"""Bytes of a short hash: among 100,000 texts, a new one is taken for an old one once in ten million."""


def short_hash(text: str, key: str = "") -> int:
    """A short number for a text; with a key, nobody without it can look for a text that is known."""
    # BLAKE2 takes a key of at most 64 bytes.
    key_bytes = hashlib.sha256(key.encode()).digest() if key else b""
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=_BYTES, key=key_bytes).digest()
    return int.from_bytes(digest, "big")


def pack(numbers: Iterable[int], size: int = _BYTES) -> str:
    """Numbers of `size` bytes as text, hashes in less than five characters each: sorted, their distances compress.

    >>> unpack(pack([900, 5, 70000]))
    [5, 900, 70000]
    """
    ordered = sorted(numbers)
    distances = [after - before for before, after in zip([0, *ordered], ordered, strict=False)]
    raw = b"".join(distance.to_bytes(size, "big") for distance in distances)
    # All high bytes together: most are zeros.
    columns = b"".join(raw[place::size] for place in range(size))
    return base64.b85encode(zlib.compress(columns, 9)).decode()


class Hashes:
    """The hashes of many texts, in parts in the state: adding to a part costs little, however many there are.

    Args:
        state: the part of the state that holds them; it is written to.
        name: their key in it.
    """

    def __init__(self, state: dict[str, Any], name: str) -> None:
        self._state = state
        self._name = name
        self._parts: list[str] = list(state.get(name, []))
        self._all = {number for part in self._parts for number in unpack(part)}
        self._open: list[int] = []
        self.began_empty = not self._all
        """Whether the state held none."""

    def __contains__(self, text: str) -> bool:
        return short_hash(text) in self._all

    def add(self, texts: Iterable[str]) -> None:
        """Add these texts."""
        new = {short_hash(text) for text in texts} - self._all
        if new:
            self._all |= new
            self._open += new
            self._state[self._name] = [*self._parts, pack(self._open)]
        if len(self._open) >= _LARGEST_PART:
            self._parts, self._open = self._state[self._name], []

    def keep_only(self, texts: Iterable[str]) -> None:
        """Remove all texts except these."""
        self._all &= {short_hash(text) for text in texts}
        self._parts, self._open = [pack(self._all)] if self._all else [], []
        self._state[self._name] = self._parts


_LARGEST_PART = 1000


def unpack(text: str, size: int = _BYTES) -> Sequence[int]:
    """The numbers that `pack` wrote, sorted."""
    columns = zlib.decompress(base64.b85decode(text))
    rows = zip(*batched(columns, len(columns) // size or 1), strict=True)
    return list(accumulate(int.from_bytes(bytes(row), "big") for row in rows))
