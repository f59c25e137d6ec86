"""For how long what is of use for a time only is kept, by kind."""

from collections.abc import Mapping
from datetime import timedelta

from referencing.accounts.keys.models import AccountKey
from referencing.base.models import Job
from referencing.files.reads.models import FileRead
from referencing.invitations.models import Invitation
from referencing.mail.models import Letter
from referencing.signals.models import Signal, SignalAuthor
from referencing.web.models import REPEATED, RepeatableRequest
from referencing.webhooks.models import Delivery

from .forgetting import Period

_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)

#: A letter outlives every matter of which it tells its person once only; dead jobs wait for a lead.
PERIODS: Mapping[str, Period] = {
    period.name: period
    for period in (
        Period(Job.done_at, _WEEK),
        Period(RepeatableRequest.created_at, REPEATED),
        Period(Letter.settled_at, "letters"),
        Period(FileRead.read_at, "reads"),
        Period(Invitation.expires_at, "invitations"),
        Period(AccountKey.last_used_at, "places", blanked=AccountKey.last_used_from),
        Period(Delivery.attempted_at, _MONTH),
        Period(Signal.assessed_at, "signal_authors", row=SignalAuthor.signal_id),
    )
}
