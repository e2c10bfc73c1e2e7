"""The report and the app as Meltano knows them: utilities that run the folder `report/` beside meltano.yml."""

from __future__ import annotations

from typing import Any

_DATABASES = "psycopg[binary]>=3.2 duckdb>=1.1"

_CONNECTION = (
    ("host", "Host", "The server's host name, if there is no URL.", "PGHOST"),
    ("port", "Port", "The server's port.", "PGPORT"),
    ("user", "User", "The user to log in as, who may read the marts.", "PGUSER"),
    ("password", "Password", "The user's password.", "PGPASSWORD"),
    ("database_name", "Database name", "The server's database, if there is no URL.", "PGDATABASE"),
)
_OF_TARGET = {"database_name": "database"}


def report() -> dict[str, Any]:
    """The utility that writes one HTML file."""
    commands = {"write": {"args": "-m report", "description": "Write linkedin-report.html."}}
    return _utility("report", "LinkedIn report", f"altair>=6 vl-convert-python jinja2 {_DATABASES}", commands)


def dashboard() -> dict[str, Any]:
    """The utility that serves the app, to this machine alone."""
    server = "--server.address=localhost --server.headless=true --client.toolbarMode=minimal"
    args = f"-m streamlit run report/app.py {server} --browser.gatherUsageStats=false"
    commands = {"show": {"args": args, "description": "Serve the app on port 8501."}}
    return _utility("dashboard", "LinkedIn dashboard", f"streamlit>=1.50 altair>=6 {_DATABASES}", commands)


def _utility(name: str, label: str, pip_url: str, commands: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": name,
        "label": label,
        "variant": "tap-linkedin-dma",
        "pip_url": pip_url,
        "executable": "python",
        "settings": [
            {
                "name": "database",
                "kind": "string",
                "label": "Database",
                "description": "The database of the marts: a PostgreSQL URL, or a DuckDB file.",
                "value": "$TARGET_POSTGRES_SQLALCHEMY_URL",
                **_variable("LINKEDIN_DMA_DATABASE"),
                "sensitive": True,
            },
            *(
                {
                    "name": setting,
                    "kind": "string",
                    "label": label,
                    "description": description,
                    "value": f"$TARGET_POSTGRES_{_OF_TARGET.get(setting, setting).upper()}",
                    **_variable(variable),
                    **({"sensitive": True} if setting == "password" else {}),
                }
                for setting, label, description, variable in _CONNECTION
            ),
            {
                "name": "schema",
                "kind": "string",
                "label": "Schema",
                "description": "The schema in which the marts were built.",
                "value": "linkedin_marts",
                **_variable("LINKEDIN_DMA_MARTS_SCHEMA"),
            },
        ],
        "commands": commands,
    }


def _variable(name: str) -> dict[str, Any]:
    """The variable by which the setting is given to the report, and, as Meltano has it apart, by which users set it."""
    return {"env": name, "env_aliases": [name]}
