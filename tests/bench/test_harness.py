"""What the bench reads, deals, plants and prints; the theme engine itself is tested elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nlp.encoding import FloatArray
from tests.bench.corpora import CorpusError, make_corpus, quick, read_csv, shared_corpora
from tests.bench.new_themes import judge, plan
from tests.bench.planting import BACK, SPOKEN, VEILED, WEEKS, plant
from tests.bench.replay import deal
from tests.bench.row import Figure, Row, as_json, progress, table
from tests.bench.scale import replicated
from tests.bench.themes import corpora_of, main, parser
from tests.bench.worker import rebuild


def test_copies_of_a_text_get_one_vote_and_their_commonest_label(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("said,intent\nhello there,b\nhello  there,a\nhello there,a\n,a\nbye,c\nx,\n")
    corpus = read_csv(file, text_column="said", label_column="intent")
    assert corpus.name == "mine"
    assert (
        dict(zip(corpus.texts, corpus.labels, strict=True))
        == {
            "hello there": frozenset({"a"}),
            "bye": frozenset({"c"}),
            "x": frozenset({""}),
        }
        or "x" not in corpus.texts
    )


def test_labels_that_mean_none_and_rare_ones_are_left_out() -> None:
    pairs = [("one", ["A"]), ("two", ["A", "Other"]), ("three", ["B"]), ("four", ["other"])]
    corpus = make_corpus("x", pairs, least=2, without=frozenset({"other"}))
    assert sorted(corpus.texts) == ["one", "two"]
    assert corpus.names == ("A",)
    assert corpus.single


@pytest.mark.parametrize(
    ("columns", "message"),
    [(("nothing", "intent"), "no column 'nothing'; it has said, intent"), (("said", "said"), "")],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, columns: tuple[str, str], message: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("said,intent\nhello,a\n")
    if not message:
        assert read_csv(file, text_column="said", label_column="said").names == ("hello",)
        return
    with pytest.raises(CorpusError, match=message):
        read_csv(file, text_column=columns[0], label_column=columns[1])
    with pytest.raises(CorpusError, match="there is no such file"):
        read_csv(tmp_path / "no.csv", text_column="said", label_column="intent")


def test_given_files_are_the_only_ones(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("said,intent\nhello,a\n")
    one = ["--data", str(file), "--text-col", "said", "--label-col", "intent"]
    assert [corpus.name for corpus in corpora_of(parser().parse_args(one))] == ["mine"]
    two = parser().parse_args([*one, "--data", str(file)])
    assert len(corpora_of(two)) == 2
    with pytest.raises(CorpusError, match="once for each"):
        corpora_of(parser().parse_args(one[:4]))


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nonsense"]) == 2
    assert "no row is named nonsense" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "reached"), [(0.6999, "no"), (0.70, "must"), (0.7599, "must"), (0.76, "stretch")]
)
def test_a_limit_is_reached_at_it_and_not_below(value: float, reached: str) -> None:
    assert Figure("ACC", value, 0.70, 0.76).reached == reached


@pytest.mark.parametrize(("value", "reached"), [(1.21, "no"), (1.2, "must"), (1.0, "stretch")])
def test_less_may_be_better(value: float, reached: str) -> None:
    assert Figure("exponent", value, 1.2, 1.0, at_most=True).reached == reached


def test_what_was_not_measured_is_in_the_table_too() -> None:
    row = Row("labels", (Figure("share", None, 0.7), Figure("count", 3.0)), note="why")
    lines = table([row]).splitlines()
    assert "not measured" in lines[1]
    assert lines[1].endswith("-")
    assert lines[3].endswith("note: why")
    assert json.loads(json.dumps(as_json(row)))["figures"][0]["reached"] == "-"


def test_every_row_is_dealt_once() -> None:
    parts = deal(100, 12, seed=1)
    assert sorted(row for part in parts for row in part) == list(range(100))
    assert {len(part) for part in parts} == {8, 9}


def _rows(intents: int, each: int) -> dict[str, list[int]]:
    return {f"i{n:02}": list(range(n * each, (n + 1) * each)) for n in range(intents)}


def _vectors(intents: int, each: int) -> FloatArray:
    generator = np.random.default_rng(0)
    centres = generator.standard_normal((intents, 64))
    rows = np.repeat(centres, each, axis=0) + generator.standard_normal((intents * each, 64)) * 0.3
    unit: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_held_out_intents_come_in_week_six_and_not_before() -> None:
    rows_of = _rows(12, 100)
    stream = plan(rows_of, draw=0)
    assert stream is not None
    assert len(stream.held) == 5
    held = {row for name in stream.held for row in rows_of[name]}
    counts = [len(held.intersection(week)) for week in stream.arrivals]
    assert counts[:5] == [0] * 5
    assert counts[5:8] == [150, 150, 150]
    arrived = [row for week in stream.arrivals for row in week]
    assert sorted(arrived) == list(range(1200))
    assert plan(_rows(12, 59), draw=0) is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"new": 6, "old": 5}, "new"),
        ({"new": 5, "old": 5}, "false"),
        ({"old": 6, "new": 5}, "false"),
        ({"fresh": 6, "old": 5}, "late"),
        ({}, "false"),
    ],
)
def test_births_are_judged(counts: dict[str, int], expected: str) -> None:
    assert judge(Counter(counts), ["new"], {"old"}) == expected


def test_what_is_planted_is_in_the_stream() -> None:
    rows_of, vectors = _rows(14, 90), _vectors(14, 90)
    stream = plant(rows_of, vectors)
    assert stream is not None
    plants = {one.kind: one.intents for one in stream.plants}
    assert set(plants) == {"merge", "split", "drift", "death", "revival"}
    weeks_of = {
        name: [n for n, week in enumerate(stream.arrivals) if set(rows).intersection(week)]
        for name, rows in rows_of.items()
    }
    assert weeks_of[plants["merge"][1]] == []
    assert max(weeks_of[plants["death"][0]]) == SPOKEN - 1
    silent = weeks_of[plants["revival"][0]]
    assert (max(n for n in silent if n < BACK), min(n for n in silent if n >= BACK)) == (
        SPOKEN - 1,
        BACK,
    )

    def centre(rows: list[int], seen: FloatArray) -> FloatArray:
        mean = seen[rows].mean(axis=0)
        unit: FloatArray = mean / np.linalg.norm(mean)
        return unit

    one, neighbour = (rows_of[name] for name in plants["split"])
    veiled, lifted = stream.vectors_in(VEILED - 1), stream.vectors_in(VEILED)
    assert float(centre(one, veiled) @ centre(neighbour, veiled)) > 0.97
    assert np.array_equal(lifted[one], vectors[one])
    moved = sorted(stream.second)
    assert set(moved) < set(rows_of[plants["merge"][0]])
    rest = sorted(set(rows_of[plants["merge"][0]]) - set(moved))
    assert float(centre(moved, veiled) @ centre(rest, veiled)) < 0.7
    drifting = rows_of[plants["drift"][0]]
    last = sorted(set(drifting).intersection(stream.arrivals[WEEKS - 1]))
    turned = np.einsum("ij,ij->i", lifted[last], vectors[last])
    assert turned == pytest.approx(np.full(len(last), 0.85), abs=0.12)
    assert plant(_rows(13, 90), vectors) is None
    assert plant(_rows(14, 85), _vectors(14, 85)) is None


def test_replicas_are_distinct_and_near_their_originals() -> None:
    vectors = _vectors(3, 5)
    texts, rows = replicated([f"t{n}" for n in range(15)], vectors, 40, seed=1)
    assert len(set(texts)) == 40
    near = np.einsum("ij,ij->i", rows, vectors[np.arange(40) % 15])
    assert near == pytest.approx(np.full(40, 0.944), abs=0.05)


def test_a_part_for_a_quick_look() -> None:
    pairs = [(f"text {n}", [f"i{n % 30}"]) for n in range(3000)]
    part = quick(make_corpus("x", pairs))
    assert len(part.names) == 20
    assert len(part.texts) == 1500


def test_the_rebuild_row_does_what_a_rebuild_does(capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(2)
    vectors = np.repeat(np.eye(4, 16, dtype=np.float32), 10, axis=0)
    vectors += 0.05 * generator.standard_normal(vectors.shape, dtype=np.float32)
    texts = [f"text {n}" for n in range(38)] + ["the same words", "The same words!"]
    found = rebuild({"texts": texts, "count": 80}, vectors, lambda _: vectors)
    assert found["count"] == 80
    assert found["texts"] < 80  # copies have one vote
    assert found["groups"] >= 2
    assert found["seconds"] > 0
    assert "sample 10 of 10" in capsys.readouterr().err


def test_progress_is_one_line_of_what_is_asked_for() -> None:
    row = Row("where", (Figure("exact: 9 of 10", 0.9, 0.8, 0.92), Figure("near", 0.95)))
    assert progress(row) == "where: exact: 9 of 10 must"
    assert progress(Row("cost", (Figure("s", 1.0),))) == "cost: measured"


@pytest.mark.parametrize("target", ["bench-themes", "bench-causes"])
def test_without_shared_data_the_command_asked_for_is_advised(tmp_path: Path, target: str) -> None:
    with pytest.raises(CorpusError, match=rf"make {target} BENCH_ARGS='--data FILE"):
        shared_corpora(tmp_path / "none", target=target)


def test_an_unknown_corpus_is_told_with_those_there_are(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("said,intent\nhello,a\n")
    one = ["--data", str(file), "--text-col", "said", "--label-col", "intent", "--corpus", "x"]
    with pytest.raises(CorpusError, match="no corpus is named x; there are mine"):
        corpora_of(parser().parse_args(one))
