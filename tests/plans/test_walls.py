"""An editor's plan may stand on what another organisation's software showed, and never tells whose or when."""

from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Role
from referencing.plans.operations import reuse_plans
from referencing.plans.views import plans_view
from referencing.preflight.planned import Planned
from tests.builders import Asked, Story, equal, person, publish_dsr, publish_rules
from tests.identities.worlds import accepted


def everything(session: Session, editor: Actor, solution: UUID) -> str:
    planned = [Planned(dsr, solution) for dsr in ("LGC-V1", "LGC-V2")]
    return str(plans_view(reuse_plans(session, editor, candidatures=None, planned=planned)))


def test_nothing_of_another_organisation_shows(scratch: Session) -> None:
    publish_dsr(scratch, "LGC-V1", Asked("INS.1"), Asked("INS.2"))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1"), Asked("INS.2", roles=["mss"]))
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"), equal("LGC-V1:INS.2", "LGC-V2:INS.2"))
    alize, brise = Story(scratch), Story(scratch, "Brise Santé")
    ours, theirs = alize.solution(), brise.solution("Zéphyr", "NIL-2")
    accepted(person(scratch, Role.LEAD), (alize, ours), (brise, theirs))
    brise.verified(theirs, "LGC-V1", composition={"mss": "Secret@1"})
    dossier = brise.draft(theirs, "LGC-V2", composition={"mss": "Secret@1"})
    told = everything(scratch, alize.editor, ours.id)
    assert "une autre organisation" in told
    for secret in ("Zéphyr", "Brise", "NIL-2", "Secret", str(dossier.id), str(theirs.id)):
        assert secret not in told
