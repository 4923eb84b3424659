from __future__ import annotations

import csv
import io
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.connectors.rows import UnreadableFile
from flows.ingesting import ingest_paths
from flows.refeeding import rows_to_mend
from flows.settings import Settings, load_settings
from nlp.records import Feedback, Rejected
from nlp.repeats import LOST
from store.database import Engine, migrate, open_database, session_scope
from store.feedback import load_feedback
from store.ingests import IngestCounts, list_ingests
from store.quarantine import list_quarantine

DAY = "2026-11-16"


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", environment={})


@pytest.fixture
def engine(plain: Settings) -> Iterator[Engine]:
    made = open_database(plain.database_url)
    migrate(made)
    yield made
    made.dispose()


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def row(
    own_id: object, text: object = "It broke.", day: str = DAY, **more: object
) -> dict[str, object]:
    return {"id": own_id, "text": text, "created_at": day, "kind": "ticket", "source": "s"} | more


def four(counts: IngestCounts) -> tuple[int, int, int, int]:
    return counts.accepted, counts.updated, counts.unchanged, counts.quarantined


def stored(engine: Engine) -> list[Feedback]:
    with session_scope(engine) as session:
        return load_feedback(session)


def waiting(engine: Engine) -> list[Rejected]:
    with session_scope(engine) as session:
        return list_quarantine(session)


def test_every_row_ends_in_one_of_four_counts(
    engine: Engine, plain: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        "\n".join(
            [
                json.dumps(row("1", "mail a@example.com")),
                json.dumps(row("2")),
                json.dumps(row("2")),
                json.dumps(row("3", "")),
                "{broken b@example.com",
                json.dumps(row("4", day="soon")),
            ]
        )
    )
    counts = ingest_paths(engine, [path], settings=plain)
    assert counts.rows_read == 6
    assert four(counts) == (2, 0, 1, 3)
    assert counts.redactions == {"EMAIL": 1}
    assert [item.text for item in stored(engine)] == ["mail [EMAIL]", "It broke."]
    assert [(item.line, item.id) for item in waiting(engine)] == [(4, "3"), (5, ""), (6, "4")]
    assert "example.com" not in str(waiting(engine))
    with session_scope(engine) as session:
        assert list_ingests(session) == [counts]


def test_the_same_file_twice_changes_nothing(
    engine: Engine, plain: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", row("1"), row("2", ""), row("3", "x"), row("3", "y"))
    first = ingest_paths(engine, [path], settings=plain)
    messages, refused = stored(engine), waiting(engine)
    second = ingest_paths(engine, [path], settings=plain)
    assert four(first) == (2, 0, 0, 2)
    assert four(second) == (0, 0, 2, 2)
    assert (stored(engine), waiting(engine)) == (messages, refused)


def test_a_changed_row_is_an_update(engine: Engine, plain: Settings, tmp_path: Path) -> None:
    ingest_paths(engine, [write(tmp_path / "a.jsonl", row("1"), row("2"))], settings=plain)
    counts = ingest_paths(
        engine, [write(tmp_path / "b.jsonl", row("1", "It works."), row("2"))], settings=plain
    )
    assert four(counts) == (0, 1, 1, 0)
    assert stored(engine)[0].text == "It works."


def test_rivals_in_one_input_are_settled_whatever_the_order(
    plain: Settings, tmp_path: Path
) -> None:
    rows = [row("1", "a"), row("1", "b", "2026-11-17"), row("1", "c"), row("1", "b", "2026-11-17")]
    results = set()
    for seed in range(4):
        random.Random(seed).shuffle(rows)
        engine = open_database(f"sqlite:///{tmp_path}/{seed}.db")
        migrate(engine)
        counts = ingest_paths(engine, [write(tmp_path / "a.jsonl", *rows)], settings=plain)
        assert four(counts) == (1, 0, 1, 2)
        assert {item.reason for item in waiting(engine)} == {LOST}
        results.add(stored(engine)[0].text)
        engine.dispose()
    assert results == {"b"}


def test_one_refused_file_means_nothing_is_written(
    engine: Engine, plain: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.jsonl", row("1"))
    (folder / "b.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "c.csv").write_text("id,text\n1\n")
    with pytest.raises(
        UnreadableFile, match=r"(?s)b\.csv: is a PNG.*c\.csv:2: has 1 cell,.*Nothing"
    ):
        ingest_paths(engine, [folder], settings=plain, kind="ticket", source="s")
    assert stored(engine) == []
    assert waiting(engine) == []
    with session_scope(engine) as session:
        assert list_ingests(session) == []


def test_kind_and_source_of_the_call_and_an_unknown_kind(
    engine: Engine, plain: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"id,text,created_at\n1,hello,{DAY}\n")
    with pytest.raises(ValueError, match="unknown kind 'mail'"):
        ingest_paths(engine, [path], settings=plain, kind="mail", source="s")
    told: list[str] = []
    ingest_paths(engine, [path], settings=plain, kind="review", source="shop", tell=told.append)
    assert [(item.key, item.kind) for item in stored(engine)] == [("shop/1", "review")]
    assert told == ["a.csv: 1 rows"]


def test_mended_rows_leave_the_quarantine(engine: Engine, plain: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"No,text,created_at\n,first,{DAY}\n2,second,soon\n3,,{DAY}\n")
    plan = tmp_path / "m.yaml"
    plan.write_text("columns: {id: No}\nconstants: {kind: ticket, source: s}\n")
    ingest_paths(engine, [path], settings=plain, mapping=plan)
    with session_scope(engine) as session:
        lines = [json.loads(line) for line in rows_to_mend(session)]
    assert [line["_from"]["line"] for line in lines] == [2, 3, 4]
    lines[0]["id"] = "1"
    lines[1]["created_at"] = DAY
    for mapping in (None, plan):
        counts = ingest_paths(
            engine, [write(tmp_path / "mend.jsonl", *lines)], settings=plain, mapping=mapping
        )
        assert [item.line for item in waiting(engine)] == [4]
        assert counts.rows_read == 3
    assert [item.key for item in stored(engine)] == ["s/1", "s/2"]


def test_a_row_that_comes_right_under_its_id_leaves_the_quarantine_of_its_source_only(
    engine: Engine, plain: Settings, tmp_path: Path
) -> None:
    write(tmp_path / "a.jsonl", row("1", ""), row("1", "", source="t"))
    ingest_paths(engine, [tmp_path / "a.jsonl"], settings=plain)
    assert len(waiting(engine)) == 2
    ingest_paths(engine, [write(tmp_path / "b.jsonl", row("1"))], settings=plain)
    assert [json.loads(item.raw)["source"] for item in waiting(engine)] == ["t"]


def test_a_broken_line_mended_in_its_export(
    engine: Engine, plain: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row("1")) + "\n" + json.dumps(row("2"))[:-1] + "\n")
    ingest_paths(engine, [path], settings=plain)
    (broken,) = waiting(engine)
    raw = json.loads(broken.raw)
    raw["raw"] += "}"
    ingest_paths(engine, [write(tmp_path / "m.jsonl", raw)], settings=plain)
    assert waiting(engine) == []
    assert [item.key for item in stored(engine)] == ["s/1", "s/2"]


def test_a_folder_of_every_format(engine: Engine, plain: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.jsonl", row("1"))
    (folder / "b.json").write_text(json.dumps([row("2")]))
    (folder / "c.tsv").write_text(f"id\ttext\tcreated_at\tkind\tsource\n3\tx\t{DAY}\tsurvey\ts\n")
    (folder / "d.md").write_text(f"---\ncreated_at: {DAY}\nsource: s\nid: 4\n---\nCalled.\n")
    counts = ingest_paths(engine, [folder], settings=plain)
    assert four(counts) == (4, 0, 0, 0)
    assert [(item.id, item.kind) for item in stored(engine)] == [
        *(("1", "ticket"), ("2", "ticket"), ("3", "survey"), ("4", "call_note")),
    ]


_CELL = st.one_of(
    st.sampled_from(
        ["", "1", "2", "3", DAY, "2026-11-17", "soon", "ticket", "mail", "s", "9", "11"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
_NAMES = ["id", "text", "created_at", "kind", "source", "score", "score_kind", "x"]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(_CELL, min_size=8, max_size=8), min_size=1, max_size=12))
def test_rows_are_conserved(plain: Settings, rows: list[list[str]]) -> None:
    """accepted + updated + unchanged + quarantined = rows read, for any table, fed twice."""
    rows = [["x" + cell if place == 7 else cell for place, cell in enumerate(r)] for r in rows]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([_NAMES, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(out.getvalue().encode())
        engine = open_database(f"sqlite:///{folder}/x.db")
        try:
            migrate(engine)
            try:
                first = ingest_paths(engine, [path], settings=plain)
            except UnreadableFile:  # a table of control characters
                return
            assert sum(four(first)) == first.rows_read == len(rows)
            messages, refused = stored(engine), waiting(engine)
            second = ingest_paths(engine, [path], settings=plain)
            assert sum(four(second)) == len(rows)
            assert (second.accepted, second.updated) == (0, 0)
            assert second.quarantined == first.quarantined
            assert (stored(engine), waiting(engine)) == (messages, refused)
        finally:
            engine.dispose()


SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    ("file", "plan", "counts"),
    [
        ("sumo_firefox_2019q1/data.csv", "sumo", (6393, 0)),
        ("export_formats/zendesk_fivetran_schema/ticket_data.csv", "zendesk", (10, 0)),
        ("export_formats/intercom_api/conversations.jsonl", "intercom", (2, 0)),
        ("export_formats/typeform_csv_export/2018_new_format.csv", "typeform", (1, 0)),
        ("export_formats/qualtrics_csv_export/sample.csv", "qualtrics", (1, 0)),
        ("export_formats/qualtrics_csv_export/sample_legacy.csv", "qualtrics_legacy", (1, 0)),
        ("export_formats/surveymonkey_api/survey_responses.jsonl", "surveymonkey_api", (1, 1)),
        ("export_formats/delighted_api/survey_responses.json", "delighted", (2, 0)),
    ],
)
def test_real_exports_are_read_with_the_sample_maps(
    plain: Settings, file: str, plan: str, counts: tuple[int, int]
) -> None:
    taken, quarantined = counts
    mapping = Path(__file__).parents[2] / "samples" / "maps" / f"{plan}.yaml"
    engine = open_database(plain.database_url)
    migrate(engine)
    first = ingest_paths(engine, [SHARED / file], settings=plain, mapping=mapping)
    again = ingest_paths(engine, [SHARED / file], settings=plain, mapping=mapping)
    engine.dispose()
    assert four(first) == (taken, 0, 0, quarantined)
    assert four(again) == (0, 0, taken, quarantined)


@pytest.mark.parametrize("secret", [None, "pepper"])
def test_a_broken_row_keeps_no_name_and_ids_only_as_whole_rows_do(
    engine: Engine, plain: Settings, tmp_path: Path, secret: str | None
) -> None:
    settings = replace(plain, hash_secret=secret)
    whole = json.dumps(row("1", customer_id="C-4711"))
    broken = json.dumps(row("2", customer_id="C-4711", last_name="Mustermann"))[:-1]
    (tmp_path / "a.jsonl").write_text(f"{whole}\n{broken}\n")
    ingest_paths(engine, [tmp_path / "a.jsonl"], settings=settings)
    (kept,) = waiting(engine)
    assert "Mustermann" not in kept.raw
    assert "[PERSON]" in kept.raw
    assert ("C-4711" in kept.raw) == (secret is None)
    line = json.loads(kept.raw)
    mended = write(tmp_path / "mend.jsonl", line | {"raw": line["raw"] + "}"})
    ingest_paths(engine, [mended], settings=settings)
    assert waiting(engine) == []
    assert [item.id for item in stored(engine)] == ["1", "2"]
    assert len({item.customer_id for item in stored(engine)}) == 1


def test_a_broken_row_keeps_no_id_of_a_column_that_a_map_names(
    engine: Engine, plain: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        json.dumps(row("1", who={"ref": 4711})) + "\n" + '{"id": 2, "who": {"ref": 4711'
    )
    plan = tmp_path / "m.yaml"
    plan.write_text("columns: {customer_id: who.ref, id: id, text: text, created_at: created_at}\n")
    settings = replace(plain, hash_secret="pepper")
    ingest_paths(engine, [path], settings=settings, mapping=plan)
    (kept,) = waiting(engine)
    assert "4711" not in kept.raw
    assert str(stored(engine)[0].customer_id) in kept.raw


def test_a_broken_note_keeps_no_id(engine: Engine, plain: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("---\ncustomer_id: 4711\nname: Smith, Jane\nno colon here\n---\nIt broke.\n")
    settings = replace(plain, hash_secret="pepper")
    ingest_paths(engine, [path], settings=settings, source="s")
    (kept,) = waiting(engine)
    for words in ("4711", "Smith", "Jane"):
        assert words not in kept.raw
    assert "no colon here" in kept.raw
