from __future__ import annotations

from collections.abc import Callable, Sequence

from nlp.causes.join import join_causes
from nlp.population import Population
from nlp.records import Cause, CauseKind, RootCause

Plant = Callable[..., Population]
WEEK = "2026-W20"
THEME = "T-1"


def world(plant: Plant, customers: int = 100) -> Population:
    """A hundred customers of one theme, one message each, among as many of none."""
    return plant(
        [row % 84 for row in range(2 * customers)],
        {THEME: range(customers)},
        attributes={"version": ["4.2" if row < 40 else "4.1" for row in range(2 * customers)]},
    )


def piece(
    population: Population,
    name: str,
    kind: CauseKind,
    rows: Sequence[int],
    **more: object,
) -> Cause:
    ids = population.evidence(THEME, rows)
    base: dict[str, object] = {
        "id": f"C-{name}",
        "theme_id": THEME,
        "kind": kind,
        "statement": f'Customers say: "{name}"' if kind == "said" else f"{name} ({kind})",
        "customers": len(rows),
        "statements": len(ids),
        "share_of_theme": len(rows) / 100,
        "evidence_ids": ids,
    }
    return Cause(**(base | more))  # type: ignore[arg-type]


def groups(found: Sequence[RootCause]) -> list[set[str]]:
    return sorted(({name[2:] for name in one.evidence} for one in found), key=sorted)


def test_pieces_whose_customers_overlap_beyond_chance_are_one_cause(plant: Plant) -> None:
    population = world(plant)
    pieces = [
        piece(population, "when", "when", range(30)),
        piece(population, "where", "where", range(35), conditions=(("version", "4.2"),)),
        piece(population, "sofa", "said", range(5, 25)),
        piece(population, "chair", "said", range(60, 80)),
    ]
    found = join_causes(population, pieces, week=WEEK)
    assert groups(found) == [{"chair"}, {"sofa", "when", "where"}]
    joined = next(one for one in found if len(one.evidence) == 3)
    assert joined.customers == 35
    assert joined.kinds == ("said", "where", "when")
    assert joined.state == "corroborated"
    assert {one.state for one in found if one is not joined} == {"observed"}
