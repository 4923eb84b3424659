"""The small drawings of the week's tables: a rank with its range, a share, a mean score.

Inline SVG like the rest (`report.charts`): colours by class, and a text that says the same.
"""

from __future__ import annotations

from markupsafe import Markup

from nlp.records import Friction
from report.charts import interval
from report.document import FrictionLine, JourneyStage

_WIDTH = 96
_HEIGHT = 12


def rank_range(line: FrictionLine | Friction, *, ranked: int) -> Markup:
    """Where a friction point could as well stand (90% sure), from rank 1 to the last rank.

    Nothing where there is no range, or only one place to stand in.
    """
    if line.rank is None or line.rank_low is None or line.rank_high is None or ranked < 2:
        return Markup("")
    return interval(
        min(line.rank_low, line.rank),
        line.rank,
        max(line.rank_high, line.rank),
        least=1,
        most=ranked,
        text=rank_text(line, ranked=ranked),
        width=_WIDTH,
    )


def rank_text(line: FrictionLine | Friction, *, ranked: int) -> str:
    """The 90% interval in words: "rank 2 of 20, could as well be 2 to 10 (90% sure)"."""
    text = f"rank {line.rank} of {ranked}"
    if line.rank_low is None or line.rank_high is None:
        return text
    if line.rank_low == line.rank_high:
        return f"{text}, 90% sure"
    return f"{text}, could as well be {line.rank_low} to {line.rank_high} (90% sure)"


def problem_bar(stage: JourneyStage, *, most: int) -> Markup:
    """A stage's problems as a bar; the stage with `most` fills it."""
    # A hairline is left for nobody, so that it reads as "none", not as "no data".
    wide = max(1.0, stage.problems / max(1, most) * _WIDTH)
    shape = Markup('<rect class="range" x="0" y="1" width="{}" height="10" fill="#7fb0de"/>')
    return _svg(shape.format(_number(wide)), f"{stage.problems:,} of at most {most:,} a stage")


def score_bar(score: float, *, most: float) -> Markup:
    """A score as a bar; the highest one fills it."""
    wide = max(1.0, score / most * _WIDTH) if most > 0 else 1.0
    shape = Markup('<rect class="range" x="0" y="1" width="{}" height="10" fill="#7fb0de"/>')
    part = f"{score / most:.0%} of the highest score" if most > 0 else "no scores"
    return _svg(shape.format(_number(wide)), part)


def score_range(stage: JourneyStage) -> Markup:
    """A stage's mean score with its interval on the line from 0 to 100; nothing without one."""
    if stage.score is None or stage.score_low is None or stage.score_high is None:
        return Markup("")
    return interval(
        stage.score_low,
        stage.score,
        stage.score_high,
        least=0,
        most=100,
        text=f"mean score {stage.score:.0f} of 100, 95% sure: {stage.score_low:.0f} to "
        f"{stage.score_high:.0f}",
        width=_WIDTH,
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _svg(content: Markup, text: str) -> Markup:
    return Markup(
        '<svg class="chart" role="img" xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}"'
        ' viewBox="0 0 {w} {h}" aria-label="{t}"><title>{t}</title>{c}</svg>'
    ).format(w=_WIDTH, h=_HEIGHT, t=text, c=content)
