"""What people edit: loading, cross-checking and digesting the five files of a labels directory.

A directory may hold any of the files; one it does not hold is taken from the package. In
`scoring.yaml`, in `metrics.yaml` and under `matching:` single keys may be left out, too, and take
the packaged value: a file of an older version keeps working when a setting is added. Lists
(intents, stages, owners) are never mixed: they are the user's, or the package's.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from labels.errors import LabelsError, Problem, refuse
from labels.explain import explain
from labels.ownership import (
    Escalation,
    Intent,
    Intents,
    Journey,
    Owner,
    OwnerMatching,
    Owners,
    Rule,
    Stage,
    StageMatching,
)
from labels.references import UNPLACED, Content, check_references
from labels.scoring import Metric, Metrics, Scoring
from labels.yamlfile import YamlFile, read_yaml

__all__ = [
    "FILES",
    "PACKAGED",
    "UNPLACED",
    "Escalation",
    "Intent",
    "Labels",
    "LabelsError",
    "Metric",
    "Owner",
    "OwnerMatching",
    "Problem",
    "Rule",
    "Scoring",
    "Stage",
    "StageMatching",
    "copy_defaults",
    "load",
]

PACKAGED = Path(__file__).parent
FILES = ("intents.yaml", "journey.yaml", "owners.yaml", "scoring.yaml", "metrics.yaml")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Labels:
    """Everything people set. `packaged` names the files that are still the package's own."""

    intents: tuple[Intent, ...]
    stages: tuple[Stage, ...]
    stage_matching: StageMatching
    owners: tuple[Owner, ...]
    fallback: Owner
    owner_matching: OwnerMatching
    scoring: Scoring
    metrics: Mapping[str, Metric]
    packaged: frozenset[str]
    digest: str

    def owner(self, owner_id: str) -> Owner | None:
        """The owner with this id, or None."""
        return next((owner for owner in self.owners if owner.id == owner_id), None)

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with this id, or None (also for `UNPLACED`)."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    def intent(self, intent_id: str) -> Intent | None:
        """The seed with this id, or None."""
        return next((intent for intent in self.intents if intent.id == intent_id), None)


def load(directory: Path | None = None) -> Labels:
    """The labels of a directory, or the packaged ones.

    Raises:
        LabelsError: no such directory, no labels file in it, a file name that is nearly one of
            `FILES`, wrong YAML, an unknown or missing key, a wrong type or range, a repeated id,
            or a reference to an owner, stage or intent that is not there. It lists all problems
            of the first step that fails (reading, then each file, then references).
    """
    if directory is not None:
        _check_directory(directory)
    packaged = _packaged()
    files = {
        name: read_yaml(directory / name)
        if directory is not None and (directory / name).exists()
        else packaged[name]
        for name in FILES
    }
    problems: list[Problem] = []
    intents = _parse(Intents, files["intents.yaml"], {}, problems)
    journey = _parse(Journey, files["journey.yaml"], _only(packaged, "journey.yaml"), problems)
    owners = _parse(Owners, files["owners.yaml"], _only(packaged, "owners.yaml"), problems)
    scoring = _parse(Scoring, files["scoring.yaml"], packaged["scoring.yaml"].data, problems)
    metrics = _parse(Metrics, files["metrics.yaml"], packaged["metrics.yaml"].data, problems)
    if intents is None or journey is None or owners is None or scoring is None or metrics is None:
        raise LabelsError(tuple(problems))
    content = Content(intents, journey, owners, scoring, metrics)
    known_metrics = tuple(packaged["metrics.yaml"].data["metrics"])
    problems = check_references(content, files, directory=directory, known_metrics=known_metrics)
    if problems:
        raise LabelsError(tuple(problems))
    return Labels(
        intents=intents.intents,
        stages=journey.stages,
        stage_matching=journey.matching,
        owners=owners.owners,
        fallback=next(owner for owner in owners.owners if owner.id == owners.fallback),
        owner_matching=owners.matching,
        scoring=scoring,
        metrics=metrics.metrics,
        packaged=frozenset(name for name in FILES if files[name] is packaged[name]),
        digest=_digest(content),
    )


def copy_defaults(target: Path) -> tuple[Path, ...]:
    """Write the packaged files into `target`, for editing; files already there are left alone.

    Returns:
        The files written, in the order of `FILES`.

    Raises:
        LabelsError: `target` exists and is not a directory.
    """
    if target.exists() and not target.is_dir():
        raise refuse(str(target), "is a file; name a directory for the labels")
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name in FILES:
        if not (target / name).exists():
            (target / name).write_bytes((PACKAGED / name).read_bytes())
            written.append(target / name)
    return tuple(written)


@functools.cache
def _packaged() -> Mapping[str, YamlFile]:
    return {name: read_yaml(PACKAGED / name) for name in FILES}


def _check_directory(directory: Path) -> None:
    if not directory.is_dir():
        message = "is not a directory; `groundswell init` writes one to edit"
        raise refuse(str(directory), message)
    names = sorted(path.name for path in directory.iterdir() if path.suffix in {".yaml", ".yml"})
    for name in names:
        near = difflib.get_close_matches(name, FILES, n=1, cutoff=0.8)
        if near and name not in FILES:
            message = f"is not read; rename it to {near[0]}, or to something unlike it"
            raise refuse(str(directory / name), message)
    if not set(names) & set(FILES):
        message = f"holds none of {', '.join(FILES)}; `groundswell init` writes them"
        raise refuse(str(directory), message)


def _only(packaged: Mapping[str, YamlFile], name: str) -> dict[str, Any]:
    return {"matching": packaged[name].data["matching"]}


def _parse(
    model: type[Model], file: YamlFile, defaults: Mapping[str, Any], problems: list[Problem]
) -> Model | None:
    try:
        return model.model_validate(_over(defaults, file.data))
    except ValidationError as error:
        problems.extend(explain(error, model, file).problems)
        return None


def _over(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` laid over `defaults`, mapping by mapping; lists and values replace."""
    merged = {**defaults, **own}
    for key, value in defaults.items():
        if isinstance(value, dict) and isinstance(own.get(key), dict):
            merged[key] = _over(value, own[key])
    return merged


def _digest(content: Content) -> str:
    plain = [part.model_dump(mode="json") for part in content]
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
