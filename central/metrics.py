"""What Prometheus reads. A registry of its own per application, so that tests do not add up."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "central_ingest_events", "Events of ingest requests by outcome", ["outcome"], registry=self.registry
        )
        self.ingest_seconds = Histogram("central_ingest_seconds", "Time of one ingest request", registry=self.registry)
        self.requests = Counter(
            "central_http_requests",
            "Requests by route and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "central_http_seconds", "Time of one request by route", ["route"], registry=self.registry
        )
        self.copy_backlog = Gauge(
            "central_timeseries_backlog", "Lines waiting for the time series server", registry=self.registry
        )
        self.copy_failures = Counter(
            "central_timeseries_failures", "Batches the time series server did not take", registry=self.registry
        )

    def render(self) -> bytes:
        return generate_latest(self.registry)
