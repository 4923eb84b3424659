from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from nlp.causes.ranking import root_score
from nlp.records import Cause, Friction, OwnerMatch, RootCause
from store.database import open_database, session_scope
from store.deciding import Wish, decide
from store.snapshots import save_snapshot

WEEK = "2026-W42"
LATER = "2026-W43"
PIECE = Cause("C-1", "T2", "said", "the update", 9, 9, 0.5, ("desk/t1#1",))
ROOT = RootCause(
    id="R-1",
    theme_id="T2",
    statement="the update",
    state="observed",
    kinds=("said",),
    evidence=("C-1",),
    customers=9,
    statements=9,
    share_of_theme=0.5,
    evidence_ids=("desk/t1#1",),
    first_week=WEEK,
    reach=20,
    impact=0.4,
    impact_low=0.3,
    impact_high=0.5,
    avoidable=0.5,
    avoidable_low=0.3,
    avoidable_high=0.7,
    confidence=0.7,
    rank=1,
    rank_low=1,
    rank_high=2,
    top5_probability=1.0,
    tied_with=("R-2",),
)
FEW = replace(
    ROOT, id="R-2", evidence=(), customers=3, rank=None, tied_with=(), note="not enough data"
)
THEME = Friction(
    *("T2", "Signed out", "Ana", "Daily use", 20, 0.4, 0.3, 0.5, 0.7, 1.0),
    *(5.6, 1, 1, 1, 1.0, (), ("C-1",)),
    loss=0.4,
    scored=12,
)


@pytest.fixture
def home(stocked_home: Path) -> Path:
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        for week, roots in (
            (WEEK, [replace(ROOT, score=root_score(ROOT)), FEW]),
            (LATER, []),
        ):
            save_snapshot(
                session,
                week,
                trends=(),
                causes=[PIECE, replace(PIECE, id="C-2")] if roots else [],
                root_causes=roots,
                friction=[THEME],
                owners={"T2": OwnerMatch("ana", "Ana", "rule", "", 1.0, needs_confirmation=False)},
                stages={},
                report_json="{}",
            )
    engine.dispose()
    return stocked_home


def explain(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), "explain", *arguments])


def test_a_root_cause_is_explained_with_its_sum_and_what_would_change(home: Path) -> None:
    shown = explain(home, "R-1", "--week", WEEK)
    assert shown.exit_code == 0, shown.output
    assert "Rank 1 of 1 (90% interval: 1 to 2)" in shown.output
    assert "= score                      2.8" in shown.output
    assert "rejected by a person: no rank" in shown.output
    assert "nobody has said otherwise: effort.default of labels/scoring.yaml" in shown.output


def test_as_json(home: Path) -> None:
    shown = explain(home, "R-1", "--week", WEEK, "--json")
    told = json.loads(shown.stdout)
    factors = {line["name"]: line["value"] for line in told["lines"] if not line["of"]}
    assert factors == {
        "reach": 20,
        "impact": 0.4,
        "avoidable": 0.5,
        "confidence": 0.7,
        "effort": 1.0,
        "score": 2.8,
    }
    assert {"what", "score", "rank"} == set(told["changes"][0])


def test_a_piece_of_evidence_leads_to_its_root_cause(home: Path) -> None:
    shown = explain(home, "C-1", "--week", WEEK)
    assert shown.output.startswith(
        "C-1 is evidence (said) of the root cause R-1:\nR-1  Customers say “the update”"
    )


def test_a_theme_is_explained_as_a_friction_point(home: Path) -> None:
    shown = explain(home, "T2", "--week", WEEK)
    assert "friction point, 2026-W42" in shown.output
    assert "best known cause R-1" in shown.output


def test_what_is_missing_for_a_rank(home: Path) -> None:
    shown = explain(home, "R-2", "--week", WEEK)
    assert shown.exit_code == 0
    assert "it needs 2 more customers to be ranked (3 now)" in shown.output


def test_an_effort_decided_since_is_told(home: Path) -> None:
    engine = open_database(f"sqlite:///{home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        decide(session, Wish("effort", "T2", {"effort": 4.0}, "Ana", "two sprints"))
    engine.dispose()
    shown = explain(home, "R-1", "--week", WEEK)
    assert "as the week was run; now 4, decided for the theme T2" in shown.output
    assert "with effort 4 instead of 1" in shown.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "no root cause, theme or piece of evidence of 2026-W43 has the id nonsense"),
        (["R-1"], "it was last in 2026-W42: groundswell explain R-1 --week 2026-W42"),
        (["T1"], "T1 “Access” is a parent"),
        (["C-2", "--week", WEEK], "belongs to no root cause"),
        (["R-1", "--week", "2020-W01"], "was not run; published are 2026-W42 to 2026-W43"),
    ],
)
def test_errors_name_the_way_out(home: Path, arguments: list[str], says: str) -> None:
    shown = explain(home, *arguments)
    assert shown.exit_code == 1
    assert says in shown.output
    assert "groundswell" in shown.output
