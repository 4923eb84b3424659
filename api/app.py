"""The application: `uvicorn --factory api.app:create_app`, or `groundswell serve`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from types import ModuleType

from fastapi import FastAPI

from api import metrics
from api.answers import KeptAnswers
from api.authentication import Authentication
from api.bodies import BodyLimit, HeadAsGet, SecurityHeaders
from api.csrf import FormTokens
from api.errors import install_handlers, with_problems
from api.hosts import KnownHosts
from api.in_turn import InTurn
from api.key_ring import KeyRing
from api.limits import LimitConfig, RateLimits
from api.ranker import Ranker
from api.routes import (
    audit_pages,
    cause_pages,
    causes,
    correct_pages,
    corrections,
    data_health,
    definitions,
    definitions_pages,
    documents,
    events,
    exports,
    feedback,
    friction,
    health,
    health_pages,
    owners,
    pages,
    reports,
    runs,
    search,
    sign_in,
    theme_numbers,
    theme_pages,
    theme_table,
    themes,
)
from api.scope import Populations, Shelf
from api.searcher import Searcher
from api.settings import Settings, load_settings
from api.telemetry import Telemetry, start_log
from api.tuning import give_back_memory, tuned
from api.windows import Windows
from labels.schema import load
from store.database import open_database

_DESCRIPTION = """
Themes in customers' own words, who owns them, what causes them, and what to fix first.

Lists are answered from the last published week unless `week` names another. `since`, `until`,
`kind` and `segment.NAME` narrow the feedback that is counted; `owner` and `stage` narrow the
themes. A filter that a list does not know is an error that names those it does.
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API and the pages over one database. Nothing is migrated or written here.

    Raises:
        LabelsError: when the labels cannot be read; it names file, line and key.
        ValueError: when the database's URL is of no supported database.
    """
    settings = settings or load_settings()
    engine = open_database(settings.database_url)
    start_log(settings.log)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if settings.warm:
            give_back_memory()
            ranker.start()
            searcher.warm(engine, app.state.populations)
        with tuned():
            yield
        searcher.close()
        ranker.close()
        ring.close()
        engine.dispose()

    app = FastAPI(
        title="Groundswell",
        summary="Customer feedback as an owned, ranked backlog of root causes.",
        description=_DESCRIPTION,
        version=version("groundswell"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        # Both load their scripts from a CDN; the document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        # FastAPI can export spans, bodies and stack traces: none of it leaves this process.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.engine = engine
    app.state.key_ring = ring = KeyRing(engine)
    app.state.metrics = metrics.RequestMetrics(engine)
    app.state.labels = load(settings.labels_dir)
    ranker = Ranker(apart=settings.warm)
    app.state.populations = Populations(ranker=ranker)
    app.state.shelf = Shelf()
    app.state.windows = Windows()
    app.state.searcher = searcher = Searcher(settings.model_path)
    modules: tuple[ModuleType, ...] = (
        *(friction, themes, theme_numbers, causes, owners, reports, events, feedback, health),
        *(corrections, pages, theme_pages, cause_pages, sign_in, metrics),
        *(correct_pages, audit_pages, search),
        *(documents, exports, runs, data_health, definitions, theme_table),
        *(health_pages, definitions_pages),
    )
    for module in modules:
        app.include_router(module.router)
    install_handlers(app)
    # The last one added is the outermost: answers are kept as they are before forms get tokens.
    app.add_middleware(InTurn)
    app.add_middleware(KeptAnswers, engine=engine)
    app.add_middleware(FormTokens)
    app.add_middleware(Authentication, ring=app.state.key_ring)
    app.add_middleware(BodyLimit, max_body=settings.max_body)
    app.add_middleware(RateLimits, config=LimitConfig(requests=settings.rate_limit))
    app.add_middleware(KnownHosts, hosts=settings.hosts)
    app.add_middleware(HeadAsGet)
    app.add_middleware(
        Telemetry,
        routes=[route for module in modules for route in module.router.routes],
        metrics=app.state.metrics,
        style=settings.log,
    )
    app.add_middleware(SecurityHeaders)
    with_problems(app)
    return app
