from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from nlp.causes.where import WhereConfig, where
from nlp.population import Population
from nlp.records import Cause

Plant = Callable[..., Population]
LEVELS: Mapping[str, Sequence[str]] = {
    "device": ("web", "ios", "android"),
    "plan": ("free", "pro", "business"),
    "region": ("US", "UK", "EU", "AU"),
    "version": ("4.0", "4.1", "4.2"),
}


def world(
    plant: Plant,
    seed: int,
    *,
    lifts: Mapping[str, tuple[Mapping[str, str], float]],
    noise: int = 6,
    rows: int = 4000,
    rate: float = 0.02,
    shuffled: int | None = None,
) -> Population:
    random = np.random.default_rng(seed)
    columns = {name: random.choice(values, rows) for name, values in LEVELS.items()}
    themes: dict[str, list[int]] = {}
    for name in [*lifts, *(f"noise{i}" for i in range(noise))]:
        rates = np.full(rows, rate)
        if name in lifts:
            segment, lift = lifts[name]
            inside = np.all([columns[at] == value for at, value in segment.items()], axis=0)
            rates[inside] *= lift
        themes[name] = np.flatnonzero(random.random(rows) < rates).tolist()
    attributes = {name: [str(value) for value in column] for name, column in columns.items()}
    return plant(
        random.integers(0, 84, rows).tolist(), themes, attributes=attributes, shuffled=shuffled
    )


def found(causes: Sequence[Cause], theme: str) -> list[dict[str, str]]:
    return [dict(cause.conditions) for cause in causes if cause.theme_id == theme]


PLANTED: dict[str, tuple[Mapping[str, str], float]] = {
    "one": ({"version": "4.2"}, 3.0),
    "two": ({"device": "ios", "version": "4.2"}, 5.0),
    "weak": ({"region": "EU"}, 2.0),
}


def test_planted_segments_are_found_exactly_and_their_lift_lies_in_the_interval(
    plant: Plant,
) -> None:
    hits, held, asked, others = 0, 0, 0, 0
    for seed in range(4):
        population = world(plant, seed, lifts=PLANTED, rate=0.035)
        causes = where(population, themes=list(population.members))
        for theme, (segment, lift) in PLANTED.items():
            asked += 1
            mine = [cause for cause in causes if cause.theme_id == theme]
            others += len(mine) - 1
            exact = [cause for cause in mine if dict(cause.conditions) == segment]
            hits += bool(exact)
            held += any((c.lift_low or 0) <= lift <= (c.lift_high or 0) for c in exact)
    assert hits >= 11, f"{hits} of {asked} planted segments found"
    assert held >= 0.8 * hits
    assert others <= 2


def test_noise_names_no_segment(plant: Plant) -> None:
    with_cause = 0
    for seed in range(4):
        population = world(plant, 100 + seed, lifts={}, noise=25, rows=3000)
        with_cause += len(where(population, themes=list(population.members)))
    assert with_cause <= 2  # no cause is true here: any is a whole false family, at most 1 in 20


def test_a_child_is_not_told_where_its_parent_explains_it(plant: Plant) -> None:
    population = world(plant, 5, lifts={"T": ({"version": "4.2"}, 4.0)}, rate=0.05)
    assert found(where(population, themes=["T"]), "T") == [{"version": "4.2"}]


def test_frequent_writers_do_not_make_a_segment(plant: Plant) -> None:
    random = np.random.default_rng(6)
    customers = np.concatenate([np.arange(2000), random.integers(0, 20, 600)])
    plan = ["free"] * 2000 + ["pro"] * 600
    everyone = random.random(2600) < 0.03
    loud = np.isin(customers, [1, 2, 3]) & (np.arange(2600) >= 2000)  # three who repeat themselves
    population = plant(
        [0] * 2600,
        {"T": np.flatnonzero(everyone | loud).tolist()},
        customers=customers.tolist(),
        attributes={"plan": plan},
    )
    assert where(population, themes=["T"]) == ()


def test_volume_alone_is_no_concentration(plant: Plant) -> None:
    days, plan = [0] * 1000, ["free"] * 900 + ["pro"] * 100
    population = plant(days, {"T": range(0, 1000, 10)}, attributes={"plan": plan})
    assert where(population, themes=["T"]) == ()


def test_missing_is_a_value_like_any_other(plant: Plant) -> None:
    plan = [None] * 500 + ["free"] * 400 + ["pro"] * 100
    population = plant(
        [0] * 1000,
        {"T": [*range(0, 500, 4), *range(500, 1000, 40)], "U": range(900, 960)},
        attributes={"plan": plan},
    )
    causes = where(population, themes=["T", "U"])
    assert found(causes, "T") == [{"plan": "(missing)"}]
    assert found(causes, "U") == [{"plan": "pro"}]


@pytest.mark.parametrize("others", [0, 2, 40])
def test_missing_is_not_told_where_another_value_says_it(plant: Plant, others: int) -> None:
    """Imported rows lack both; with 2 of 1,000 known it is the same split, with 40 another one."""
    lacks = np.arange(3000) < 1000
    known = [str(v) if v != "-" else None for v in np.where(lacks, "-", "4.1")]
    for row in range(others):
        known[row] = "4.1"
    random = np.random.default_rng(3)
    population = plant(
        [0] * 3000,
        {"T": np.flatnonzero(random.random(3000) < np.where(lacks, 0.12, 0.02)).tolist()},
        attributes={
            "age": known,
            "build": [value and f"b{i % 3}" for i, value in enumerate(known)],
            "origin": ["import" if row else f"web{i % 2}" for i, row in enumerate(lacks)],
            "region": random.choice(["EU", "US"], 3000).tolist(),
        },
    )
    assert found(where(population, themes=["T"]), "T") == [{"origin": "import"}]


def test_a_child_that_is_nearly_its_parent_is_not_told(plant: Plant) -> None:
    random = np.random.default_rng(4)
    system = random.choice(["ios", "android", "windows"], 3000)
    device = np.where(system == "windows", "desk", "phone")
    rates = np.where(system == "ios", 0.15, 0.03)
    population = plant(
        [0] * 3000,
        {"T": np.flatnonzero(random.random(3000) < rates).tolist()},
        attributes={"os": system.tolist(), "device": device.tolist()},
    )
    assert found(where(population, themes=["T"]), "T") == [{"os": "ios"}]


@pytest.mark.parametrize(("inside", "told"), [(4, False), (5, True), (6, True)])
def test_fewest_customers(plant: Plant, inside: int, *, told: bool) -> None:
    plan = ["pro"] * 20 + ["free"] * 1980
    population = plant(
        [0] * 2000, {"T": [*range(inside), *range(500, 555)]}, attributes={"plan": plan}
    )
    assert bool(where(population, themes=["T"])) is told


def test_the_share_of_the_theme_is_counted_as_its_definition_has_it(plant: Plant) -> None:
    random = np.random.default_rng(3)
    region = random.choice(["EU", "US"], 3000, p=[0.2, 0.8])
    said = random.random(3000) < np.where(region == "EU", 0.15, 0.02)
    # Every customer writes twice, mostly from both regions: one who is in both counts in full.
    population = plant(
        [0] * 3000,
        {"T": np.flatnonzero(said).tolist()},
        customers=[at // 2 for at in range(3000)],
        attributes={"region": region.tolist()},
    )
    (cause,) = where(population, themes=["T"])
    rows = np.flatnonzero(said)
    inside = {int(row) // 2 for row in rows if region[row] == "EU"}
    everyone = {int(row) // 2 for row in rows}
    assert inside & {int(row) // 2 for row in rows if region[row] == "US"}
    assert cause.customers == len(inside)
    assert cause.share_of_theme == pytest.approx(len(inside) / len(everyone), abs=1e-6)


def test_evidence_counts_and_ids(plant: Plant) -> None:
    population = world(plant, 7, lifts={"T": ({"region": "EU"}, 5.0)}, noise=0)
    (cause,) = where(population, themes=["T"])
    rows = [
        row for row in population.members["T"] if population.attributes["region"][int(row)] == "EU"
    ]
    assert cause.customers == cause.statements == len(cause.evidence_ids) == len(rows)
    assert cause.share_of_theme == pytest.approx(len(rows) / population.members["T"].size)
    assert cause.statement.startswith("region EU: ")
    assert cause.base_customers is None
    other = world(plant, 8, lifts={"T": ({"region": "EU"}, 5.0)}, noise=0)
    assert where(other, themes=["T"])[0].id == cause.id
    assert not found(where(population, themes=["T"], exclude_attributes=["region"]), "T")


def test_order_of_rows_does_not_matter(plant: Plant) -> None:
    plain = world(plant, 9, lifts=PLANTED, rows=1500)
    shuffled = world(plant, 9, lifts=PLANTED, rows=1500, shuffled=3)
    themes = list(plain.members)
    assert where(plain, themes=themes) == where(shuffled, themes=themes[::-1])


def test_nothing_to_look_at_is_no_cause(plant: Plant) -> None:
    assert where(plant([], {}), themes=["T"]) == ()
    assert where(plant([0, 1], {"T": [0]}), themes=["T"]) == ()
    assert where(plant([0] * 9, {"T": range(9)}), themes=[], config=WhereConfig()) == ()


def test_what_is_missing_because_of_an_excluded_attribute_is_not_told(plant: Plant) -> None:
    random = np.random.default_rng(2)
    kind = ["survey"] * 1000 + ["ticket"] * 2000
    version = [None] * 1000 + random.choice(["4.1", "4.2"], 2000).tolist()
    said = random.random(3000) < np.where(np.arange(3000) < 1000, 0.12, 0.02)
    attributes = {"form": kind, "version": version}
    population = plant([0] * 3000, {"T": np.flatnonzero(said)}, attributes=attributes)
    assert found(where(population, themes=["T"]), "T") == [{"form": "survey"}]
    assert where(population, themes=["T"], exclude_attributes=["form"]) == ()
