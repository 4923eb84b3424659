"""The numbers behind rank, trend and birth, and what each number shown means."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from labels.ownership import Count, Entry, Id, Share, Text

Weight = Annotated[float, Field(strict=True, ge=0)]
Effort = Annotated[float, Field(strict=True, gt=0)]


class Minimum(Entry):
    """Below these a theme is shown, with "not enough data" in place of a rank.

    customers: distinct customers in the period.
    scored: scored messages before score loss counts as a source of impact.
    """

    customers: Count
    scored: Count


class Confidence(Entry):
    """How sure a cause is, as a factor of the score.

    `by_evidence_kinds[k]`: when k of the three kinds of evidence agree; `confirmed`: when a person
    has confirmed it.
    """

    by_evidence_kinds: Annotated[tuple[Share, ...], Field(min_length=4, max_length=4)]
    confirmed: Share

    @model_validator(mode="after")
    def _never_falls(self) -> Confidence:
        if list(self.by_evidence_kinds) != sorted(self.by_evidence_kinds):
            raise ValueError("more evidence may not lower the confidence; write it in rising order")
        if self.confirmed < self.by_evidence_kinds[-1]:
            raise ValueError("confirming a cause may not lower its confidence; raise confirmed")
        return self


class Impact(Entry):
    """Weights of the sources of impact; those a theme has no data for are left out of the mean."""

    score_loss: Weight
    recontact: Weight

    @model_validator(mode="after")
    def _weighs_something(self) -> Impact:
        if self.score_loss + self.recontact == 0:
            raise ValueError("at least one weight must be above 0, or every impact is undefined")
        return self


class EffortTable(Entry):
    """Effort to fix, in any unit used throughout. The most specific wins: theme, owner, default."""

    default: Effort
    per_owner: dict[Id, Effort] = Field(default={})
    per_theme: dict[Text, Effort] = Field(default={})

    def of(self, theme_id: str, owner_id: str) -> float:
        """The effort set for the theme, else for its owner, else the default."""
        return self.per_theme.get(theme_id, self.per_owner.get(owner_id, self.default))


class TrendRule(Entry):
    """A week against its own baseline. `fdr`: share of false alarms tolerated among the flagged."""

    baseline_weeks: Count
    fdr: Annotated[float, Field(strict=True, gt=0, lt=1)]
    min_customers: Count


class ThreeMonths(Entry):
    """Three months running: both in each of the last three blocks of four weeks."""

    min_customers: Count
    min_weeks: Annotated[int, Field(strict=True, ge=1, le=4)]


class Births(Entry):
    """What a group of unthemed statements must show before it is born as a theme."""

    min_statements: Count
    min_customers: Count
    min_weeks: Count
    burst: Count
    min_stability: Share


class Lifespan(Entry):
    """When a theme that hardly anybody mentions retires, and what brings it back.

    min_expected: mentions that the theme should have had in the silent weeks, at its rate before,
    where none came; where one or two did, as many as make so few just as unlikely.
    """

    silent_weeks: Count
    min_expected: Annotated[float, Field(strict=True, gt=0)]
    revival_weeks: Count
    revival_mentions: Count
    revival_customers: Count


class Window(Entry):
    """How many weeks, up to the one run, friction points and causes are counted on."""

    friction_weeks: Count
    cause_weeks: Count

    @model_validator(mode="after")
    def _causes_reach_as_far(self) -> Window:
        if self.cause_weeks < self.friction_weeks:
            raise ValueError(
                "what a theme costs is measured over the weeks of its causes, and friction points "
                "are ranked by it; make cause_weeks at least as many as friction_weeks"
            )
        return self


class Scoring(Entry):
    """scoring.yaml."""

    minimum: Minimum
    confidence: Confidence
    impact: Impact
    effort: EffortTable
    trend: TrendRule
    three_months: ThreeMonths
    births: Births
    lifespan: Lifespan
    window: Window


class Metric(Entry):
    """A number people see: its meaning and making, its guardian, what changes when it moves."""

    name: Text
    definition: Text
    formula: Text
    guardian: Text
    moves_when: Text


class Metrics(Entry):
    """metrics.yaml: metric id -> definition."""

    metrics: Annotated[dict[Id, Metric], Field(min_length=1)]
