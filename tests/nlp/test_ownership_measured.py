"""Owner and stage with the real encoder, on invented themes: the numbers that the comments cite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml

from labels.schema import UNPLACED, load
from nlp.journey import match_stage, stage_texts
from nlp.nearest import embedded
from nlp.ownership import ThemeFacts, match_owner, owner_texts
from nlp.records import OwnerMatch, StageMatch

THEMES = Path(__file__).with_name("ownership_themes.yaml")


@dataclass(frozen=True)
class Judged:
    first: str
    owners: list[str]
    stages: list[str]
    owner: OwnerMatch
    stage: StageMatch


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    from nlp.embed import load_encoder
    from nlp.models import minilm_path

    encode = load_encoder(minilm_path(), digest="test").encode
    labels = load()
    owner_vectors = embedded(owner_texts(labels), encode)
    stage_vectors = embedded(stage_texts(labels), encode)
    rows = yaml.safe_load(THEMES.read_text("utf-8"))
    said = embedded({str(number): row["says"] for number, row in enumerate(rows)}, encode)
    found = []
    for number, row in enumerate(rows):
        mean = said[str(number)].mean(axis=0)
        facts = ThemeFacts(f"t{number}", "", (), tuple(row["says"]), mean / np.linalg.norm(mean))
        stage = match_stage(facts, labels=labels, stage_vectors=stage_vectors)
        owner = match_owner(
            facts, labels=labels, owner_vectors=owner_vectors, decision=None, stage=stage
        )
        found.append(Judged(row["says"][0], row["owner"], row["stage"], owner, stage))
    return found


def test_nine_in_ten_owners_are_those_a_colleague_would_name(judged: list[Judged]) -> None:
    ours = [one for one in judged if one.owners]
    wrong = [one for one in ours if one.owner.owner_id not in one.owners]
    silent = [one.first for one in wrong if not one.owner.needs_confirmation]
    print(f"owners: {len(ours) - len(wrong)} of {len(ours)}; wrong, unflagged: {silent}")
    assert len(ours) - len(wrong) >= 31
    assert len(silent) <= 1


def test_stages_are_right_or_left_open(judged: list[Judged]) -> None:
    ours = [one for one in judged if one.stages]
    right = [one for one in ours if one.stage.stage_id in one.stages]
    placed = [one for one in ours if one.stage.stage_id != UNPLACED]
    print(f"stages: {len(right)} right of {len(placed)} placed of {len(ours)}")
    assert len(right) >= 28
    assert len(placed) - len(right) <= 2


def test_strangers_go_to_the_fallback_flagged_and_unplaced(judged: list[Judged]) -> None:
    strangers = [one for one in judged if not one.owners]
    assert len(strangers) == 5
    for one in strangers:
        assert (one.owner.method, one.owner.needs_confirmation) == ("fallback", True), one.first
        assert one.stage.stage_id == UNPLACED, one.first
