from __future__ import annotations

import datetime as dt
import json

from hypothesis import given
from hypothesis import strategies as st

from nlp.intake import IntakeConfig, intake
from nlp.records import Feedback
from nlp.repeats import LOST, Placed, settle_repeats

DAY = dt.date(2026, 11, 16)


def message(own_id: str, text: str, hour: int = 1) -> Feedback:
    return Feedback(
        id=own_id,
        source="s",
        kind="ticket",
        text=text,
        created_at=dt.datetime(2026, 11, 16, hour, tzinfo=dt.UTC),
        week="2026-W47",
        day=DAY,
    )


def test_identical_rows_are_repeats_and_the_latest_of_different_ones_wins() -> None:
    early, late = message("1", "early", 1), message("1", "late", 2)
    rows = [Placed(early, "f", 2), Placed(late, "f", 3), Placed(late, "f", 4)]
    settled = settle_repeats(rows)
    assert settled.kept == (late,)
    assert settled.repeats == 1
    assert [(lost.line, lost.reason) for lost in settled.rejected] == [(2, LOST)]
    assert intake(json.loads(settled.rejected[0].raw), config=IntakeConfig()) == early


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from([1, 2]))),
    st.randoms(use_true_random=False),
)
def test_order_does_not_matter_and_nothing_is_lost(
    rows: list[tuple[str, str, int]], random: object
) -> None:
    placed = [Placed(message(*row), "f", line) for line, row in enumerate(rows, start=1)]
    shuffled = list(placed)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = settle_repeats(placed), settle_repeats(shuffled)
    assert one.kept == other.kept
    assert one.repeats == other.repeats
    assert sorted(r.line for r in one.rejected) == sorted(r.line for r in other.rejected)
    assert len(one.kept) + one.repeats + len(one.rejected) == len(rows)
