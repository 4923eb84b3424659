from __future__ import annotations

from dataclasses import replace

import pytest

from nlp.records import RootCause, Verdict
from report.cause_wording import reworded_text
from report.verdict_wording import pending_text

PLAIN = RootCause(
    *("R-1", "T-1", "the rule", "observed", ("said",), ("C-1",), 9, 9, 0.5, ("desk/1#0",)),
    *("2026-W47",),
)
CONFIRMED = replace(PLAIN, state="confirmed", decided_by="ana", decision_note="in the log")
VERDICT = Verdict("R-1", "confirmed", "in the log", "ana")


@pytest.mark.parametrize(
    ("cause", "verdict", "told"),
    [
        (PLAIN, None, ""),
        (CONFIRMED, VERDICT, ""),
        (PLAIN, VERDICT, "confirmed by ana: in the log; applies with the next run"),
        (
            CONFIRMED,
            replace(VERDICT, state="rejected"),
            "rejected by ana: in the log; applies with the next run",
        ),
        (
            CONFIRMED,
            replace(VERDICT, note="in the code"),
            "confirmed by ana: in the code; applies with the next run",
        ),
        (CONFIRMED, None, "confirmed by ana no more; applies with the next run"),
    ],
)
def test_only_what_is_not_published_yet_is_told(
    cause: RootCause, verdict: Verdict | None, told: str
) -> None:
    assert pending_text(cause, verdict) == told


def test_a_cause_that_reads_otherwise_than_it_was_judged_says_so() -> None:
    judged = replace(CONFIRMED, decided_wording="Mostly for plan Pro")
    assert reworded_text(judged, "Mostly for plan Pro") == ""
    assert reworded_text(CONFIRMED, "Mostly for plan Pro") == ""  # no wording was kept then
    told = reworded_text(judged, "Mostly for plan Team")
    assert told == "confirmed by ana when it read “Mostly for plan Pro”"
