"""The dbt project as Meltano knows it: a utility for each database, with the settings that its profiles.yml reads."""

from __future__ import annotations

from typing import Any

_CORE = "dbt-core>=1.10.5,<1.12"
"""Newer releases download a part of themselves from elsewhere while they are installed."""

_COMMANDS = {
    "build": ("build", "Build the marts from what was loaded, and test them."),
    "run": ("run", "Build the marts without tests."),
    "test": ("test", "Test the marts as they stand."),
    "seed": ("seed", "Load the follower totals that were read off the page."),
    "docs-generate": ("docs generate --static", "Write a page that describes every model and column."),
    "debug": ("debug", "Try the connection."),
}

_OF_POSTGRES = (
    (
        "sqlalchemy_url",
        "SQLAlchemy URL",
        "The database, as target-postgres takes it; or host, port, user, password, dbname.",
    ),
    ("host", "Host", "The server's host name."),
    ("port", "Port", "The server's port."),
    ("user", "User", "The user to log in as, who may make the schema of the marts."),
    ("password", "Password", "The user's password; needed if the one in the URL has escaped characters."),
    ("dbname", "Database", "The database that the tap has loaded."),
)
_OF_TARGET = {"dbname": "database"}


def dbt_postgres() -> dict[str, Any]:
    """The utility for PostgreSQL; it logs in as target-postgres does if it has no settings of its own."""
    return _utility(
        "postgres",
        "dbt-postgres>=1.9,<1.12",
        [
            {
                "name": name,
                "kind": "string",
                "label": label,
                "description": description,
                "value": f"$TARGET_POSTGRES_{_OF_TARGET.get(name, name).upper()}",
                **({"sensitive": True} if name in ("sqlalchemy_url", "password") else {}),
            }
            for name, label, description in _OF_POSTGRES
        ],
        schema_of_target="linkedin",
    )


def dbt_duckdb() -> dict[str, Any]:
    """The utility for a DuckDB file, with the DuckDB of target-duckdb, which must read the file again."""
    path = {
        "name": "path",
        "kind": "string",
        "label": "Path",
        "description": "The file that the tap has loaded. Default linkedin.duckdb in the project.",
        "value": "$TARGET_DUCKDB_PATH",
    }
    return _utility("duckdb", "dbt-duckdb>=1.9,<1.12 duckdb>=1.1,<1.2", [path], schema_of_target="main")


def _utility(database: str, adapter: str, settings: list[dict[str, Any]], schema_of_target: str) -> dict[str, Any]:
    target = f"TARGET_{database.upper()}"
    return {
        "name": f"dbt-{database}",
        "namespace": f"dbt_{database}",
        "label": f"dbt for {'PostgreSQL' if database == 'postgres' else 'DuckDB'}",
        "variant": "dbt-labs",
        "pip_url": f"{_CORE} {adapter}",
        "executable": "dbt",
        "settings": [
            *settings,
            _setting("schema", "Schema", "The schema in which the marts are built.", "linkedin_marts"),
            _setting(
                "source_schemas",
                "Loaded schemas",
                f"The schemas that the tap has loaded, with commas between them. Default {schema_of_target}.",
                f"${target}_DEFAULT_TARGET_SCHEMA",
                env="LINKEDIN_DMA_SCHEMAS",
            ),
            _setting("target", "Target", "Which output of profiles.yml is used.", database, env="DBT_TARGET"),
            _setting(
                "project_dir",
                "Project",
                "The folder of the dbt project.",
                "$MELTANO_PROJECT_ROOT/transform",
                env="DBT_PROJECT_DIR",
            ),
            _setting(
                "profiles_dir",
                "Profiles",
                "The folder of profiles.yml.",
                "$MELTANO_PROJECT_ROOT/transform",
                env="DBT_PROFILES_DIR",
            ),
            _setting(
                "target_path",
                "Output",
                "The folder for what dbt writes.",
                f"$MELTANO_PROJECT_ROOT/.meltano/dbt-{database}/target",
                env="DBT_TARGET_PATH",
            ),
            _setting(
                "log_path",
                "Logs",
                "The folder for dbt's log.",
                f"$MELTANO_PROJECT_ROOT/.meltano/dbt-{database}/logs",
                env="DBT_LOG_PATH",
            ),
            {
                "name": "send_anonymous_usage_stats",
                "kind": "boolean",
                "label": "Usage statistics",
                "description": "Whether dbt sends statistics to its maker.",
                "value": False,
                "env": "DBT_SEND_ANONYMOUS_USAGE_STATS",
                "env_aliases": ["DBT_SEND_ANONYMOUS_USAGE_STATS"],
            },
        ],
        "commands": {
            name: {"args": args, "description": description} for name, (args, description) in _COMMANDS.items()
        },
    }


def _setting(name: str, label: str, description: str, value: str, env: str = "") -> dict[str, Any]:
    more = {"env": env, "env_aliases": [env]} if env else {}
    return {"name": name, "kind": "string", "label": label, "description": description, "value": value, **more}
