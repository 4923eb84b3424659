"""Who speaks of a theme, in plain words: "2.1 times as common as elsewhere"."""

from __future__ import annotations

from nlp.theme_segments import SegmentShare
from report.wording import times

# A hundredth of the usual rate is as good as never: how much rarer nobody can count.
_LEAST = 0.01


def segment_text(share: SegmentShare) -> str:
    """How much more or less often customers with this value mention the theme than others do."""
    if share.more:
        return (
            f"{times(share.lift)} as common as elsewhere "
            f"(95% sure: {share.low:.1f} to {share.high:.1f} times)"
        )
    least = 1.0 / max(share.high, _LEAST)
    if share.low < _LEAST:
        return f"hardly ever mentioned (95% sure: at least {times(least)} as rare as elsewhere)"
    return (
        f"{times(1.0 / share.lift)} as rare as elsewhere "
        f"(95% sure: {least:.1f} to {1.0 / share.low:.1f} times)"
    )
