"""What probes tell of a platform together: whether it is down, since when, and why. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .states import Impact

#: Places that have to see a failure; one, where only one looks.
PLACES = 2
#: What a place saw longer ago than so many periods of its probe tells nothing of now.
STALE = 3


class Sighting(StrEnum):
    """What a probe saw."""

    FINE = "fine"
    DEGRADED = "degraded"  # slow, or a certificate that ends soon; or it was told so
    FAILED = "failed"


class Reason(StrEnum):
    """Why a probe did not see what it was to see."""

    UNRESOLVED = "unresolved"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    CUT = "cut"
    UNREADABLE = "unreadable"
    STATUS = "status"
    TEXT = "text"
    SLOW = "slow"
    EXPIRING = "expiring"
    TOLD = "told"  # by a heartbeat
    SILENT = "silent"  # no heartbeat came


REASONS = {
    Reason.UNRESOLVED: "son nom n'a pas d'adresse",
    Reason.FORBIDDEN: "son adresse n'est pas joignable d'ici",
    Reason.UNREACHABLE: "rien ne répond à son adresse",
    Reason.TLS: "son certificat, ou sa liaison TLS, n'est pas valable",
    Reason.TIMEOUT: "la réponse n'est pas venue à temps",
    Reason.CUT: "la liaison a été coupée",
    Reason.UNREADABLE: "la réponse n'est pas lisible",
    Reason.STATUS: "la réponse n'a pas le statut attendu",
    Reason.TEXT: "la réponse n'a pas le texte attendu",
    Reason.SLOW: "la réponse est lente",
    Reason.EXPIRING: "son certificat prend bientôt fin",
    Reason.TOLD: "son propre signal le dit",
    Reason.SILENT: "son signal ne vient plus",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What one place saw last of one probe, so many times in a row, since when."""

    sighting: Sighting
    streak: int
    since: datetime
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """`impact` is None for a platform that is fine; `since` is when that began, `reason` what told it."""

    impact: Impact | None
    since: datetime
    reason: Reason | None = None


def silence(heard_at: datetime, period: timedelta, now: datetime) -> Sight | None:
    """The failure that a heartbeat which does not come is: each period without one counts as a failed probe."""
    missed = (now - heard_at) // period
    return Sight(Sighting.FAILED, missed, heard_at + period, Reason.SILENT) if missed else None


def judged(probes: Iterable[Sequence[Sight]], needed: int) -> Judgement | None:
    """The worst that any probe tells, each seen from every place that looks; None where nothing was seen at all.

    A probe tells that its platform is down when it failed `needed` times in a row from two places, or from the only
    one that looks; degraded when that is seen from one place of several, or when answers are slow from two.
    """
    judgements = [_of_probe(sights, needed) for sights in probes if sights]
    if not judgements:
        return None
    for impact in (Impact.DOWN, Impact.DEGRADED):
        worst = [judgement for judgement in judgements if judgement.impact is impact]
        if worst:
            return min(worst, key=lambda judgement: judgement.since)
    return max(judgements, key=lambda judgement: judgement.since)


def _of_probe(sights: Sequence[Sight], needed: int) -> Judgement:
    lasting = [sight for sight in sights if sight.streak >= needed and sight.sighting is not Sighting.FINE]
    failed = [sight for sight in lasting if sight.sighting is Sighting.FAILED]
    places = min(PLACES, len(sights))
    if len(failed) >= places:
        return _first(Impact.DOWN, failed)
    if failed or len(lasting) >= places:
        return _first(Impact.DEGRADED, failed or lasting)
    fine = [sight.since for sight in sights if sight.sighting is Sighting.FINE]
    return Judgement(None, max(fine or [sight.since for sight in sights]))


def _first(impact: Impact, sights: Sequence[Sight]) -> Judgement:
    earliest = min(sights, key=lambda sight: sight.since)
    return Judgement(impact, earliest.since, earliest.reason)
