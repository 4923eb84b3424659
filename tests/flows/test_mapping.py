from __future__ import annotations

from pathlib import Path

import pytest

from flows.mapping import FeedMap, WrongMapping, load_mapping


def plan(**keys: object) -> FeedMap:
    return FeedMap.model_validate(keys)


def test_rename_join_coalesce_and_constants() -> None:
    found = plan(
        columns={
            "id": "No",
            "text": ["Title", "Body"],
            "customer_id": ["Mail", "Login"],
            "plan": "P",
        },
        constants={"kind": "ticket", "channel": "web"},
        drop=["IP"],
    )
    row = {"No": 7, "Title": "T", "Body": " ", "Mail": None, "Login": "jo", "P": "Pro", "IP": "x"}
    assert found.apply(row | {"Region": "EU", "Channel": "mail"}) == {
        "id": 7,
        "text": "T",
        "customer_id": "jo",
        "plan": "Pro",
        "Region": "EU",
        "channel": "mail",
        "kind": "ticket",
    }
    assert found.apply(row | {"Body": "B"})["text"] == "T\n\nB"


def test_the_rest_can_be_dropped_and_a_field_is_never_overwritten() -> None:
    row = {"No": 7, "id": "other", "Region": "EU"}
    assert plan(columns={"id": "No"}, others="drop").apply(row) == {"id": 7}
    assert plan(columns={"id": "No"}).apply(row) == {
        "id": 7,
        "id (unmapped)": "other",
        "Region": "EU",
    }


def test_paths_into_objects_and_lists() -> None:
    row = {
        "source": {"body": "hello", "author": {"id": "u1"}},
        "contacts": [{"id": "c1"}, {"id": "c2"}],
        "pages": [{"answers": [{"text": "a"}, {}]}, {"answers": [{"text": "b"}]}],
        "a.b": "exact",
    }
    found = plan(
        columns={
            "id": "source.author.id",
            "text": ["source.body", "pages.*.answers.*.text", "missing.path"],
            "customer_id": "contacts.*.id",
            "x": "a.b",
        },
        others="drop",
    )
    assert found.apply(row) == {
        "id": "u1",
        "text": "hello\n\na\n\nb",
        "customer_id": "c1",
        "x": "exact",
    }


def test_one_value_of_several_columns() -> None:
    found = plan(columns={"id": "{year}-{no}"}, others="drop")
    assert found.apply({"year": 2026, "no": " 7 "})["id"] == "2026-7"
    assert found.apply({"year": 2026, "no": ""})["id"] is None
    digest = plan(columns={"id": "{_digest}"}, others="drop")
    one = digest.apply({"a": "1", "b": "2"})["id"]
    assert one == digest.apply({"b": "2", "a": "1"})["id"]
    assert one != digest.apply({"a": "1", "b": "3"})["id"]


def test_values_are_translated_after_renaming() -> None:
    found = plan(
        columns={"score": "rating"},
        values={"score": {"Great": 5, 1: 4, "N/A": None, "Yes": 2}},
        others="drop",
    )
    for value, score in (("Great", 5), (1, 4), (1.0, 4), ("N/A", None), ("Yes", 2), ("x", "x")):
        assert found.apply({"rating": value})["score"] == score


def test_lists_become_one_attribute_an_entry() -> None:
    found = plan(columns={"tag": "tags"}, lists={"tag": "|"}, others="drop")
    assert found.apply({"tags": "b| a ||b"}) == {"tag:a": "yes", "tag:b": "yes"}
    assert found.apply({"tags": ["x", 1]}) == {"tag:1": "yes", "tag:x": "yes"}
    assert found.apply({"tags": None}) == {}


def test_missing_columns_are_named() -> None:
    found = plan(
        columns={"id": "{a}-{_digest}", "text": ["b", "c"]}, optional=["c"], lists={"t": ","}
    )
    assert found.missing(frozenset({"a"})) == ["b", "t"]
    assert found.missing(frozenset({"a", "b", "t"})) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: {id: a\n", r"m\.yaml:2: is not YAML"),
        ("- a\n", "is not a map of keys"),
        ("", "is not a map of keys"),
        ("columns: {id: a}\ncolums: {}\n", r"m\.yaml:2: colums: .*known keys are file, columns"),
        ("columns:\n  id: a\n  text: []\n", r"m\.yaml:3: columns\.text"),
        ("constants:\n  kind: mail\n", r"m\.yaml:1: constants: kind 'mail' is unknown; use ticket"),
        ("constants: {score_kind: stars}\n", "use nps, csat, ces"),
        ("file:\n  delimiter: ';;'\n", r"m\.yaml:2: file\.delimiter"),
        ("file:\n  encoding: klingon\n", "'klingon' is no encoding"),
        ("file: {header_rows: 1, names_row: 2}\n", "names_row is beyond header_rows"),
        ("zone: Mars/Base\n", "no time zone"),
        ("zone: UTC\nzone: UTC\n", r"m\.yaml:2: is not YAML \('zone' is given twice"),
        ("others: maybe\n", "others: Input should be 'keep' or 'drop'"),
        ("columns: !!python/object/apply:os.getcwd []\n", "is not YAML"),
    ],
)
def test_a_wrong_file_names_line_key_and_way_out(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text)
    with pytest.raises(WrongMapping, match=message):
        load_mapping(path)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WrongMapping, match="not UTF-8"):
        load_mapping(path)


def test_words_that_yaml_takes_for_something_else_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "columns: {id: No, on: On, day: 2026-11-16}\n"
        "constants: {created_at: 2026-11-16, room: 010, n: 7, x: 1.5, z: ~}\n"
        "values: {reopened: {Yes: true, No: null}}\n"
    )
    found = load_mapping(path)
    assert found.columns == {"id": "No", "on": "On", "day": "2026-11-16"}
    constants = {"created_at": "2026-11-16", "room": "010", "n": 7, "x": 1.5, "z": None}
    assert found.constants == constants
    assert found.values == {"reopened": {"Yes": True, "No": None}}


MAPS = Path(__file__).parents[2] / "samples" / "maps"
SYSTEMS = (
    *("sumo", "nhs_survey", "tweetsumm", "banking77", "zendesk", "intercom", "typeform"),
    *("qualtrics", "qualtrics_legacy", "surveymonkey", "surveymonkey_api", "delighted"),
)


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_sample_map_is_valid_and_says_what_it_is_for(path: Path) -> None:
    load_mapping(path)
    assert path.read_text().startswith("# ")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_map_for_a_system_fills_all_that_a_message_needs(system: str) -> None:
    found = load_mapping(MAPS / f"{system}.yaml")
    have = {*found.columns, *found.constants}
    assert {"id", "text", "created_at", "kind", "source"} <= have


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongMapping, match=r"no\.yaml: cannot be read .* check the path"):
        load_mapping(tmp_path / "no.yaml")
