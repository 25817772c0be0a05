"""How the tables of a running hub become those of a newer release, and nothing in them is lost.

1. A new database gets its tables as schema.py has them; every other one gets there by the steps below, in order
   (`exchange migrate`). A test holds the two to the same result.
2. The exchange refuses to run on tables of another release than its own: it neither guesses nor alters on the way.
3. A step that has been released is never changed; the next release adds one, numbered in its name.
4. The steps see the rows of every hub; after the last, PostgreSQL shows a hub its own alone again (row_security.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from exchange.store import row_security

_HERE = Path(__file__).parent


class OtherSchema(RuntimeError):
    """The database has the tables of another release of the exchange."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one database, and the folder with the steps that lead to them."""

    name: str  # "record" or "keys"; both may live in one database
    metadata: MetaData

    def prepare(self, connection: Connection) -> None:
        """Make the tables of a new database. Raises OtherSchema when there are others already."""
        found, steps = self.version(connection), self._steps()
        if found == steps[-1]:
            return
        if found is not None:
            remedy = (
                "back it up, then run `exchange migrate`" if found in steps else "install the newer release again"
            )
            raise OtherSchema(f"the tables are of step {found}, this release needs {steps[-1]}: {remedy}")
        if set(self.metadata.tables) & set(inspect(connection).get_table_names()):
            raise OtherSchema("the tables say nothing of their step: choose an empty database, or restore a backup")
        self.metadata.create_all(connection)
        self._version.create(connection)
        connection.execute(insert(self._version).values(version_num=steps[-1]))
        row_security.raise_wall(connection, self.metadata)

    def version(self, connection: Connection) -> str | None:
        """The step the tables are at, or None for a database without ours."""
        if not inspect(connection).has_table(self._version.name):
            return None
        return connection.execute(select(self._version.c.version_num)).scalar_one_or_none()

    def migrate(self, connection: Connection, to: str = "head") -> tuple[str | None, str | None]:
        """Take every step that is missing, up to `to`; (before, after)."""
        from alembic.config import Config  # only here: it takes a third of a second to load, and every command waits
        from alembic.runtime.environment import EnvironmentContext
        from alembic.script import ScriptDirectory

        script, before = ScriptDirectory(str(_HERE / self.name)), self.version(connection)
        row_security.lower_wall(connection, self.metadata)
        with EnvironmentContext(Config(), script, fn=lambda at, _: script._upgrade_revs(to, at)) as environment:
            environment.configure(connection=connection, version_table=self._version.name)
            environment.run_migrations()
        after = self.version(connection)
        if after == self._steps()[-1]:
            row_security.raise_wall(connection, self.metadata)
        return before, after

    @property
    def _version(self) -> Table:
        return Table(f"{self.name}_version", MetaData(), Column("version_num", String(32), primary_key=True))

    def _steps(self) -> list[str]:
        return sorted(file.stem.removeprefix("step_") for file in (_HERE / self.name / "versions").glob("step_*.py"))
