"""How the tables of a running hub become those of a newer release, and nothing in them is lost.

1. A new database gets its tables as schema.py has them; every other one gets there by the steps below, in order
   (`exchange migrate`). A test holds the two to the same result.
2. The exchange refuses to run on tables of another release than its own: it neither guesses nor alters on the way.
3. A step that has been released is never changed; the next release adds one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect

_HERE = Path(__file__).parent


class OtherSchema(RuntimeError):
    """The database has the tables of another release of the exchange."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one database, and the folder with the steps that lead to them."""

    name: str  # "record" or "keys"; both may live in one database
    metadata: MetaData

    @property
    def _version_table(self) -> str:
        return f"{self.name}_version"

    def prepare(self, connection: Connection) -> None:
        """Make the tables of a new database. Raises OtherSchema when there are others already."""
        found, wanted = self.version(connection), self._steps().get_current_head()
        if found == wanted:
            return
        if found is not None:
            older = found in {step.revision for step in self._steps().walk_revisions()}
            remedy = "back it up, then run `exchange migrate`" if older else "install the newer release again"
            raise OtherSchema(f"the tables are of step {found}, this release needs {wanted}: {remedy}")
        if set(self.metadata.tables) & set(inspect(connection).get_table_names()):
            raise OtherSchema("the tables say nothing of their step: choose an empty database, or restore a backup")
        self.metadata.create_all(connection)
        self._context(connection).stamp(self._steps(), "head")

    def version(self, connection: Connection) -> str | None:
        """The step the tables are at, or None for a database without ours."""
        return self._context(connection).get_current_revision()

    def migrate(self, connection: Connection, to: str = "head") -> tuple[str | None, str | None]:
        """Take every step that is missing; (before, after)."""
        steps, before = self._steps(), self.version(connection)
        config = Config()
        with EnvironmentContext(
            config,
            steps,
            fn=lambda revision, _: steps._upgrade_revs(to, revision),
        ) as environment:
            environment.configure(connection=connection, version_table=self._version_table)
            environment.run_migrations()
        return before, self.version(connection)

    def _steps(self) -> ScriptDirectory:
        return ScriptDirectory(str(_HERE / self.name))

    def _context(self, connection: Connection) -> MigrationContext:
        return MigrationContext.configure(connection, opts={"version_table": self._version_table})
