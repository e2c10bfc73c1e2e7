"""The tap as Meltano knows it: its settings, its commands, and which streams are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA

PROJECT = Path(__file__).parent.parent


(REPOSITORY,) = re.findall(r'^Repository = "(.+)"$', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)
"""Its address."""

# Meltano hands its settings to a command by the environment alone.
_COMMANDS = {
    "login": ("login --config=ENV", "Get a token: opens LinkedIn's consent page in your browser."),
    "logout": ("logout --config=ENV", "End the access: revoke the tokens, remove the token_file."),
    "doctor": ("doctor --config=ENV", "Check token, roles and streams before a run."),
    "inventory": ("inventory --config=ENV", "List the personal data that a run passes on, by data class."),
    "erase": ("erase --config=ENV", "Print SQL that removes a page or a person from the loaded tables."),
    "subject": ("subject --config=ENV", "Print SQL that shows all that is stored about a person."),
    "find": ("find --config=ENV", "Print SQL that finds a person by name, e-mail address or profile."),
    "comments": ("comments --config=ENV", "Print SQL that describes each table and column in the database."),
    "retention": ("retention --config=ENV", "Print SQL that removes rows that may no longer be kept."),
    "pseudonymise": ("pseudonymise --config=ENV", "Print SQL that hides persons in tables that were loaded in clear."),
    "grants": ("grants --config=ENV", "Print SQL that lets a role read the tables without persons."),
}


def from_code() -> dict[str, Any]:
    """What the tap's `--about` and its streams say, in the words of a Meltano plugin definition."""
    about = TapLinkedInDMA._get_about_info()
    return {
        "capabilities": [capability.value for capability in about.capabilities],
        "settings_group_validation": [
            ["access_token"],
            ["client_id", "client_secret", "refresh_token"],
            ["token_file"],
            ["member_access_token"],
        ],
        "settings": [_setting(name, schema) for name, schema in TapLinkedInDMA.config_jsonschema["properties"].items()],
        # By name, since Meltano warns of a pattern that matches no stream, as `!member_snapshots.*` without that token.
        "select": [f"{stream.name}.*" for stream in STREAMS if stream.selected_by_default],
        "commands": {
            name: {"args": args, "description": description} for name, (args, description) in _COMMANDS.items()
        },
    }


def hub_definition() -> dict[str, Any]:
    """What Meltano Hub, or `meltano add --from-ref`, is told of the tap."""
    about = TapLinkedInDMA._get_about_info()
    return {
        "name": about.name,
        "variant": about.name,
        "namespace": "tap_linkedin_dma",
        "label": "LinkedIn DMA",
        "description": about.description,
        "pip_url": about.name,
        "executable": about.name,
        "repo": REPOSITORY,
        "domain_url": "https://www.linkedin.com/developers/",
        "keywords": ["linkedin", "dma", "social media", "meltano_sdk"],
        "maintenance_status": "beta",
        "quality": "unknown",
        "supported_python_versions": list(about.supported_python_versions or ()),
        "next_steps": "`meltano invoke tap-linkedin-dma:login` gets a token, and "
        "`meltano invoke tap-linkedin-dma:doctor` checks what it can read.",
        **from_code(),
    }


def _setting(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    choices = [
        {"label": choice.capitalize().replace("_", " "), "value": choice} for choice in schema.get("enum", ()) if choice
    ]
    return {
        "name": name,
        "kind": "options" if choices else _kind(schema),
        **({"options": choices} if choices else {}),
        **({"value": schema["default"]} if "default" in schema else {}),
        "label": schema["title"],
        "description": schema["description"],
        **({"sensitive": True} if schema.get("secret") else {}),
        **({"hidden": True} if schema.get("hidden") else {}),
    }


def _kind(schema: dict[str, Any]) -> str:
    """Meltano's word for a setting's type, which is JSON's but for dates and fractions.

    Its word for fractions is `decimal`, by which Meltano 4.4 makes numbers that it cannot write: the tap reads a text.
    """
    if schema.get("format") in ("date", "date-time"):
        return "date_iso8601"
    (name,) = (str(name) for name in schema["type"] if name != "null")
    return {"number": "string"}.get(name, name)
