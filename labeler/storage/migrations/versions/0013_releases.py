"""Releases, which the database itself refuses to change or to delete but with their project."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_FUNCTION = """
CREATE OR REPLACE FUNCTION release_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM project WHERE id = OLD.project_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a release cannot be changed';
END $$
"""
_POSTGRES = """
CREATE TRIGGER release_frozen BEFORE UPDATE OR DELETE ON release
FOR EACH ROW EXECUTE FUNCTION release_is_frozen()
"""
_NO_UPDATE = """
CREATE TRIGGER release_frozen_update BEFORE UPDATE ON release
BEGIN SELECT RAISE(ABORT, 'a release cannot be changed'); END
"""
_NO_DELETE = """
CREATE TRIGGER release_frozen_delete BEFORE DELETE ON release
WHEN EXISTS (SELECT 1 FROM project WHERE id = OLD.project_id)
BEGIN SELECT RAISE(ABORT, 'a release cannot be changed'); END
"""


def upgrade() -> None:
    _release()
    _check()
    statements = [_NO_UPDATE, _NO_DELETE] if op.get_bind().dialect.name == "sqlite" else [_FUNCTION, _POSTGRES]
    for statement in statements:
        op.execute(statement)


def _release() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_release_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_release_project_id_number")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_release_project_id_key")),
    )


def _check() -> None:
    op.create_table(
        "release_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_check_release_id_release"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_check")),
    )
    op.create_index(op.f("ix_release_check_release_id"), "release_check", ["release_id"])
