from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from labels.schema import FILES, PACKAGED, Labels, LabelsError, copy_defaults, load

SAMPLES = Path(__file__).parents[2] / "samples" / "labels"
Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Packaged files with one text in one of them replaced; returns the directory."""

    def change(name: str, old: str, new: str) -> Path:
        copy_defaults(tmp_path)
        text = (tmp_path / name).read_text("utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1), "utf-8")
        return tmp_path

    return change


def failure(directory: Path) -> str:
    with pytest.raises(LabelsError) as caught:
        load(directory)
    return str(caught.value).replace(f"{directory}{os.sep}", "")


def test_packaged_labels_load_and_name_everybody() -> None:
    labels = load()
    assert labels.packaged == frozenset(FILES)
    assert labels.intents == ()
    assert [stage.id for stage in labels.stages][:2] == ["discover", "sign_up"]
    assert labels.fallback is labels.owner("support_operations")
    assert all(labels.owner(stage.owner) for stage in labels.stages)
    assert all(6 <= len(stage.examples) <= 10 for stage in labels.stages)


def test_samples_load_and_override_single_keys() -> None:
    labels, packaged = load(SAMPLES), load()
    assert labels.packaged == {"intents.yaml"}
    assert labels.scoring.effort.per_owner["banking"] == 2.0
    assert labels.scoring.effort.default == packaged.scoring.effort.default
    assert labels.scoring.trend == packaged.scoring.trend
    assert labels.metrics["reach"].guardian == "Beatriz Lourenço"
    assert labels.metrics["reach"].formula == packaged.metrics["reach"].formula
    assert list(labels.metrics) == list(packaged.metrics)
    assert labels.owner_matching == packaged.owner_matching


def test_every_scoring_and_matching_value_has_its_reason_beside_it() -> None:
    for name in ("scoring.yaml", "owners.yaml", "journey.yaml"):
        lines = (PACKAGED / name).read_text("utf-8").splitlines()
        start = 0 if name == "scoring.yaml" else lines.index("matching:")
        commented = False
        for line in lines[start:]:
            if line.lstrip().startswith("#"):
                commented = True
            elif re.match(r"^\S", line) or not line.strip():
                commented = False
            else:
                assert commented or "#" in line, f"{name}: {line} has no reason"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("owners.yaml", "kind: team", "kind: squad", [":21: owners[0].kind", "'person' or 'team'"]),
        ("owners.yaml", "contact: b", "contakt: b", ["owners[1].contakt", "mean 'contact'"]),
        ("owners.yaml", "contact: b", "x: b", ["owners[1].contact: is missing; add it"]),
        ("owners.yaml", "fallback: supp", "fallback: sup", ["fallback: no owner", "did you mean"]),
        ("owners.yaml", "id: mobile", "id: billing", ["owners[4].id", "already used on line 33"]),
        ("owners.yaml", "[webhook,", "[no,", ["rules[0].words[0]: expects text", "truth value"]),
        ("owners.yaml", "[webhook,", "[web*hook,", ["words[0]", "* at most at its end"]),
        ("owners.yaml", "[webhook,", "['*',", ["words[0]", "* at most at its end"]),
        ("owners.yaml", "words: [webhook, api, zapier]", "stage: usee", ["no stage 'usee'"]),
        ("owners.yaml", "words: [webhook, api, zapier]", "intent: x", ["no intent 'x'"]),
        ("owners.yaml", "- words: [webhook, api, zapier]", "- {}", ["needs at least one of"]),
        ("owners.yaml", "hits: 2", "hits: 0", ["rule_min_hits: must be at least 1, has 0"]),
        ("owners.yaml", "hits: 2", "hits: 2.5", ["rule_min_hits: expects a whole number"]),
        ("owners.yaml", "share: 0.4", "share: 1.1", ["rule_min_share: must be at most 1"]),
        ("owners.yaml", "    owns:\n", "    owns: all\n    x:\n", ["owns: expects a list"]),
        ("owners.yaml", "owners:\n", "owners:\n- text\n", ["is not valid YAML", ":20:"]),
        ("owners.yaml", "owners:\n", "owners:\n  - text\n", ["[0]: expects keys with values"]),
        ("journey.yaml", "- id: pay", "- id: unplaced", ["kept for themes", "another id"]),
        ("journey.yaml", "- id: pay", "- id: Pay", ["stages[4].id: expects an id"]),
        ("journey.yaml", "- id: pay\n", "- id:\n", ["stages[4].id: has no value"]),
        ("journey.yaml", "owner: billing", "owner: bill", ["stages[4].owner: no owner 'bill'"]),
        ("scoring.yaml", "loss: 0.6", "loss: -0.6", ["score_loss: must be at least 0, has -0.6"]),
        ("scoring.yaml", "fdr: 0.05", "fdr: .nan", ["trend.fdr", "finite"]),
        ("scoring.yaml", "fdr: 0.05", "fdr: 1.0", ["trend.fdr: must be less than 1"]),
        ("scoring.yaml", "fdr: 0.05", "fdr: '0.1'", ["trend.fdr: expects a number, has '0.1'"]),
        ("scoring.yaml", "0.85, 1.0]", "0.6, 1.0]", ["confidence", "rising order"]),
        ("scoring.yaml", "cause_weeks: 12", "cause_weeks: 7", ["window", "friction_weeks"]),
        ("scoring.yaml", "0.85, 1.0]", "0.85]", ["by_evidence_kinds: must have at least 4"]),
        ("scoring.yaml", "per_owner: {}", "per_owner: {x: 2}", ["per_owner.x: no owner 'x'"]),
        ("scoring.yaml", "per_owner: {}", "per_owner: {mobile: 0}", ["must be more than 0"]),
        ("scoring.yaml", "default: 1.0", "default: 0", ["effort.default: must be more than 0"]),
        ("scoring.yaml", "min_weeks: 2", "min_weeks: 5", ["min_weeks: must be at most 4"]),
        ("scoring.yaml", "trend:\n", "trends:\n", ["trends: unknown key; did you mean 'trend'"]),
        ("metrics.yaml", "reach:\n", "reech:\n", ["metrics.reech", "did you mean 'reach'"]),
        ("intents.yaml", "intents: []", "", ["is empty", "fill it in"]),
        ("intents.yaml", "intents: []", "- a", [":15: must hold keys with values"]),
        ("intents.yaml", "intents: []", "intents: {}", ["intents: expects a list"]),
    ],
)
def test_wrong_labels_say_file_line_key_and_way_out(
    edit: Edit, name: str, old: str, new: str, says: list[str]
) -> None:
    message = failure(edit(name, old, new))
    assert message.startswith(name)
    for part in says:
        assert part in message


def test_seed_with_unknown_owner_and_stage_reports_both(edit: Edit) -> None:
    seed = "intents:\n  - id: a\n    name: A\n    examples: [b]\n    owner: x\n    stage: y\n"
    message = failure(edit("intents.yaml", "intents: []", seed))
    assert "intents.yaml:19: intents[0].owner: no owner 'x'" in message
    assert "intents.yaml:20: intents[0].stage: no stage 'y'" in message


def test_all_weights_zero_is_refused_and_one_is_enough(edit: Edit) -> None:
    directory = edit("scoring.yaml", "score_loss: 0.6", "score_loss: 0")
    assert load(directory).scoring.impact.recontact == 0.25
    text = (directory / "scoring.yaml").read_text("utf-8")
    (directory / "scoring.yaml").write_text(text.replace("recontact: 0.25", "recontact: 0"))
    assert "impact: at least one weight must be above 0" in failure(directory)


def test_problems_of_several_files_are_told_together(edit: Edit) -> None:
    edit("scoring.yaml", "fdr: 0.05", "fdr: 2")
    directory = edit("owners.yaml", "kind: team", "kind: squad")
    with pytest.raises(LabelsError) as caught:
        load(directory)
    assert [Path(problem.file).name for problem in caught.value.problems] == [
        "owners.yaml",
        "scoring.yaml",
    ]


def test_missing_files_come_from_the_package(tmp_path: Path) -> None:
    (tmp_path / "scoring.yaml").write_text("effort: {default: 3}\n")
    labels = load(tmp_path)
    assert labels.scoring.effort.default == 3
    assert labels.packaged == frozenset(FILES) - {"scoring.yaml"}
    assert labels.owners == load().owners


def test_own_owners_without_journey_are_told_to_bring_one(tmp_path: Path) -> None:
    copy_defaults(tmp_path)
    text = (tmp_path / "owners.yaml").read_text("utf-8")
    (tmp_path / "journey.yaml").unlink()
    (tmp_path / "owners.yaml").write_text(text.replace("id: billing", "id: money"))
    message = failure(tmp_path)
    assert "stages[4].owner: no owner 'billing'" in message
    assert f"put your own journey.yaml into {tmp_path}" in message


def test_directory_that_is_none_or_holds_none(tmp_path: Path) -> None:
    assert "is not a directory; `groundswell init`" in failure(tmp_path / "nowhere")
    assert "holds none of intents.yaml" in failure(tmp_path)


@pytest.mark.parametrize("name", ["owner.yaml", "owners.yml", "Owners.yaml"])
def test_nearly_right_file_name_is_not_passed_over(tmp_path: Path, name: str) -> None:
    copy_defaults(tmp_path)
    (tmp_path / name).write_text("owners: []\n")
    assert "rename it to owners.yaml" in failure(tmp_path)


def test_unrelated_yaml_beside_the_labels_is_left_alone(tmp_path: Path) -> None:
    copy_defaults(tmp_path)
    (tmp_path / "zendesk-map.yaml").write_text("columns: {}\n")
    assert load(tmp_path).digest == load().digest


def test_digest_ignores_comments_and_key_order_but_no_value(edit: Edit) -> None:
    first = load().digest
    directory = edit("scoring.yaml", "# Distinct customers", "# Another reason for customers")
    owners = yaml.safe_load((directory / "owners.yaml").read_text("utf-8"))
    shuffled = yaml.safe_dump(owners, sort_keys=True)
    (directory / "owners.yaml").write_text(shuffled)
    assert load(directory).digest == first
    assert load(edit("scoring.yaml", "fdr: 0.05", "fdr: 0.2")).digest != first


def test_copy_defaults_writes_all_and_overwrites_nothing(tmp_path: Path) -> None:
    target = tmp_path / "new" / "labels"
    target.mkdir(parents=True)
    (target / "owners.yaml").write_text("mine")
    written = copy_defaults(target)
    assert [path.name for path in written] == [name for name in FILES if name != "owners.yaml"]
    assert (target / "owners.yaml").read_text() == "mine"
    assert copy_defaults(target) == ()
    with pytest.raises(LabelsError, match="is a file"):
        copy_defaults(target / "owners.yaml")


def test_copied_defaults_are_the_defaults(tmp_path: Path) -> None:
    copy_defaults(tmp_path)
    labels: Labels = load(tmp_path)
    assert labels.digest == load().digest
    assert labels.packaged == frozenset()


def test_effort_of_theme_wins_over_owner_and_default(edit: Edit) -> None:
    directory = edit("scoring.yaml", "per_owner: {}", "per_owner: {mobile: 2}")
    edit_text = (directory / "scoring.yaml").read_text("utf-8")
    (directory / "scoring.yaml").write_text(
        edit_text.replace("per_theme: {}", "per_theme: {t1: 3}")
    )
    effort = load(directory).scoring.effort
    assert effort.of("t1", "mobile") == 3
    assert effort.of("t2", "mobile") == 2
    assert effort.of("t2", "billing") == 1
