"""Checks across the files: repeated ids, and references to what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from labels.errors import Problem
from labels.explain import did_you_mean
from labels.ownership import Intents, Journey, Owners
from labels.scoring import Metrics, Scoring
from labels.yamlfile import KeyPath, YamlFile, dotted

UNPLACED = "unplaced"  # the stage id of themes that are near no stage; no stage may take it
_SOURCES = {"owner": "owners.yaml", "stage": "journey.yaml", "intent": "intents.yaml"}

Reference = tuple[str, KeyPath, str, str | None]  # file, where in it, kind, the id referred to


class Content(NamedTuple):
    """The five files, each valid by itself."""

    intents: Intents
    journey: Journey
    owners: Owners
    scoring: Scoring
    metrics: Metrics


def check_references(
    content: Content,
    files: Mapping[str, YamlFile],
    *,
    directory: Path | None,
    known_metrics: tuple[str, ...],
) -> list[Problem]:
    """Everything that is repeated or refers to nothing; empty when all is well.

    `directory` is the user's, so that a problem in a file that came from the package can say
    where the user's own belongs.
    """
    ids = {
        "owner": [owner.id for owner in content.owners.owners],
        "stage": [stage.id for stage in content.journey.stages],
        "intent": [intent.id for intent in content.intents.intents],
    }
    problems = [
        *_repeated("intents", ids["intent"], files["intents.yaml"]),
        *_repeated("stages", ids["stage"], files["journey.yaml"]),
        *_repeated("owners", ids["owner"], files["owners.yaml"]),
    ]
    if UNPLACED in ids["stage"]:
        keys: KeyPath = ("stages", ids["stage"].index(UNPLACED), "id")
        message = f"{UNPLACED!r} is kept for themes that are near no stage; choose another id"
        problems.append(_at(files["journey.yaml"], keys, message))
    for name in content.metrics.metrics:
        if name not in known_metrics:
            message = f"no such metric is shown; {did_you_mean(name, known_metrics)}"
            problems.append(_at(files["metrics.yaml"], ("metrics", name), message))
    for name, keys, kind, value in _references(content):
        if value is not None and value not in ids[kind]:
            source = files[_SOURCES[kind]].path
            message = f"no {kind} {value!r} in {source}; {did_you_mean(value, ids[kind])}"
            if directory is not None and files[name].path.parent != directory:
                message += f". This file is the packaged one: put your own {name} into {directory}"
            problems.append(_at(files[name], keys, message))
    return problems


def _references(content: Content) -> Iterable[Reference]:
    yield "owners.yaml", ("fallback",), "owner", content.owners.fallback
    for n, intent in enumerate(content.intents.intents):
        yield "intents.yaml", ("intents", n, "stage"), "stage", intent.stage
        yield "intents.yaml", ("intents", n, "owner"), "owner", intent.owner
    for n, stage in enumerate(content.journey.stages):
        yield "journey.yaml", ("stages", n, "owner"), "owner", stage.owner
    for n, owner in enumerate(content.owners.owners):
        for k, rule in enumerate(owner.rules):
            keys: KeyPath = ("owners", n, "rules", k)
            yield "owners.yaml", (*keys, "stage"), "stage", rule.stage
            yield "owners.yaml", (*keys, "intent"), "intent", rule.intent
    for owner_id in content.scoring.effort.per_owner:
        yield "scoring.yaml", ("effort", "per_owner", owner_id), "owner", owner_id


def _repeated(section: str, ids: Iterable[str], file: YamlFile) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for n, entry_id in enumerate(ids):
        if entry_id in first:
            line = file.line_of((section, first[entry_id], "id"))
            message = f"the id {entry_id!r} is already used on line {line}; ids must differ"
            problems.append(_at(file, (section, n, "id"), message))
        first.setdefault(entry_id, n)
    return problems


def _at(file: YamlFile, keys: KeyPath, message: str) -> Problem:
    return Problem(str(file.path), file.line_of(keys), dotted(keys), message)
