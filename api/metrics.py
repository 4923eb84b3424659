"""`/metrics` for Prometheus: requests, and whether the weekly run is late.

Labels are route templates, methods and classes of status, so their number is that of the routes
and not that of the addresses somebody makes up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from fastapi import APIRouter, Request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response

from store.database import Engine, read_scope
from store.runs import last_run
from store.snapshots import published_weeks

router = APIRouter(include_in_schema=False)

# Seconds. Kept answers take about one millisecond, whole exports seconds.
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class RequestMetrics:
    """What is counted of requests, in a registry of its own: one app, one set of numbers."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "groundswell_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "groundswell_http_request_seconds",
            "Time until the answer was sent whole",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "groundswell_http_requests_in_flight", "Requests under way", registry=self.registry
        )
        self.registry.register(_Weeks(engine))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request that is over."""
        self._requests.labels(method, route, f"{status // 100}xx").inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """All numbers as they are now."""
        return generate_latest(self.registry)


class _Weeks(Collector):
    """Asked of the store when Prometheus asks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names only: registering reads nothing, also when there is no database yet."""
        yield GaugeMetricFamily("groundswell_published_weeks", "Weeks that were published")
        yield GaugeMetricFamily(
            "groundswell_last_run_age_seconds", "Since the last run that was done had ended"
        )

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The numbers; without a run there is no age."""
        with read_scope(self._engine) as session:
            weeks = len(published_weeks(session))
            run = last_run(session, status="done")
        published, age = self.describe()
        published.add_metric((), weeks)
        if run is not None and run.finished_at is not None:
            age.add_metric((), (dt.datetime.now(dt.UTC) - run.finished_at).total_seconds())
        yield published
        yield age


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """All numbers in the text format that Prometheus scrapes."""
    found = request.app.state.metrics
    assert isinstance(found, RequestMetrics)
    return Response(found.text(), media_type=CONTENT_TYPE_LATEST)
