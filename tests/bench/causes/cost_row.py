"""Row `cost`: seconds for the causes of 200 themes over 100,000 statements with ten attributes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nlp.causes.bursts import find_bursts
from nlp.encoding import FloatArray
from nlp.population import Population, build_population
from nlp.records import Assignment, Clause, Feedback, Kind, Statement, text_sha
from nlp.weeks import monday, week_of
from tests.bench.causes import engine
from tests.bench.causes.customers import make_customers
from tests.bench.causes.dealing import make_days
from tests.bench.causes.families import worded
from tests.bench.causes.scores import score_messages
from tests.bench.causes.wordings_dev import DEV
from tests.bench.causes.wordings_held import HELD
from tests.bench.causes.world import FIRST_WEEK, WEEKS
from tests.bench.row import Figure, Row, say

_THEMES = 200
_STATED = 0.2  # of the statements so many hold a clause
_DIMENSIONS = 384


def measure(*, quick: bool) -> Row:
    """The row; vectors, statements and population are given, as they are in the weekly run."""
    statements = 10_000 if quick else 100_000
    population, spoken, vectors = _large(statements, seed=1)
    themes = [f"T-{at:03d}" for at in range(_THEMES)]
    seconds: dict[str, float] = {}

    def timed(name: str, run: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        done = run()
        seconds[name] = round(time.perf_counter() - start, 2)
        say(f"cost: {name} {seconds[name]} s")
        return done

    until = dt.date.fromordinal(int(population.days.max()))
    stated = timed("said", lambda: engine.find_said(population, spoken, themes, vectors))
    segments = timed("where", lambda: engine.find_where(population, themes))
    onsets = timed("when", lambda: engine.find_when(population, themes, (), until, found=segments))
    found = [*stated, *segments, *onsets]
    rows = _rows(population, spoken, seed=2)
    timed(
        "bursts",
        lambda: find_bursts(
            population,
            spoken,
            week=max(population.weeks),
            vectors=lambda shas: np.stack([rows[sha] for sha in shas]),
        ),
    )
    impacts = timed("impact", lambda: engine.find_impacts(population, themes))
    week = max(population.weeks)
    timed(
        "rank",
        lambda: engine.find_ranks(population, themes, week=week, impacts=impacts, causes=found),
    )
    timed("join", lambda: engine.find_joined(population, found, week=week))
    total = sum(seconds.values())
    figures = [
        Figure(
            "seconds" if not quick else "seconds, a tenth",
            total,
            None if quick else 60.0,
            None if quick else 10.0,
            at_most=True,
        )
    ]
    figures += [Figure(f"of them {name}", value) for name, value in seconds.items()]
    attributes = sum(len(set(column)) > 1 for column in population.attributes.values())
    return Row(
        "cost",
        tuple(figures),
        {"seconds": seconds},
        note=f"{len(spoken)} statements, {_THEMES} themes, {attributes} attributes, "
        f"{len(vectors)} different clauses, {len(found)} causes",
    )


def _rows(
    population: Population, spoken: Mapping[str, Statement], *, seed: int
) -> dict[str, FloatArray]:
    """A vector for each statement: those of a theme have a cosine of about .6."""
    rng = np.random.default_rng(seed)
    found: dict[str, FloatArray] = {}
    for name in population.members:
        ids = [one for row in population.members[name] for one in population.statements[name, row]]
        middle = rng.normal(size=_DIMENSIONS)
        rows = middle + 0.8 * rng.normal(size=(len(ids), _DIMENSIONS))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        found.update(zip((spoken[one].sha for one in ids), rows.astype(np.float32), strict=True))
    return found


def _large(
    count: int, *, seed: int
) -> tuple[Population, dict[str, Statement], dict[str, FloatArray]]:
    """A stream in which some themes sit in segments and days, and clauses of all families occur."""
    rng = np.random.default_rng([seed, 14])
    first = monday(FIRST_WEEK)
    people = make_customers(int(0.6 * count), first_day=first, seed=seed)
    extra = {
        "tier": rng.choice(["a", "b", "c"], len(people.names)).tolist(),
        "locale": rng.choice(["en", "de", "fr", "es", "pt", "it"], len(people.names)).tolist(),
    }
    days = make_days(WEEKS, seed=seed)
    popular = rng.lognormal(0.0, 0.8, _THEMES)
    theme = rng.choice(_THEMES, count, p=popular / popular.sum())
    who = rng.choice(len(people.names), count, p=people.writes / people.writes.sum())
    # Every fourth theme is twice as frequent among its own region and device: others are thinned.
    region = np.array(people.values["region"])[who]
    kept = (theme % 4 != 0) | (region == "EU") | (rng.random(count) < 0.5)
    theme = np.where(kept, theme, (theme + 1) % _THEMES)
    day = rng.choice(days.size, count, p=days / days.sum())
    losses = np.where(theme % 3 == 0, 0.2, 0.0)
    kinds: list[Kind] = ["survey" if n < 0.6 else "ticket" for n in rng.random(count)]
    scores = score_messages(
        kinds, who.tolist(), losses.tolist(), people=len(people.names), seed=seed
    )
    wordings = [(at, one) for at, family in enumerate((*DEV, *HELD)) for one in family.wordings]
    centres = rng.normal(size=(len(wordings), _DIMENSIONS))
    feedback, statements, vectors = [], {}, {}
    assignments: dict[str, Assignment] = {}
    for at in range(count):
        on = first + dt.timedelta(days=int(day[at]))
        values = {name: own[who[at]] for name, own in {**people.values, **extra}.items()}
        item = Feedback(
            f"m{at:06d}",
            "large",
            kinds[at],
            "",
            dt.datetime.combine(on, dt.time(9), dt.UTC),
            week_of(on),
            on,
            people.names[who[at]],
            score=scores[at].value,
            score_kind=scores[at].kind if scores[at].value is not None else None,
            attributes=tuple(sorted((k, str(v)) for k, v in values.items() if v != "(missing)")),
        )
        feedback.append(item)
        made = Statement(item.key, 0, f"text {at}")
        if rng.random() < _STATED:
            family, wording = wordings[int(rng.integers(len(wordings)))]
            text = f"{worded(wording, 'x')[1]} {at}"
            made = replace(
                made, text=text, clauses=(Clause(text, "because", "causal", 0, len(text)),)
            )
            near = centres[family] + 0.6 * rng.normal(size=_DIMENSIONS)
            vectors[text_sha(text)] = (near / np.linalg.norm(near)).astype(np.float32)
        statements[made.id] = made
        name = f"T-{int(theme[at]):03d}"
        assignments[made.id] = Assignment(made.id, name, None, "leaf", 1.0, "planted")
    return build_population(feedback, statements.values(), assignments), statements, vectors
