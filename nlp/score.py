"""What goes into a score, as people set it: weights, confidence, effort and minimums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from nlp.harm import Harm, harms
from nlp.impact import Impact, ImpactConfig
from nlp.records import RootCause


@dataclass(frozen=True, slots=True)
class ScoringConfig:
    """What goes into the score; labels/scoring.yaml is mapped onto this."""

    # Under five distinct customers one more or less moves the score by a fifth: no rank then.
    min_customers: int = 5
    # Confidence by how many independent kinds of evidence (said, where, when) one cause has: a
    # guess is 0.5. A cause that a person has looked at and confirmed is as sure as it gets.
    by_evidence_kinds: tuple[float, ...] = (0.5, 0.7, 0.85, 1.0)
    confirmed: float = 1.0
    # Scores are the customer's own word; coming back may have other reasons. A source without data
    # is left out and the rest rescaled.
    score_weight: float = 0.6
    recontact_weight: float = 0.25
    effort_default: float = 1.0
    effort_by_owner: Mapping[str, float] = field(default_factory=dict)
    effort_by_theme: Mapping[str, float] = field(default_factory=dict)
    # By theme or owner id.
    effort_decided: Mapping[str, float] = field(default_factory=dict)
    resamples: int = 400
    seed: int = 20240229
    # Two themes are tied unless one leads in 95% of the resamples (a 90% two-sided interval).
    level: float = 0.90
    impact: ImpactConfig = field(default_factory=ImpactConfig)

    def effort(self, theme_id: str, owner_id: str) -> float:
        """As decided for the theme, for its owner; as set for the theme, for its owner; default."""
        told = self._efforts(theme_id, owner_id)
        return told[0][1] if told else self.effort_default

    def effort_source(self, theme_id: str, owner_id: str) -> Literal["theme", "owner", "default"]:
        """Which of them says the effort."""
        told = self._efforts(theme_id, owner_id)
        return told[0][0] if told else "default"

    def _efforts(
        self, theme_id: str, owner_id: str
    ) -> list[tuple[Literal["theme", "owner"], float]]:
        """All that are known, the one that counts first."""
        known: tuple[tuple[Literal["theme", "owner"], str, Mapping[str, float]], ...] = (
            ("theme", theme_id, self.effort_decided),
            ("owner", owner_id, self.effort_decided),
            ("theme", theme_id, self.effort_by_theme),
            ("owner", owner_id, self.effort_by_owner),
        )
        return [(source, efforts[name]) for source, name, efforts in known if name in efforts]

    def with_efforts(self, efforts: Mapping[str, float]) -> ScoringConfig:
        """People's decisions, by theme or owner id; all come before what the labels say."""
        return replace(self, effort_decided={**self.effort_decided, **efforts})

    def confidence_of(self, cause: RootCause) -> float:
        """By how many independent kinds of evidence it has, or because a person confirmed it."""
        if cause.state == "confirmed":
            return self.confirmed
        return self.by_evidence_kinds[min(cause.independent, len(self.by_evidence_kinds) - 1)]

    def confidence(self, causes: Iterable[RootCause]) -> float:
        """A theme's: that of its best known cause. Evidence of different causes does not add up."""
        told = [self.confidence_of(cause) for cause in causes if cause.state != "rejected"]
        return max(told, default=self.by_evidence_kinds[0])

    def harm(self, impact: Impact) -> Harm:
        """Impact with the weights of this config."""
        return self.harms([impact])[0]

    def harms(self, impacts: Sequence[Impact]) -> list[Harm]:
        """The same of several."""
        return harms(
            impacts,
            score_weight=self.score_weight,
            recontact_weight=self.recontact_weight,
            level=self.level,
        )
