"""Corrections through the store: applied by runs, exported, imported elsewhere, undone."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.correction_file import (
    CorrectionFileError,
    Imported,
    from_yaml,
    import_file,
    to_wish,
    to_yaml,
)
from flows.models import Models, load_models
from flows.running import WeekOutcome, run_week
from flows.settings import Settings
from labels.schema import copy_defaults, load
from nlp.corrections import Correction
from nlp.records import Assignment, Feedback, Theme, ThemeEvent, text_sha
from nlp.scoring import memory_config
from service.preview import preview
from store.assignments import assignments_as_of
from store.database import Engine, migrate, open_database, read_scope, session_scope
from store.deciding import Wish, checked, decide
from store.decisions import active_decisions, add_decision, undo_decision
from store.feedback import upsert_feedback
from store.snapshots import load_report
from store.themes import theme_events, themes_as_of

W47, W48 = "2026-W47", "2026-W48"
SEEDS = """
intents:
  - id: signout
    name: Signed out
    examples: [The app signs me out every day., I get signed out of the app again and again.]
  - id: refund
    name: Refund late
    examples: [My refund has not come yet., I am still waiting for my refund.]
  - id: invoice
    name: Invoice wrong
    examples: [My invoice is wrong., There is a mistake in my invoice.]
"""
SAID = (
    "The app signs me out every day.",
    "I get signed out of the app again and again.",
    "My refund has not come yet.",
    "I am still waiting for my refund.",
    "My invoice is wrong.",
    "There is a mistake in my invoice.",
    "My refund has not come yet.",
)


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(None)


def settings_at(path: Path) -> Settings:
    copy_defaults(path / "labels")
    (path / "labels" / "intents.yaml").write_text(SEEDS, encoding="utf-8")
    return Settings(path, f"sqlite:///{path / 'test.db'}", path / "labels")


def home(path: Path, lender: Path | None = None) -> tuple[Engine, Settings]:
    """What was said is taken in; with the vectors of a home that was run, if one lends them."""
    settings = settings_at(path)
    engine = open_database(settings.database_url)
    migrate(engine)
    with session_scope(engine) as session:
        if lender is not None:
            session.connection().execute(text(f"ATTACH DATABASE '{lender / 'test.db'}' AS lender"))
            session.connection().execute(text("INSERT INTO vector SELECT * FROM lender.vector"))
        upsert_feedback(
            session,
            [
                Feedback(
                    id=f"m{number}",
                    source="desk",
                    kind="ticket",
                    text=text,
                    created_at=dt.datetime(2026, 11, 16, 9, number, tzinfo=dt.UTC),
                    week=W47,
                    day=dt.date(2026, 11, 16),
                    customer_id=f"c{number}",
                )
                for number, text in enumerate(SAID)
            ],
        )
    return engine, settings


@pytest.fixture(scope="module")
def after_w47(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after its first week without corrections; the texts are embedded here, once."""
    path = tmp_path_factory.mktemp("after") / "home"
    engine, settings = home(path)
    assert run((engine, settings), models, W47).status == "done"
    engine.dispose()
    return path


@pytest.fixture
def ran(after_w47: Path, tmp_path: Path) -> Iterator[tuple[Engine, Settings]]:
    """A copy of that home, to be changed."""
    settings = settings_at(tmp_path / "first")
    shutil.copy(after_w47 / "test.db", tmp_path / "first" / "test.db")
    engine = open_database(settings.database_url)
    yield engine, settings
    engine.dispose()


def run(
    stocked: tuple[Engine, Settings], models: Models, week: str, told: list[str] | None = None
) -> WeekOutcome:
    engine, settings = stocked
    tell = (lambda _line: None) if told is None else told.append
    return run_week(engine, settings=settings, models=models, week=week, last=W48, tell=tell)


State = tuple[tuple[Theme, ...], dict[str, Assignment], list[ThemeEvent]]


def state(engine: Engine) -> State:
    with read_scope(engine) as session:
        return themes_as_of(session), assignments_as_of(session), theme_events(session)


def leaf_of(engine: Engine, number: int) -> str | None:
    _, assigned, _ = state(engine)
    (found,) = {
        row.theme_id for name, row in assigned.items() if name.startswith(f"desk/m{number}#")
    }
    return found


def wish(kind: str, theme_id: str, **value: object) -> Wish:
    return Wish(kind, theme_id, value, "ana", "agreed on Monday")


def test_corrections_outlive_runs_and_travel_in_a_file(
    ran: tuple[Engine, Settings], models: Models, after_w47: Path, tmp_path: Path
) -> None:
    engine, _ = ran
    before = state(engine)
    signout, refund, invoice = (leaf_of(engine, number) for number in (0, 2, 4))
    assert None not in {signout, refund, invoice}
    assert len({signout, refund, invoice}) == 3
    made = [
        wish("merge", str(signout), into=invoice),
        wish("rename", str(invoice), label="All of it"),
        wish("move", str(invoice), statement="desk/m2#0"),
        wish("pin", str(refund)),
        wish("owner", str(refund), owner_id="billing"),
    ]
    with session_scope(engine) as session:
        numbers = [decide(session, one) for one in made]
    outcome = run(ran, models, W47)
    assert outcome.status == "done"
    assert outcome.counts["corrections_not_applied"] == 0
    assert leaf_of(engine, 0) == leaf_of(engine, 1) == invoice
    assert leaf_of(engine, 2) == leaf_of(engine, 6) == invoice  # the copy goes along
    assert leaf_of(engine, 3) == refund
    with read_scope(engine) as session:
        assert '"All of it"' in str(load_report(session, W47))
        text = to_yaml(map(to_wish, active_decisions(session)))
    assert run(ran, models, W47).status == "unchanged"
    corrected = state(engine)
    run(ran, models, W48)
    assert leaf_of(engine, 0) == invoice

    # On an empty store the file is taken on trust; the same run comes to the same.
    file = tmp_path / "corrections.yaml"
    file.write_text(text, encoding="utf-8")
    other = home(tmp_path / "second", lender=after_w47)
    with session_scope(other[0]) as session:
        assert import_file(session, file, who="ben") == Imported(5, 0, 0)
    run(other, models, W47)
    assert state(other[0]) == corrected
    with session_scope(other[0]) as session:
        assert import_file(session, file, who="ben") == Imported(0, 5, 0)
        assert to_yaml(map(to_wish, active_decisions(session))) == text

    # Undone, they leave no trace in what the week publishes.
    with session_scope(other[0]) as session:
        for decision in active_decisions(session):
            undo_decision(session, decision.id)
        assert import_file(session, file, who="ben") == Imported(0, 0, 5)
    run(other, models, W47)
    assert state(other[0]) == before
    assert len(numbers) == 5


def test_a_preview_counts_and_keeps_nothing(
    ran: tuple[Engine, Settings],
) -> None:
    engine, settings = ran
    refund, invoice = str(leaf_of(engine, 2)), str(leaf_of(engine, 4))
    made = wish("merge", refund, into=invoice)
    memory = memory_config(load(settings.labels_dir).scoring)
    with read_scope(engine) as session:
        shown = preview(session, [(made, checked(session, made))], memory=memory)
    assert {(one.theme_id, one.before, one.after) for one in shown.changes} == {
        (refund, 3, 0),
        (invoice, 2, 5),
    }
    assert shown.not_applied == ()
    with read_scope(engine) as session:
        assert active_decisions(session) == []


def test_a_preview_shows_births(ran: tuple[Engine, Settings]) -> None:
    """Both of one that is only wished for, and of one that no run has seen yet."""
    engine, settings = ran
    refund, invoice = str(leaf_of(engine, 2)), str(leaf_of(engine, 4))
    memory = memory_config(load(settings.labels_dir).scoring)
    birth = wish("birth", "", label="Late", texts=[text_sha(SAID[2]), text_sha(SAID[3])])
    dismissal = wish("dismiss", invoice)
    with session_scope(engine) as session:
        shown = preview(session, [(birth, checked(session, birth))], memory=memory)
        number = decide(session, birth)
        later = preview(session, [(dismissal, checked(session, dismissal))], memory=memory)
        undo_decision(session, number)
    (born,) = Correction("birth", texts=tuple(birth.value["texts"])).children
    of_birth = {(refund, 3, 0), (born, 0, 3)}
    assert {(one.theme_id, one.before, one.after) for one in shown.changes} == of_birth
    assert {one.label for one in shown.changes if one.theme_id == born} == {"Late"}
    assert {(one.theme_id, one.before, one.after) for one in later.changes} == {
        *of_birth,
        (invoice, 2, 0),
        ("", 0, 2),
    }


def test_a_run_tells_what_it_could_not_apply(
    models: Models, after_w47: Path, tmp_path: Path
) -> None:
    stocked = home(tmp_path / "first", lender=after_w47)
    with session_scope(stocked[0]) as session:
        decide(session, wish("dismiss", "T-gone"))
    told: list[str] = []
    assert run(stocked, models, W47, told).counts["corrections_not_applied"] == 1
    assert "2026-W47: not applied: dismiss T-gone: there is no theme T-gone" in told


def test_what_has_no_effect_is_an_event_once(ran: tuple[Engine, Settings], models: Models) -> None:
    engine, _ = ran
    refund, invoice = leaf_of(engine, 2), leaf_of(engine, 4)
    value = json.dumps({"into": invoice})
    with session_scope(engine) as session:
        decide(session, wish("dismiss", str(refund)))
        add_decision(  # decided at the same time by somebody else
            session, kind="merge", theme_id=str(refund), value=value, who="ben", why="x"
        )
    for week in (W47, W48, W47, W48):
        assert run(ran, models, week).counts["corrections_not_applied"] == 1
        told = [one for one in state(engine)[2] if one.kind == "not applied"]
        assert [(one.week, one.theme_id) for one in told] == [(W47, refund)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind: rename", ["must be a list"]),
        ("- rename", ["entry 1: an entry must be a mapping"]),
        ("- {kind: bury}", ["entry 1: kind: 'bury' is none of: rename"]),
        ("- {kind: pin, theme: T1, wy: x}", ["entry 1: wy: unknown key; pin has: kind, theme"]),
        ("- {kind: pin, theme: T1, why: 3}", ["entry 1: why: must be a text"]),
        ("- {kind: pin, theme: T1, why: x, when: later}", ["entry 1: when: 'later' is no date"]),
        ("- {kind: pin, theme: T1, why: x, when: 2026-11-23}", ["needs a time of day"]),
        ("- [", ["is no YAML"]),
        ("- {kind: a}\n- {kind: pin, theme: T, why: x}\n- {kind: b}", ["entry 1", "entry 3"]),
    ],
)
def test_a_file_says_what_is_wrong_with_it(text: str, says: list[str]) -> None:
    with pytest.raises(CorrectionFileError) as error:
        from_yaml(text, name="c.yaml")
    assert all(words in str(error.value) for words in ("c.yaml", *says))


def test_a_file_is_taken_whole_or_not_at_all(ran: tuple[Engine, Settings], tmp_path: Path) -> None:
    engine, _ = ran
    refund = leaf_of(engine, 2)
    file = tmp_path / "c.yaml"
    file.write_text(
        f"- {{kind: pin, theme: {refund}, who: ana, why: x}}\n"
        "- {kind: pin, theme: T-gone, why: x}\n"
        f"- {{kind: merge, theme: {refund}, into: {refund}, why: x}}\n"
    )
    with pytest.raises(CorrectionFileError) as error, session_scope(engine) as session:
        import_file(session, file, who="ben")
    assert "entry 2 (pin T-gone): there is no theme T-gone" in str(error.value)
    assert f"entry 3 (merge {refund}): a theme cannot be merged into itself" in str(error.value)
    assert "Nothing was written" in str(error.value)
    with read_scope(engine) as session:
        assert active_decisions(session) == []


def test_an_empty_file_holds_no_decisions() -> None:
    assert from_yaml(to_yaml([]), name="c.yaml") == from_yaml("", name="c.yaml") == []
