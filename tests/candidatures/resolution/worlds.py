"""Names for what `story` publishes, and the rules that most tests start from."""

from referencing.equivalence.engine.facts import Correspondence, Relation
from tests.builders import equal

PAST = "LGC-V1:INS.01#01.01"
GOAL = "LGC-V2:INS/va1.01#01.01"


def same(relation: Relation = Relation.EQUAL) -> Correspondence:
    """What vague 1 asks relates so to what vague 2 asks."""
    return equal("LGC-V1:INS.01", "LGC-V2:INS/va1.01", relation)
