"""Chance that gives the same again: everything the world holds is drawn from its seed and a key."""

from __future__ import annotations

import random
from typing import Final

MASK: Final = 2**64 - 1


def draw(*key: object) -> random.Random:
    """A generator of its own for this key."""
    return random.Random("/".join(map(str, key)))


FIRST_STEP, SECOND_STEP, START = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15


def mix(*numbers: int) -> int:
    """64 bits that look like chance; far cheaper than `draw`, for rows by the million.

    Source: the finalizer of splitmix64, https://prng.di.unimi.it/splitmix64.c
    """
    value = 0
    for number in numbers:
        value = (value * 31 + number + START) & MASK
        value = ((value ^ (value >> 30)) * FIRST_STEP) & MASK
        value = ((value ^ (value >> 27)) * SECOND_STEP) & MASK
        value ^= value >> 31
    return value


def unmix(value: int) -> int:
    """The one number that `mix` made into this value."""
    value ^= (value >> 31) ^ (value >> 62)
    value = (value * pow(SECOND_STEP, -1, MASK + 1)) & MASK
    value ^= (value >> 27) ^ (value >> 54)
    value = (value * pow(FIRST_STEP, -1, MASK + 1)) & MASK
    value ^= (value >> 30) ^ (value >> 60)
    return (value - START) & MASK


def serial(*numbers: int) -> int:
    """An id of 19 digits, as LinkedIn's are."""
    return 7 * 10**18 + mix(*numbers) % 10**17
