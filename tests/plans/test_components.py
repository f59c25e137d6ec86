"""A plan counts on the dossier of a component itself, where the organisation makes it and embeds it."""

import pytest
from sqlalchemy.orm import Session

from referencing.candidatures.record.states import ItemState
from referencing.components.acceptance import accept
from referencing.components.declaring import declare_component
from referencing.equivalence.engine.facts import Policy, Reuse
from referencing.plans.operations import reuse_plans
from referencing.plans.views import plans_view
from referencing.solutions.cores import join
from referencing.solutions.ownership import confirm_nil
from tests.builders import (
    ALWAYS,
    Asked,
    Story,
    equal,
    perform_jobs,
    publish_dsr,
    publish_rules,
    states,
    supply,
)

MODULE = "NIL-M@1.0"
OF_MODULE, ON_ROLE, FREE = "LGC-V1:INS.1#01.01", "LGC-V2:INS.1#01.01", "LGC-V2:INS.2#01.01"


@pytest.mark.parametrize("joined", [False, True])
def test_what_a_plan_lets_a_component_show_comes_true(scratch: Session, *, joined: bool) -> None:
    publish_dsr(scratch, "LGC-V1", Asked("INS.1", roles=["mss"]))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1", roles=["mss"]), Asked("INS.2"))
    unseen = Policy({"case": ("embedded",)}, Reuse.AUTO)
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"), policies=(unseen, ALWAYS))
    story = Story(scratch)
    twin, module, solution = (story.solution(name, f"NIL-{name[0]}") for name in ("Twin", "Module", "Alpha"))
    declare_component(scratch, story.editor, module.software_id, ["mss"])
    confirm_nil(scratch, story.lead, module.software_id, "Vu.")
    if joined:  # its core has the name of another software, which is no component
        join(scratch, twin.software_id, module.software_id, story.lead.account_id)
        scratch.expire_all()
        assert module.software.core_id == twin.software_id
        story.draft(twin, "LGC-V1", composition={"mss": MODULE})
    of_module = story.draft(module, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2", composition={"mss": MODULE})
    named = [of_module.id, dossier.id]

    def certain() -> dict[str, str]:
        plans = reuse_plans(scratch, story.editor, candidatures=named, planned=[])
        items = plans_view(plans)["certain"]["items"]
        return {item["code"]: item["outcome"].value for item in items}

    nothing_accepted = {OF_MODULE: "to_supply", ON_ROLE: "to_supply", FREE: "to_supply"}
    assert certain() == nothing_accepted
    accept(scratch, story.lead, module.software_id, solution.software_id, MODULE)
    assert certain() == {**nothing_accepted, ON_ROLE: "covered"}
    supply(scratch, story.editor, of_module, OF_MODULE)
    story.submit(of_module)
    story.admit(of_module)
    assert certain() == {OF_MODULE: "settled", ON_ROLE: "covered", FREE: "to_supply"}
    story.find(of_module, OF_MODULE)
    perform_jobs(scratch)
    scratch.expire_all()
    assert states(scratch, dossier)[ON_ROLE] is ItemState.COVERED


def test_another_organisations_component_is_not_reckoned_with(scratch: Session) -> None:
    publish_dsr(scratch, "LGC-V1", Asked("INS.1", roles=["mss"]))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1", roles=["mss"]))
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
    story, maker = Story(scratch), Story(scratch, "Modules du Ponant")
    module, solution = maker.solution("Module", "NIL-M"), story.solution()
    declare_component(scratch, maker.editor, module.software_id, ["mss"])
    confirm_nil(scratch, maker.lead, module.software_id, "Vu.")
    maker.draft(module, "LGC-V1")
    story.draft(solution, "LGC-V2", composition={"mss": MODULE})
    accept(scratch, story.lead, module.software_id, solution.software_id, MODULE)
    plans = reuse_plans(scratch, story.editor, candidatures=None, planned=[])
    assert [dossier.version.dsr.code for dossier in plans.agenda.dossiers] == ["LGC-V2"]
    assert len(plans_view(plans)["to_confirm"]["supplies"]) == 1
