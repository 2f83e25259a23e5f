"""Prometheus metrics of the model's own URLs, under the names and labels that BentoML gives its own."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

NAMESPACE = "bentoml_service"
LABELS = ("endpoint", "service_name", "service_version", "runner_name")
# Seconds. Fine where one row is answered, coarse where something is wrong.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestMetrics:
    """Counts the requests to a fixed set of URLs, so that strangers cannot make new label values.

    BentoML's server runs Prometheus in multi-process mode: values go to files of the process and `/metrics` merges all
    of them. Being in no registry, these metrics can carry the names that BentoML's own middleware uses.
    """

    def __init__(self, model: str, version: str, endpoints: tuple[str, ...]) -> None:
        labels = (*LABELS, "http_response_code")
        total = Counter("request_total", "Requests answered", labels, namespace=NAMESPACE, registry=None)
        duration = Histogram(
            "request_duration_seconds", "Time to answer", labels, namespace=NAMESPACE, registry=None, buckets=BUCKETS
        )
        running = Gauge(
            "request_in_progress",
            "Requests being answered",
            LABELS,
            namespace=NAMESPACE,
            registry=None,
            multiprocess_mode="livesum",
        )
        self._total, self._duration = total, duration
        self._values = {endpoint: (endpoint, model, version, model) for endpoint in endpoints}
        self.running = {endpoint: running.labels(*values) for endpoint, values in self._values.items()}
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        for endpoint in endpoints:  # a rate over a counter that starts above zero misses the first requests
            for status in (200, 500):
                self._child(endpoint, status)

    def _child(self, endpoint: str, status: int) -> tuple[Counter, Histogram]:
        values = (*self._values[endpoint], str(status))
        child = self._children[endpoint, status] = (self._total.labels(*values), self._duration.labels(*values))
        return child

    def observe(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer."""
        total, duration = self._children.get((endpoint, status)) or self._child(endpoint, status)
        total.inc()
        duration.observe(seconds)
