"""How customers who mention a theme feel, in plain words: scores lost, coming back, waiting."""

from __future__ import annotations

from nlp.records import Friction
from report.wording import count, percent

_POINTS = 10  # the 0..1 scale is told as points of ten, as in an NPS


def score_effect(point: Friction | None, *, least_scored: int) -> str:
    """What a mention costs in score points, with its 90% interval; or why it is not known.

    Args:
        least_scored: customers with a score from which the theme's own are used.
    """
    if point is None or point.loss is None:
        return "What it costs in scores was not measured."
    range_told = _range(point)
    if point.scored < least_scored:
        return (
            f"Too few of its customers gave a score to measure it ({point.scored}; "
            f"{least_scored} are needed). Going by the other themes, they score "
            f"{_compared(point.loss)}{range_told}."
        )
    return (
        f"Customers who mention it score {_compared(point.loss)}{range_told}; "
        f"measured on {count(point.scored, 'customer')} with a score."
    )


def after_effects(point: Friction | None, *, recontact_days: int) -> tuple[str, ...]:
    """Coming back, reopened tickets and days to resolve: a sentence each, of what is known."""
    if point is None:
        return ()
    told: list[str] = []
    if point.recontact_rate is not None:
        told.append(
            f"{percent(point.recontact_rate)} of its mentions are followed by another one of the "
            f"same customer within {count(recontact_days, 'day')}."
        )
    if point.reopen_rate is not None:
        told.append(f"{percent(point.reopen_rate)} of its resolved tickets were reopened.")
    if point.days_to_resolve is not None:
        told.append(
            f"Half of its tickets took longer than {_days(point.days_to_resolve)} to resolve."
        )
    return tuple(told)


def _compared(loss: float) -> str:
    points = abs(loss) * _POINTS
    if round(points, 1) == 0:
        return "about as high as comparable customers"
    direction = "lower" if loss > 0 else "higher"
    return f"{points:.1f} of {_POINTS} points {direction} than comparable customers"


def _range(point: Friction) -> str:
    if point.loss_low is None or point.loss_high is None:
        return ""
    low, high = point.loss_low * _POINTS, point.loss_high * _POINTS
    if low >= 0:
        return f" (90% sure: {low:.1f} to {high:.1f} lower)"
    if high <= 0:
        return f" (90% sure: {-high:.1f} to {-low:.1f} higher)"
    return f" (90% sure: between {-low:.1f} higher and {high:.1f} lower, so it may be nothing)"


def _days(days: float) -> str:
    return count(days, "day") if days >= 10 else f"{days:.1f} days"
