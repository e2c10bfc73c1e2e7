"""Members: a number each, an opaque id, and whether they let page owners export what they do."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import count
from typing import Any

from .draw import mix, unmix


def person(seed: int, member: int) -> str:
    """The person URN of a member: opaque, 11 characters, different for every member of a seed."""
    return "urn:li:person:" + urlsafe_b64encode(mix(seed ^ member).to_bytes(8, "big"))[:11].decode()


def consents(seed: int, member: int) -> bool:
    """Whether a member lets page owners export the member's data; three in ten do not."""
    return mix(seed, member, 7) % 10 >= 3


def willing(seed: int, start: int, *, wants: bool = True) -> int:
    """The first member from `start` on who consents, or with `wants` False the first who does not."""
    return next(member for member in count(start) if consents(seed, member) is wants)


def various(seed: int, place: int) -> int:
    """A member of one's own for each place; of any three in a row the last does not consent."""
    return willing(seed, 300 + 20 * place, wants=place % 3 != 2)


def named(seed: int, member: int) -> str | None:
    """The person URN of a member who consents."""
    return person(seed, member) if consents(seed, member) else None


def stamp(seed: int, member: int, time: int, impersonator: int | None = None) -> dict[str, Any]:
    """An audit stamp; whoever does not consent is left out of it, the time in ms stays."""
    found: dict[str, Any] = {"time": time}
    if consents(seed, member):
        found["actor"] = person(seed, member)
    if impersonator is not None and consents(seed, impersonator):
        found["impersonator"] = person(seed, impersonator)
    return found


def member_of(seed: int, urn: str) -> int | None:
    """The member behind a person URN; None where no member of this seed has it."""
    try:
        mixed = urlsafe_b64decode(urn.rpartition(":")[2] + "=")
    except ValueError:
        return None
    member = unmix(int.from_bytes(mixed, "big")) ^ seed
    return member if person(seed, member) == urn else None
