"""Where on the customer's journey a theme stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labels.schema import UNPLACED, Labels
from nlp.nearest import FloatArray, ThemeFacts, confidence_of, nearest
from nlp.records import StageMatch


@dataclass(frozen=True, slots=True)
class JourneyConfig:
    """Measured on 35 invented themes (tests/nlp/ownership_themes.yaml) with all-MiniLM-L6-v2.

    top: a stage is as near as the mean of its `top` nearest texts: 1 to 3 placed 28, 29 and 30 of
        the 35 themes as a colleague would, the mean of all texts 27. Stages are broad, so
        several of their texts should be near, not one by accident.
    temperature: of the softmax that makes confidence from similarities; 0.03 gave the right stages
        the highest likelihood (0.01 to 0.15 tried).
    """

    top: int = 3
    temperature: float = 0.03


def stage_texts(labels: Labels) -> dict[str, tuple[str, ...]]:
    """Stage id -> the texts to embed for it: its examples, then its description."""
    return {stage.id: (*stage.examples, stage.description) for stage in labels.stages}


def match_stage(
    facts: ThemeFacts,
    *,
    labels: Labels,
    stage_vectors: Mapping[str, FloatArray],
    config: JourneyConfig | None = None,
) -> StageMatch:
    """The stage that the theme's seed names, else the nearest in meaning, else "not placed".

    Args:
        facts: the theme.
        labels: the stages and how near is near enough.
        stage_vectors: stage id -> unit vectors of `stage_texts(labels)`, shape (n, d).
        config: how nearness becomes confidence.

    Returns:
        A match; its `stage_id` is `labels.schema.UNPLACED`, with confidence 0, when no stage is
        near enough or two are too close to call.

    Raises:
        ValueError: the vectors are not those of the labels' stages.
    """
    config = config or JourneyConfig()
    intent = labels.intent(facts.intent_id) if facts.intent_id is not None else None
    if intent is not None and intent.stage is not None:
        stage = labels.stage(intent.stage)
        if stage is not None:
            reason = f"the intent '{intent.name}' names this stage"
            return StageMatch(stage.id, stage.name, reason, confidence=1.0)
    ids = tuple(stage.id for stage in labels.stages)
    near = nearest(facts.centroid, stage_vectors, ids=ids, top=config.top)
    names = {stage.id: stage.name for stage in labels.stages}
    first = near[0]
    text = stage_texts(labels)[first.id][first.text_no]
    margin = first.similarity - near[1].similarity if len(near) > 1 else None
    reason = f"closest to {names[first.id]} ('{text}'), similarity {first.shown}"
    if margin is not None:
        reason += f", next {names[near[1].id]} {near[1].shown}"
    limits = labels.stage_matching
    if first.similarity < limits.min_similarity:
        reason += f"; under {limits.min_similarity:.2f}, so not placed"
    elif margin is not None and margin < limits.min_margin:
        reason += f"; less than {limits.min_margin:.2f} apart, so not placed"
    else:
        similarities = [one.similarity for one in near]
        confidence = confidence_of(similarities, temperature=config.temperature)
        return StageMatch(first.id, names[first.id], reason, confidence)
    return StageMatch(UNPLACED, "Not placed", reason, confidence=0.0)
