"""How staff sign in: roles with dates, sessions that are listed, passkeys, apps with codes, identity providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Every role so far was held since its member came. Whoever is signed in signs in again, which hurts nobody."""
    op.create_table(
        "access",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("staff", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("hub", "staff", "role", "since"),
    )
    _roles_with_dates()
    op.drop_table("session")
    op.create_table(
        "session",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=80), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("hub", "digest"),
    )
    op.create_index("session_staff", "session", ["hub", "staff", "ended_at"])
    op.create_table(
        "passkey",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=160), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("hub", "digest"),
    )
    op.create_index("passkey_owner", "passkey", ["hub", "kind", "owner"])
    op.create_table(
        "spent",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hub", "digest"),
    )
    op.create_table(
        "authenticator",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("staff", sa.String(length=80), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True)),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hub", "staff"),
    )
    op.create_table(
        "recovery",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("staff", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("hub", "staff", "digest"),
    )
    op.create_table(
        "identity",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hub", "digest"),
    )


def _roles_with_dates() -> None:
    connection = op.get_bind()
    insert = sa.text("INSERT INTO access (hub, staff, role, since, until) VALUES (:hub, :id, :role, :since, :until)")
    for row in connection.execute(sa.text("SELECT hub, id, roles, created_at, ended_at FROM staff")).all():
        for role in dict.fromkeys(row.roles.split()):
            given = {"hub": row.hub, "id": row.id, "role": role, "since": row.created_at, "until": row.ended_at}
            connection.execute(insert, given)
    with op.batch_alter_table("staff") as table:
        table.drop_column("roles")
