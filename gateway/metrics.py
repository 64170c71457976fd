"""Figures for Prometheus at `/metrics`, in a registry of the running gateway's own."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from gateway.consents import nodes as face_nodes
from gateway.consents import store as consents
from gateway.consents import vault
from gateway.context import Context
from gateway.greetings import store as greetings
from gateway.ingest.service import Taken
from gateway.reviews import store as reviews
from gateway.uplink import store as uplink
from gateway.withdrawals import store as withdrawals

_LATENCY = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "anchang_gateway_events", "Events of the nodes, by what became of them", ["outcome"], registry=self.registry
        )
        self._commit = Histogram(
            "anchang_gateway_ingest_seconds", "Message received to committed", buckets=_LATENCY, registry=self.registry
        )
        self.storage_failures = Counter(
            "anchang_gateway_storage_failures", "Messages the database refused for now", registry=self.registry
        )
        ProcessCollector(registry=self.registry)

    def took(self, taken: Taken, seconds: float) -> None:
        for outcome in ("taken", "duplicates", "rejected", "gaps", "forked"):
            if amount := getattr(taken, outcome):
                self._events.labels(outcome).inc(amount)
        self._commit.observe(seconds)

    def watch(self, context: Context) -> None:
        self.registry.register(_State(context))

    def render(self) -> bytes:
        return generate_latest(self.registry)


class _State(Collector):
    """Gauges that are read when asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        context = self._context
        with context.database.read() as session:
            pending = uplink.pending(session)
            recognised = greetings.counted(session)
            questions = reviews.count_open(session)
            granted, active = consents.count(session, "granted"), consents.count(session, "active")
            deleting = withdrawals.pending(session)
            templates = sum(face_nodes.status_of(row).templates for row in face_nodes.needed(session) if row.vault)
        figures = context.writer.figures
        for name, text, value in (
            ("backup_failing", "1 while no backup can be written", float(context.backup.health == "failing")),
            ("backup_written", "Backups since start", float(context.backup.written)),
            ("backup_failures", "Backups that failed since start", float(context.backup.failures)),
            ("backup_bytes", "Size of the newest backup", float(context.backup.size)),
            ("backup_seconds", "How long the newest backup took", context.backup.seconds),
            ("backup_timestamp_seconds", "When the newest backup was taken, 0 before any", _seconds(context)),
            ("broker_connected", "1 while the broker is reachable", float(context.commands.connected)),
            ("uplink_online", "1 while central answers", float(context.link.online)),
            ("uplink_alarm", "1 while the uplink outbox is very long", float(context.link.alarm)),
            ("uplink_pending", "Facts that wait for central", float(pending)),
            ("reviews_open", "Questions to the reception", float(questions)),
            ("watchers", "Open live streams", float(len(context.hub.watchers))),
            ("consents_granted", "Consents that wait for an enrolment", float(granted)),
            ("consents_active", "Consents with a template", float(active)),
            ("withdrawals_pending", "Deletions that a node has not confirmed yet", float(deleting)),
            ("face_templates", "Templates the vault last reported", float(templates)),
            ("writer_waiting", "Units of work that wait", float(context.writer.waiting)),
            ("writer_units", "Units of work since start", float(figures.units)),
            ("writer_groups", "Commits since start", float(figures.groups)),
            ("writer_failed_units", "Units rolled back since start", float(figures.failed_units)),
            ("writer_failed_groups", "Groups rolled back since start", float(figures.failed_groups)),
        ):
            yield GaugeMetricFamily(f"anchang_gateway_{name}", text, value=value)
        faces = GaugeMetricFamily(
            "anchang_gateway_recognitions", "Recognitions kept, by what followed and why", labels=["action", "rule"]
        )
        for (action, rule), number in recognised.items():
            faces.add_metric([action, rule], float(number))
        yield faces
        unheard = GaugeMetricFamily(
            "anchang_gateway_face_events_ignored",
            "Events about faces since start that were kept and changed nothing",
            labels=["type", "reason"],
        )
        for (event_type, reason), number in sorted(vault.IGNORED.items()):
            unheard.add_metric([event_type, reason], float(number))
        yield unheard


def _seconds(context: Context) -> float:
    return 0.0 if context.backup.last_at is None else context.backup.last_at.timestamp()
