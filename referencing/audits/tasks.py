"""Background work of audits."""

from datetime import timedelta

from referencing.base.jobs import Background

from .findings.plans import remind_all_audited, remind_audited

TASKS = (
    Background(remind_all_audited, every=timedelta(hours=1)),
    Background(remind_audited),
)
