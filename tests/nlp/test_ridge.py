from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from nlp.columns import columns_of
from nlp.design import Design, DesignConfig, build_design
from nlp.population import build_population
from nlp.rates import FloatArray
from nlp.records import Assignment, Feedback, Statement
from nlp.ridge import fit

_WEEK, _DAY = "2026-W20", dt.date(2026, 5, 11)
_THEMES = ("T1", "T2", "T3", "T4")


def designed(seed: int) -> Design:
    """A few hundred scored messages of customers that write several times, and some without."""
    draw = np.random.default_rng(seed)
    messages, statements, places = [], [], {}
    for number in range(300):
        scored = draw.random() < 0.8
        own = [name for name in _THEMES[:3] if draw.random() < 0.4]
        plan = draw.choice(["Free", "Pro"])
        item = Feedback(
            id=f"{number}",
            source="s",
            kind=str(draw.choice(["survey", "ticket"])),  # type: ignore[arg-type]
            text="x",
            created_at=dt.datetime.combine(_DAY, dt.time(), dt.UTC),
            week=_WEEK,
            day=_DAY,
            customer_id=f"c{draw.integers(60)}",
            score=float(draw.integers(1, 6)) if scored else None,
            score_kind="csat" if scored else None,
            attributes=(("plan", str(plan)),),
        )
        messages.append(item)
        for at, name in enumerate(own if scored else ["T4"]):  # T4 never comes with a score
            statement = Statement(item.key, at, "x")
            statements.append(statement)
            places[statement.id] = Assignment(statement.id, name, None, "leaf", 1.0, "test")
    population = build_population(messages, statements, places)
    columns = columns_of(population, _THEMES)
    assert columns.themes == _THEMES
    return build_design(columns, config=DesignConfig(min_free=0))


def plainly(design: Design, *, ridge: float, level_ridge: float) -> tuple[FloatArray, ...]:
    """Effects, influence of each message, and freedom, as the formulas say, all dense."""
    width = design.matrix.shape[1]
    rows = np.asarray(design.matrix.todense()) - design.centre
    penalty = np.full(width, level_ridge)
    penalty[: design.themes] = ridge
    penalty[design.themes : design.themes + design.groups] = 1e-6
    inverse = np.linalg.inv(rows.T @ rows + np.diag(penalty))
    inverse = inverse + inverse @ np.diag(penalty) @ inverse
    effects = inverse @ rows.T @ design.scores
    residual = design.scores - rows @ effects
    leverage = np.einsum("ij,jk,ik->i", rows, inverse, rows)
    influence = (rows @ inverse) * (residual / (1.0 - leverage))[:, None]
    weighs = np.array(
        [(rows @ inverse)[design.who == one].sum(axis=0) for one in np.unique(design.who)]
    )
    freedom = (weighs**2).sum(axis=0) ** 2 / np.maximum((weighs**4).sum(axis=0), 1e-300)
    return effects, influence, freedom


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sparse_and_dense_say_the_same(seed: int) -> None:
    design = designed(seed)
    found = fit(design, ridge=0.3, level_ridge=5.0)
    effects, influence, freedom = plainly(design, ridge=0.3, level_ridge=5.0)
    assert np.allclose(found.effects, effects, atol=1e-8)
    assert np.allclose(found.freedom[:3], freedom[:3])
    weights = np.random.default_rng(seed).standard_exponential((7, 60))
    expected = (weights[:, design.who] - 1.0) @ influence
    assert np.allclose(found.moved(weights), expected[:, : design.themes], atol=1e-8)


def test_a_theme_without_scores_has_no_effect() -> None:
    found = fit(designed(1), ridge=0.3, level_ridge=5.0)
    assert found.effects[3] == 0.0
    assert found.freedom[3] == 1.0
    assert not found.moved(np.full((1, 60), 3.0))[0, 3]


def test_without_scores_nothing_moves() -> None:
    messages = [
        Feedback(
            id="1",
            source="s",
            kind="ticket",
            text="x",
            created_at=dt.datetime.combine(_DAY, dt.time(), dt.UTC),
            week=_WEEK,
            day=_DAY,
        )
    ]
    statement = Statement(messages[0].key, 0, "x")
    place = Assignment(statement.id, "T1", None, "leaf", 1.0, "test")
    population = build_population(messages, [statement], {statement.id: place})
    found = fit(build_design(columns_of(population, ["T1"])), ridge=0.3, level_ridge=5.0)
    assert found.effects.tolist() == [0.0]
    assert found.moved(np.full((2, 1), 3.0)).tolist() == [[0.0], [0.0]]
