"""The process that performs jobs where a broker is configured; it relays them as well."""

import signal
import threading

from prometheus_client import start_http_server

from referencing.base.jobs import Runner, broker_for
from referencing.base.outgoing.connections import Bounds
from referencing.base.outgoing.receivers import Reach
from referencing.base.vault import Vault
from referencing.platforms.watch import Lookout, Watch
from referencing.webhooks.delivery import Sender
from referencing.webhooks.dispatch import Dispatch
from referencing.webhooks.keys import service_key

from . import registers
from .app import tasks_on
from .base import db
from .config import Settings
from .observed.logs import configure
from .observed.meters import Meters


def run(settings: Settings) -> None:
    """Perform jobs until told to stop (SIGINT, SIGTERM)."""
    configure(settings.log_level, settings.log_format)
    meters = Meters()
    if settings.metrics_address is not None:
        host, _, port = settings.metrics_address.rpartition(":")
        start_http_server(int(port), host, meters.registry)
    runner = start(settings, meters)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    runner.stop()


class Working:
    """The relay with the jobs, the deliveries to webhooks and the looks at platforms, in threads of this process."""

    def __init__(self, runner: Runner, dispatch: Dispatch, watch: Watch) -> None:
        self.runner = runner
        self.dispatch = dispatch
        self.watch = watch
        runner.start()
        dispatch.start()
        watch.start()

    def stop(self) -> None:
        self.watch.stop()
        self.dispatch.stop()
        self.runner.stop()


def start(settings: Settings, meters: Meters, clock: db.Clock = db.utc_now) -> Working:
    """The jobs and the deliveries, each attempt at a job counted."""
    bounds = Bounds(statement=settings.job_statement_seconds, pooled=settings.is_pooled)
    sessions = db.sessions(db.connect(db.database_url(settings), pool_size=5, bounds=bounds), clock)
    vault = Vault.of(settings)
    if settings.traced:
        from .observed import traces  # noqa: PLC0415 - heavy, and only where it is configured

        traces.export()
        vault = traces.followed(vault)
    tasks = {name: meters.timed(name, task) for name, task in tasks_on(vault, settings).items()}
    runner = Runner(sessions, tasks, broker_for(settings.broker_url), registers.periods())
    sender = Sender(sessions, service_key(settings), Reach(settings.webhook_networks), clock)
    lookout = Lookout(sessions, settings.probes.place, Reach(settings.probes.networks), clock)
    return Working(runner, Dispatch(sender), Watch(lookout))
