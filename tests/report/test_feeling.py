from __future__ import annotations

import pytest

from nlp.records import Friction
from nlp.theme_segments import SegmentShare
from report.feeling import after_effects, score_effect
from report.segment_wording import segment_text


def point(
    *, loss: float | None = 0.16, low: float = 0.06, high: float = 0.27, scored: int = 14
) -> Friction:
    return Friction(
        *("T", "label", "owner", "stage", 40, 0.2, 0.1, 0.3, 0.85, 1.0, 6.8, 1, 1, 2, 1.0),
        tied_with=(),
        top_causes=(),
        loss=loss,
        loss_low=low,
        loss_high=high,
        scored=scored,
        recontact_rate=0.18,
        days_to_resolve=2.5,
    )


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            point(scored=10),
            (
                "Customers who mention it score 1.6 of 10 points lower than comparable customers "
                "(90% sure: 0.6 to 2.7 lower); measured on 10 customers with a score."
            ),
        ),
        (
            point(scored=9),
            (
                "Too few of its customers gave a score to measure it (9; 10 are needed). Going "
                "by the other themes, they score 1.6 of 10 points lower than comparable customers "
                "(90% sure: 0.6 to 2.7 lower)."
            ),
        ),
        (
            point(loss=-0.1, low=-0.2, high=-0.05),
            (
                "Customers who mention it score 1.0 of 10 points higher than comparable customers "
                "(90% sure: 0.5 to 2.0 higher); measured on 14 customers with a score."
            ),
        ),
        (
            point(loss=0.001, low=-0.1, high=0.12),
            (
                "Customers who mention it score about as high as comparable customers (90% sure: "
                "between 1.0 higher and 1.2 lower, so it may be nothing); measured on 14 customers "
                "with a score."
            ),
        ),
        (point(loss=None), "What it costs in scores was not measured."),
        (None, "What it costs in scores was not measured."),
    ],
)
def test_what_a_mention_costs(given: Friction | None, text: str) -> None:
    assert score_effect(given, least_scored=10) == text


def test_only_what_is_known_is_said_of_what_comes_after() -> None:
    assert after_effects(point(), recontact_days=14) == (
        "18% of its mentions are followed by another one of the same customer within 14 days.",
        "Half of its tickets took longer than 2.5 days to resolve.",
    )
    assert after_effects(None, recontact_days=14) == ()


@pytest.mark.parametrize(
    ("lift", "low", "high", "text"),
    [
        (2.0, 1.5, 3.04, "2.0 times as common as elsewhere (95% sure: 1.5 to 3.0 times)"),
        (0.5, 0.25, 0.8, "2.0 times as rare as elsewhere (95% sure: 1.2 to 4.0 times)"),
        (
            0.001,
            0.0,
            0.5,
            "hardly ever mentioned (95% sure: at least 2.0 times as rare as elsewhere)",
        ),
    ],
)
def test_segments_in_words(lift: float, low: float, high: float, text: str) -> None:
    share = SegmentShare("plan", "Pro", 9, 4.0, 0.2, lift, low, high, 0.01, lift > 1, True, False)
    assert segment_text(share) == text
