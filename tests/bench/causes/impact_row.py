"""Rows `score effect` and `rank interval`: planted losses and true ranks inside their intervals."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from labels.schema import load
from nlp.impact import ImpactConfig
from nlp.scoring import scoring_config
from tests.bench.causes import engine
from tests.bench.causes.counting import Case, band, share, splits
from tests.bench.causes.customers import FloatArray
from tests.bench.causes.dealing import Dealt, deal
from tests.bench.causes.lab import Lab
from tests.bench.causes.world import World
from tests.bench.row import Row

_DEALS = 30  # of the same truth, to know what reach and recontact are to be expected
# True scores nearer than this part of each other have no order worth the name.
_SAME_SCORE = 0.01


def measure_effect(lab: Lab) -> Row:
    """Row `score effect`: 90% intervals should hold the planted loss nine times in ten."""
    cases = _effects(lab, lab.scored(all_themed=False))
    bare = _effects(lab, lab.scored(all_themed=True))
    companions = [case for case in cases if case["kind"] == "companion"]
    harmful = [case for case in cases if case["kind"] == "harmful"]
    return Row(
        "score effect",
        (
            share("planted loss inside 90%", [case["inside"] for case in cases], must=0.85),
            share(
                "the same, asked as a limit",
                [case["inside"] for case in cases],
                must=0.95,
                at_most=True,
            ),
            share("harmful themes", [case["inside"] for case in harmful]),
            share("harmless companions", [case["inside"] for case in companions]),
            share(
                "companions called harmful",
                [case["called"] for case in companions],
                must=0.1,
                at_most=True,
            ),
            share("every message themed: inside", [case["inside"] for case in bare], must=0.85),
        ),
        {
            "splits": splits(
                cases, "inside", ["kind", "scored_band", "free_band", "side", "corpus"]
            ),
            "splits, every message themed": splits(bare, "inside", ["kind", "corpus", "side"]),
            "mean error": _mean_error(cases),
            "mean error, every message themed": _mean_error(bare),
            "cases": cases,
        },
    )


def _effects(lab: Lab, worlds: Iterable[World]) -> list[Case]:
    found: list[Case] = []
    for world in worlds:
        free = free_of_themes(world)
        for theme, impact in sorted(lab.impacts(world).items()):
            planted = world.truth.plantings[theme]
            if impact.source != "score":
                continue
            off = impact.loss - planted.loss
            found.append(
                {
                    "world": world.name,
                    "corpus": world.corpus,
                    "theme": theme,
                    "kind": "companion"
                    if planted.companion
                    else ("harmful" if planted.loss else "harmless"),
                    "loss": planted.loss,
                    "found": impact.loss,
                    "error": round(off, 4),
                    "interval": (impact.low, impact.high),
                    "free_band": band(free, (1, 50, 200)),
                    "scored_band": band(impact.scored, (10, 20, 40, 80)),
                    "side": "above"
                    if impact.low > planted.loss
                    else ("below" if impact.high < planted.loss else "inside"),
                    "called": impact.low > 0.0,
                    "inside": impact.low <= planted.loss <= impact.high,
                }
            )
    return found


def free_of_themes(world: World) -> int:
    """Scored messages that mention no theme: what losses are compared with."""
    themed = np.zeros(len(world.population), dtype=np.bool_)
    for rows in world.population.members.values():
        themed[rows] = True
    scored = [item.score is not None for item in world.population.feedback]
    return int(np.count_nonzero(np.array(scored) & ~themed))


def _mean_error(cases: list[Case]) -> float | None:
    return float(np.mean([case["error"] for case in cases])) if cases else None


def measure_ranks(lab: Lab) -> Row:
    """Row `rank interval`: the interval should hold the rank by the true score."""
    cases = [case for world in lab.mixed() for case in rank_cases(lab, world)]
    return Row(
        "rank interval",
        (
            share("true rank inside", [case["inside"] for case in cases], must=0.85),
            share(
                "true first five called with 0.5 or more",
                [case["top5"] >= 0.5 for case in cases if case["true"] <= 5],
            ),
        ),
        {
            "splits": splits(cases, "inside", ["corpus", "place"]),
            "mean width of the interval, as a share of the ranks": float(
                np.mean([case["width"] for case in cases])
            )
            if cases
            else None,
            "cases": cases,
        },
    )


def rank_cases(lab: Lab, world: World) -> list[Case]:
    """One case for each ranked theme; true scores from the planted loss and many deals."""
    friction = engine.find_ranks(
        world.population, world.themes, week=world.week, impacts=lab.impacts(world)
    )
    ranked = [one for one in friction if one.rank is not None]
    true = true_scores(world)
    cases: list[Case] = []
    for one in ranked:
        mine = true[one.theme_id]
        better = sum(true[other.theme_id] > mine * (1 + _SAME_SCORE) for other in ranked)
        worse = sum(true[other.theme_id] < mine * (1 - _SAME_SCORE) for other in ranked)
        best, last = better + 1, len(ranked) - worse
        assert one.rank is not None
        assert one.rank_low is not None
        assert one.rank_high is not None
        cases.append(
            {
                "world": world.name,
                "corpus": world.corpus,
                "theme": one.theme_id,
                "true": best,
                "place": band(best, (1, 6, 16)),
                "interval": (one.rank_low, one.rank, one.rank_high),
                "width": (one.rank_high - one.rank_low + 1) / len(ranked),
                "top5": one.top5_probability or 0.0,
                # Any of the ranks that equal true scores share will do.
                "inside": one.rank_low <= last and best <= one.rank_high,
            }
        )
    return cases


def true_scores(world: World) -> dict[str, float]:
    """Expected distinct customers times the harm of a mention as the scoring weighs it."""
    scoring = scoring_config(load().scoring)
    reach: dict[str, list[float]] = {name: [] for name in world.themes}
    back: dict[str, list[float]] = {name: [] for name in world.themes}
    last = 7 * (len(world.board.days) // 7) - 1
    for number in range(_DEALS):
        dealt = deal(world.board, world.truth, seed=10_000 + 100 * world.seed + number)
        for name in world.themes:
            reach[name].append(float(np.unique(dealt[name].customer).size))
            back[name].append(_recontact(dealt[name], last, scoring.impact))
    weight = scoring.score_weight + scoring.recontact_weight
    return {
        name: float(np.mean(reach[name]))
        * (
            scoring.score_weight * world.truth.plantings[name].loss
            + scoring.recontact_weight * float(np.nanmean(back[name]))
        )
        / weight
        for name in world.themes
    }


def _recontact(dealt: Dealt, last: int, config: ImpactConfig) -> float:
    """The share of mentions followed by another of the same customer within the days asked."""
    order = np.lexsort((dealt.day, dealt.customer))
    who, day = dealt.customer[order], dealt.day[order]
    back: FloatArray = np.zeros(who.size)
    back[:-1] = (who[1:] == who[:-1]) & (day[1:] - day[:-1] <= config.recontact_days)
    seen = day + config.recontact_days <= last
    return float(back[seen].mean()) if seen.any() else float("nan")
