"""Who speaks of a theme, in plain words: "2.1 times as common as elsewhere"."""

from __future__ import annotations

from nlp.theme_segments import SegmentShare
from report.wording import times


def segment_text(share: SegmentShare) -> str:
    """How much more or less often customers with this value mention the theme than others do."""
    if share.more:
        text = f"{times(share.lift)} as common as elsewhere"
    elif share.lift > 0.005:
        text = f"{times(1.0 / share.lift)} as rare as elsewhere"
    else:
        text = "hardly ever mentioned"
    low, high = (share.low, share.high) if share.more else _inverse(share)
    return f"{text} (95% sure: {low:.1f} to {high:.1f} times)"


def _inverse(share: SegmentShare) -> tuple[float, float]:
    return 1.0 / max(share.high, 1e-3), 1.0 / max(share.low, 1e-3)
