"""Whoever has a part in it is killed at a moment that is drawn, and started again, while others work."""

from collections import Counter
from contextlib import suppress
from random import Random
from time import sleep

import psutil

from tests.distributed.fleet import Fleet, Program
from tests.distributed.machines import Postgres, Redis
from tests.distributed.mix import Mix

#: Of each server the whole, or one of its processes; the relay is a thread of the workers.
VICTIMS = ("server", "process", "process", "worker", "worker", "database", "broker")
#: Seconds between two kills, and until who was killed is started again.
BETWEEN, DOWN = (0.2, 1.2), (0.0, 0.6)


def strike(mix: Mix, kills: int, drawn: Random) -> str:
    """Kill so many times while the mix is at work; answers who was killed how often, and what clients were told."""
    struck: Counter[str] = Counter()
    with mix.at_work():
        for _ in range(kills):
            sleep(drawn.uniform(*BETWEEN))
            victim = drawn.choice(VICTIMS)
            _kill(mix.fleet, victim, drawn)
            struck[victim] += 1
        mix.fleet.await_readiness()
    return f"\n{kills} kills {dict(struck)}: {mix}"


def _kill(fleet: Fleet, victim: str, drawn: Random) -> None:
    which = drawn.randrange(2)
    if victim == "process":
        processes = fleet.instances[which].children()
        if processes:  # none while the server starts
            with suppress(psutil.NoSuchProcess):
                drawn.choice(processes).kill()
        return
    parts: dict[str, Program | Postgres | Redis] = {
        "server": fleet.instances[which],
        "worker": fleet.workers[which],
        "database": fleet.primary,
        "broker": fleet.broker,
    }
    part = parts[victim]
    part.kill()
    sleep(drawn.uniform(*DOWN))
    part.start()
