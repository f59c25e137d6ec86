"""What a person reads for each queue. Pure."""

from collections.abc import Mapping

QUEUES: Mapping[str, str] = {
    "admissibility": "Recevabilité",
    "proof_review": "Examen des preuves",
    "equivalence": "Réemplois à confirmer",
    "second_reading": "Seconde lecture",
    "expert_opinion": "Avis d'expert",
    "duo_follow_up": "Suites de séances DUO",
}
