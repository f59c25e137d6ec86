"""Drafts are worked on: they have the editor's own reference and a revision, and are given up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_STATES = (
    *("draft", "submitted", "incomplete", "in_review", "deliberation"),
    *("referenced", "refused", "withdrawn", "suspended", "delisted"),
)


def upgrade() -> None:
    op.add_column("candidature", sa.Column("external_reference", sa.Text(), nullable=True))
    op.add_column(
        "candidature", sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    _restrict_states((*_STATES[:8], "given_up", *_STATES[8:]))


def _restrict_states(states: Sequence[str]) -> None:
    op.drop_constraint(op.f("ck_candidature_state"), "candidature")
    named = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_candidature_state"), "candidature", f"state IN ({named})")


def downgrade() -> None:
    op.execute("UPDATE candidature SET state = 'withdrawn' WHERE state = 'given_up'")
    _restrict_states(_STATES)
    op.drop_column("candidature", "revision")
    op.drop_column("candidature", "external_reference")
