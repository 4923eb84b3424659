from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.population import Population, build_population, restrict
from nlp.records import Assignment, Statement

Plant = Callable[..., Population]


def _equal(a: Population, b: Population) -> bool:
    return (
        a.feedback == b.feedback
        and np.array_equal(a.customers, b.customers)
        and np.array_equal(a.days, b.days)
        and a.weeks == b.weeks
        and a.attributes == b.attributes
        and a.members.keys() == b.members.keys()
        and all(np.array_equal(a.members[name], b.members[name]) for name in a.members)
        and a.statements == b.statements
    )


rows = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 4), st.booleans(), st.sampled_from("xyz")),
    min_size=1,
    max_size=20,
)


@given(rows=rows, data=st.data())
def test_restricting_is_building_from_what_is_kept(
    plant: Plant, rows: list[tuple[int, int, bool, str]], data: st.DataObject
) -> None:
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))

    whole = plant(
        [row[0] for row in rows],
        {"T": [i for i, row in enumerate(rows) if row[2]]},
        customers=[row[1] for row in rows],
        attributes={"a": [row[3] for row in rows], "b": [None, *("q" for _ in rows[1:])]},
    )
    statements = [
        Statement(whole.feedback[row].key, int(name.rsplit("#")[1]), "text")
        for (_, row), ids in whole.statements.items()
        for name in ids
    ]
    placed = {s.id: Assignment(s.id, "T", None, "leaf", 1.0, "test") for s in statements}
    kept = [item for item, stays in zip(whole.feedback, keep, strict=True) if stays]
    assert _equal(restrict(whole, keep), build_population(kept, statements, placed))


def test_a_mask_of_another_length_is_refused(plant: Plant) -> None:
    with pytest.raises(ValueError, match="the population holds 2"):
        restrict(plant([0, 1], {}), np.ones(3, dtype=np.bool_))


def test_shuffled_input_gives_the_same_population(plant: Plant) -> None:
    days, themes = list(range(30)), {"T": [1, 5, 9], "U": [5, 29]}
    assert _equal(plant(days, themes), plant(days, themes, shuffled=1))
