"""What `docs` say of LinkedIn's terms: the inventory is made from the code, and every duty names what shows it kept."""

from __future__ import annotations

import re
from pathlib import Path

from tap_linkedin_dma.commands.warehouse.dialects import keys
from tap_linkedin_dma.privacy.data_classes import DataClassification, classify
from tap_linkedin_dma.streams import STREAMS

ROOT = Path(__file__).parents[2]
INVENTORY = ROOT / "docs/data-inventory.md"
COMPLIANCE = ROOT / "docs/compliance.md"


def inventory() -> str:
    """What falls under a rule of LinkedIn's terms, as the inventory must show it."""
    rows = ["| stream | what | class | |", "|---|---|---|---|"]
    for stream in STREAMS:
        of_stream = DataClassification(stream.data_class)
        if of_stream != DataClassification():
            rows.append(f"| `{stream.name}` | every row | {of_stream.data_class} | |")
        for path, mark in classify(of_stream, stream.schema, keys(stream)):
            if mark == (of_stream if len(path) == 1 else None):
                continue
            tags = [tag for tag, is_so in (("sensitive", mark.is_sensitive), ("unsure", mark.is_unsure)) if is_so]
            rows.append(f"| `{stream.name}` | `{'.'.join(path)}` | {mark.data_class} | {', '.join(tags)} |")
    return "\n".join(rows)


def test_the_inventory_is_the_code_s() -> None:
    """Paste what the assertion shows between the marks."""
    text = INVENTORY.read_text(encoding="utf-8")
    found = re.search(r"<!-- inventory -->\n(.*?)\n<!-- /inventory -->", text, re.DOTALL)
    assert found
    assert found[1] == inventory()


PARAGRAPHS = [
    *("1.2", "1.2", "1.3"),
    *(f"2.1 general {number}" for number in range(1, 11)),
    *(f"2.1 specific {number}" for number in range(1, 5)),
    *("2.2.1", "2.2.2", "2.2.3", "3.1", "3.1", "3.2.1", "3.2.2", "3.2", "3.2, 3.3", "3.3"),
    *("4.3(b)", "4.3", "4.5(b)", "4.6"),
]
"""Those of LinkedIn's Portability API Terms, as of 18 November 2023, that put a duty on whoever runs the tap."""


def test_the_duties_are_those_of_the_terms() -> None:
    """By their paragraphs, in the order of the terms; a paragraph may hold several."""
    text = COMPLIANCE.read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d[^|]*?) \|", text, re.MULTILINE) == PARAGRAPHS
    quoted = {
        found
        for file in (COMPLIANCE, ROOT / "docs/privacy.md")
        for found in re.findall(r"§+(\d[\d.]*\d)", file.read_text())
    }
    assert quoted <= {word for paragraph in PARAGRAPHS for word in paragraph.replace(",", "").split()}


def test_every_duty_names_a_test_that_is_there() -> None:
    """By file and name; where no test can show a duty kept, the row says why."""
    duties = [line for line in COMPLIANCE.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d", line)]
    assert len(duties) >= 27
    for duty in duties:
        shown = duty.split("|")[-2].strip()
        named = re.findall(r"`(tests/\w+/\w+\.py)::(test_\w+)`", shown)
        assert named or shown.startswith("none: "), duty
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), test
