"""What an organisation confirms a loss by tells nothing of others."""

from dataclasses import replace

from referencing.base.db import new_id
from referencing.base.permissions import Actor, Function, Role
from referencing.candidatures.record.states import ItemState
from referencing.revocations.consequences import AT_ONCE, Effect
from referencing.revocations.impact import impact_for
from referencing.revocations.models import Fate


def test_the_digest_of_an_organisation_is_alike_however_many_others_lean() -> None:
    own, *others = [
        Effect(new_id(), new_id(), "A", fate=Fate.REOPENED, state=ItemState.REQUIRED, derivation=None)
        for _ in range(AT_ONCE + 1)
    ]
    editor = Actor(new_id(), "Ana Roy", Role.EDITOR, new_id(), Function.MANDATAIRE)
    visible = {own.candidature}
    alone = impact_for(editor, [own], visible)
    among = impact_for(editor, [own, *others], visible)
    by_jobs = impact_for(editor, [replace(own, fate=None, state=None), *others], visible, dry_run=False)
    assert alone.digest == among.digest == by_jobs.digest
    lead = Actor(new_id(), "Zoé Lefèvre", Role.LEAD)
    assert impact_for(lead, [own], visible).digest != alone.digest, "the agency's holds the fates"
