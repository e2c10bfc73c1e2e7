"""Words for the invented company's posts and comments, in LinkedIn's "little text" where it is a plain string."""

from __future__ import annotations

from random import Random
from typing import Any

OPENINGS = (
    "We shipped a new release today",
    "Our lab opened its doors this week",
    "Three lessons from a year of field tests",
    "Meet the team behind the pump controller",
    "What does a quiet workshop sound like?",
    "Grüße aus der Werkstatt, ja wirklich 🚀",
    "A customer asked us a simple question",
    "We are looking for a tinkerer",
)
MIDDLES = (
    "It took 14 months and one lost screwdriver.",
    "Thanks to everyone who wrote \\(and rewrote\\) the manual.",
    "The numbers: 38 % less noise, 12 % less power.",
    "Read the notes, then tell us what we missed.",
    "With @[Quiet Pumps Guild](urn:li:organization:77) at our side.",
    "Sources and drawings are free \\[for now\\].",
)
TAGS = ("{hashtag|\\#|opensource}", "{hashtag|\\#|engineering}", "{hashtag|\\#|hiring}", "{hashtag|\\#|wasserkraft}")
REPLIES = (
    "Congratulations to the team!",
    "How does it behave below freezing?",
    "We use the old one every day.",
    "Bravo, très bien fait.",
    "Is there a version for 60 Hz?",
    "Not convinced, but curious.",
    "Thank you, more next week.",
    "😀👏",
)


def little_text(chance: Random) -> str:
    """A post's commentary as LinkedIn stores it: hashtags, mentions and backslash escapes marked up."""
    parts = [chance.choice(OPENINGS) + ".", *chance.sample(MIDDLES, chance.randint(1, 2)), chance.choice(TAGS)]
    return "\n\n".join(parts)


def attributed_text(chance: Random, person: str | None) -> dict[str, Any]:
    """Commentary as text with attributes; without consent the mention of `person` is not among them."""
    name = "Robin Example"
    text = f"{chance.choice(OPENINGS)}. Thank you {name}!"
    start = text.index(name)
    attributes: list[dict[str, Any]] = [{"start": 0, "length": 2, "value": {"style": "BOLD"}}]
    if person is not None:
        attributes.append({"start": start, "length": len(name), "value": {"person": {"person": person}}})
    return {"text": text, "attributes": attributes, "futureNested": True}
