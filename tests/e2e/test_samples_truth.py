"""What the pipeline finds of what was planted in `samples/`, and what it misses.

The samples are run week by week as if on time; `make test WHOLE=1` runs them once more without the
84 plainly worded messages that were added later. A table at the end of the session names every
miss. The floors lie somewhat below what was measured when they were set; the measured value stands
beside each. They leave room for other processors: the last bit of a product decides ties between
neighbours, and with them a theme or two.

Counted are the messages of a leaf that have a single true theme (one-off messages are one too). A
leaf carries the theme that most of them have in common; the theme is found when that is more than
half of them. A planted cause is found when a leaf that carries its theme shows it in the last week:
- said: at least three messages of its evidence are planted, and two thirds of it;
- where: its conditions are the planted ones, with nothing added but what follows from the product;
- when: it names the planted event (or none, where there is none), at most three days off.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from nlp.weeks import monday, weeks_between
from service.exporting import export
from store.database import Engine, session_scope
from store.tables import VECTOR
from store.vectors import load_vectors, save_vectors

if TYPE_CHECKING:
    from tests.e2e.conftest import Pipeline

SAMPLES = Path(__file__).parents[2] / "samples"
WEEKS = weeks_between("2026-W35", "2026-W46")
FILES = ("tickets.csv", "surveys.csv", "call_notes")
LEAST_MESSAGES = 5  # with a single true theme, before a leaf is said to carry anything
SAID_LEAST = 3
SAID_SHARE = 2 / 3  # about half of a theme's messages give the planted reason, so half is chance
ONSET_DAYS = 3

# Sixteen weeks are run behind the first test; on a busy machine that takes minutes.
pytestmark = pytest.mark.timeout(1200)

Row = dict[str, Any]
Weeks = Mapping[str, Mapping[str, list[Row]]]


@dataclass(frozen=True)
class Leaf:
    """A leaf, the theme it carries, and that theme's share of its single-theme messages."""

    id: str
    label: str
    born: str
    theme: str
    purity: float
    messages: frozenset[str]


@dataclass(frozen=True)
class Found:
    """What a run found: planted things by name -> in words; None for a miss, see `near`."""

    leaves: tuple[Leaf, ...]
    coverage: float
    recall: Mapping[str, float]
    themes: Mapping[str, str | None]
    said: Mapping[str, str | None]
    where: Mapping[str, str | None]
    when: Mapping[str, str | None]
    new: Mapping[str, int | None]  # weeks from the first message to the birth
    near: Mapping[str, str]
    traps: tuple[str, ...]

    @property
    def purity(self) -> float:
        return sum(leaf.purity for leaf in self.leaves) / len(self.leaves)

    def hits(self, what: str) -> int:
        planted: Mapping[str, object] = getattr(self, what)
        return sum(value is not None for value in planted.values())


@cache
def truth() -> Row:
    loaded: Row = yaml.safe_load((SAMPLES / "truth.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def ran(
    pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Weeks]]:
    """The run with all messages: its database, whose vectors are lent to the next, and exports."""
    home = tmp_path_factory.mktemp("all")
    engine, weeks = _run(pipeline, home, SAMPLES, pipeline.lend_vectors)
    yield engine, weeks
    engine.dispose()


@pytest.fixture(scope="module")
def found(ran: tuple[Engine, Weeks], measured: Callable[[str], None]) -> Found:
    found = _find(ran[1], frozenset())
    measured("samples/: planted, and found or missed\n" + _table(found))
    return found


def test_planted_themes_are_found(found: Found) -> None:
    assert found.hits("themes") >= 10  # measured: 13 of 20
    assert found.purity >= 0.48  # measured: 0.56
    assert sum(found.recall.values()) / len(found.recall) >= 0.36  # measured: 0.44


def test_planted_causes_are_found(found: Found) -> None:
    assert found.hits("said") >= 5  # measured: 7 of 12
    assert found.hits("where") >= 2  # measured: 3 of 7
    assert found.hits("when") >= 1  # measured: 2 of 6


def test_new_themes_are_born_soon(found: Found) -> None:
    late = [weeks for weeks in found.new.values() if weeks is not None]
    assert len(late) == len(found.new)  # measured: 2 of 2
    assert max(late) <= 3  # measured: 1 and 2 weeks


@pytest.mark.skipif(os.environ.get("WHOLE") != "1", reason="a second run; make test WHOLE=1")
def test_without_the_plain_messages_most_of_it_is_found_too(
    pipeline: Pipeline,
    ran: tuple[Engine, Weeks],
    tmp_path: Path,
    measured: Callable[[str], None],
) -> None:
    left_out = frozenset(truth()["added_plain"])
    _leave_out(left_out, tmp_path / "input")
    lend = _lender(pipeline, ran[0])
    engine, weeks = _run(pipeline, tmp_path / "home", tmp_path / "input", lend)
    engine.dispose()
    found = _find(weeks, left_out)
    measured("samples/ without the plain messages: planted, and found or missed\n" + _table(found))
    assert found.hits("themes") >= 7  # measured: 10 of 20
    assert found.hits("said") >= 5  # measured: 8 of 12
    assert found.hits("where") >= 3  # measured: 6 of 7


def _run(
    pipeline: Pipeline, home: Path, source: Path, lend: Callable[[Engine], None]
) -> tuple[Engine, dict[str, dict[str, list[Row]]]]:
    home.mkdir(exist_ok=True)
    settings = pipeline.settings(home)
    engine = pipeline.open(settings)
    lend(engine)
    counts = pipeline.ingest(engine, settings, source, FILES)
    assert sum(one.accepted for one in counts) == sum(one.rows_read for one in counts)
    weeks = {}
    for week in WEEKS:
        pipeline.run(engine, settings, [week])
        weeks[week] = {
            noun: [
                json.loads(line)
                for line in export(engine, noun, format="jsonl", week=week).content.splitlines()
            ]
            for noun in ("themes", "assignments", "causes")
        }
    return engine, weeks


def _lender(pipeline: Pipeline, lender: Engine) -> Callable[[Engine], None]:
    def lend(engine: Engine) -> None:
        model = pipeline.models.encoder.digest
        with session_scope(lender) as session:
            shas = sorted(session.connection().execute(VECTOR.select()).columns("sha").scalars())
            vectors = load_vectors(session, model, shas)
        with session_scope(engine) as session:
            save_vectors(session, model, shas, vectors)

    return lend


def _leave_out(ids: frozenset[str], folder: Path) -> None:
    (folder / "call_notes").mkdir(parents=True)
    for name in FILES[:2]:
        with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = [row for row in reader if row["id"] not in ids]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, reader.fieldnames or ())
            writer.writeheader()
            writer.writerows(rows)
    for note in sorted((SAMPLES / "call_notes").glob("*.md")):
        if note.stem not in ids:
            shutil.copy(note, folder / "call_notes" / note.name)


def _find(weeks: Weeks, left_out: frozenset[str]) -> Found:
    last = weeks[WEEKS[-1]]
    spoken = [row for row in last["assignments"] if row["state"] != "noise"]
    single = {
        message: themes[0]
        for message, themes in truth()["messages"].items()
        if len(themes) == 1 and message not in left_out
    }
    leaves = _leaves(last, single)
    carriers: dict[str, list[Leaf]] = {theme["key"]: [] for theme in truth()["themes"]}
    for leaf in leaves:
        carriers.get(leaf.theme, []).append(leaf)
    near: dict[str, str] = {}
    return Found(
        leaves=leaves,
        coverage=sum(row["state"] == "leaf" for row in spoken) / len(spoken),
        recall={key: _recall(key, mine, single) for key, mine in carriers.items()},
        themes={key: _theme(key, mine, near) for key, mine in carriers.items()},
        said=_said(last["causes"], carriers, near),
        where=_where(last["causes"], carriers, near),
        when=_when(last["causes"], carriers, near),
        new={
            new["theme"]: min(
                (_weeks_apart(new["week"], leaf.born) for leaf in carriers[new["theme"]]),
                default=None,
            )
            for new in truth()["new_themes"]
        },
        near=near,
        traps=tuple(
            f"{trap['theme']}: {cause['conditions']}"
            for trap in truth()["causes"]["where_traps"]
            for cause in _of(last["causes"], "where", carriers[trap["theme"]])
            if trap["conditions"].items() <= cause["conditions"].items()
            and not _planted_where(trap["theme"], cause["conditions"])
        ),
    )


def _leaves(last: Mapping[str, list[Row]], single: Mapping[str, str]) -> tuple[Leaf, ...]:
    inside: dict[str, set[str]] = {}
    for row in last["assignments"]:
        if row["state"] == "leaf":
            inside.setdefault(row["theme_id"], set()).add(row["feedback_id"])
    found = []
    for theme in last["themes"]:
        known = Counter(single[m] for m in inside.get(theme["theme_id"], ()) if m in single)
        if theme["level"] != "leaf" or known.total() < LEAST_MESSAGES:
            continue
        key = min(known, key=lambda name: (-known[name], name))
        found.append(
            Leaf(
                id=theme["theme_id"],
                label=theme["label"],
                born=theme["born_week"],
                theme=key,
                purity=known[key] / known.total(),
                messages=frozenset(inside[theme["theme_id"]]),
            )
        )
    return tuple(found)


def _recall(key: str, leaves: Sequence[Leaf], single: Mapping[str, str]) -> float:
    all_of_it = {message for message, theme in single.items() if theme == key}
    return len(all_of_it & {m for leaf in leaves for m in leaf.messages}) / len(all_of_it)


def _theme(key: str, leaves: Sequence[Leaf], near: dict[str, str]) -> str | None:
    best = max(leaves, key=lambda leaf: (leaf.purity, leaf.id), default=None)
    if best is None:
        near[key] = "the most frequent theme of no leaf"
        return None
    words = f"{best.label!r}, purity {best.purity:.2f}"
    if best.purity > 0.5:
        return words
    near[key] = f"mixed: {words}"
    return None


def _of(causes: Iterable[Row], kind: str, leaves: Sequence[Leaf]) -> list[Row]:
    ids = {leaf.id for leaf in leaves}
    return [cause for cause in causes if cause["kind"] == kind and cause["theme_id"] in ids]


def _said(
    causes: list[Row], carriers: Mapping[str, Sequence[Leaf]], near: dict[str, str]
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for planted in truth()["causes"]["said"]:
        name, best = planted["cause"], (0, 0.0, "")
        found[name] = None
        for cause in _of(causes, "said", carriers[planted["theme"]]):
            evidence = {one.partition("/")[2].rpartition("#")[0] for one in cause["evidence_ids"]}
            hits = len(evidence & set(planted["messages"]))
            words = f"{cause['statement']} ({hits} of {len(evidence)})"
            best = max(best, (hits, hits / len(evidence), words))
            if hits >= SAID_LEAST and hits / len(evidence) >= SAID_SHARE:
                found[name] = found[name] or words
        near[name] = best[2] or _no_cause(carriers[planted["theme"]])
    return found


def _where(
    causes: list[Row], carriers: Mapping[str, Sequence[Leaf]], near: dict[str, str]
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for planted in truth()["causes"]["where"]:
        theme = planted["theme"]
        shown = _of(causes, "where", carriers[theme])
        name = f"{theme} {planted['conditions']}"
        hits = [c["statement"] for c in shown if _planted_where(theme, c["conditions"])]
        found[name] = hits[0] if hits else None
        near[name] = "; ".join(str(c["conditions"]) for c in shown) or _no_cause(carriers[theme])
    return found


def _planted_where(theme: str, conditions: Mapping[str, str]) -> bool:
    """Whether the conditions are the planted ones, with nothing added but what is also true."""
    extra = {
        pair
        for also in truth()["causes"]["where_also_true"]
        if also["theme"] == theme
        for pair in also["conditions"].items()
    }
    return any(
        planted["conditions"].items() <= conditions.items()
        and conditions.items() - planted["conditions"].items() <= extra
        for planted in truth()["causes"]["where"]
        if planted["theme"] == theme
    )


def _when(
    causes: list[Row], carriers: Mapping[str, Sequence[Leaf]], near: dict[str, str]
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for planted in truth()["causes"]["when"]:
        theme, event = planted["theme"], planted["event"]
        name = f"{theme} {planted['onset']} ({event or 'no event'})"
        shown = _of(causes, "when", carriers[theme])
        found[name] = None
        for cause in shown:
            off = abs((dt.date.fromisoformat(cause["onset"]) - planted["onset"]).days)
            named = cause["event"] is None if event is None else event in (cause["event"] or "")
            if named and off <= ONSET_DAYS:
                found[name] = f"{cause['onset']}, {cause['event'] or 'no event'}"
        dated = "; ".join(f"{c['onset']}, {c['event'] or 'no event'}" for c in shown)
        near[name] = dated or _no_cause(carriers[theme])
    return found


def _no_cause(leaves: Sequence[Leaf]) -> str:
    return "none shown" if leaves else "no leaf carries the theme"


def _weeks_apart(first: str, second: str) -> int:
    return (monday(second) - monday(first)).days // 7


def _table(found: Found) -> str:
    lines = []
    for what in ("themes", "said", "where", "when", "new"):
        planted = getattr(found, what)
        lines.append(f"{what}: {found.hits(what)} of {len(planted)}")
        for name, words in planted.items():
            told = f"MISSED; {found.near.get(name, 'never born')}" if words is None else words
            recall = f", recall {found.recall[name]:.2f}" if what == "themes" else ""
            weeks = " weeks after its first message" if what == "new" and words else ""
            lines.append(f"  {name}: {told}{recall}{weeks}")
    mean_recall = sum(found.recall.values()) / len(found.recall)
    lines.append(
        f"{len(found.leaves)} leaves, mean purity {found.purity:.2f}, mean recall "
        f"{mean_recall:.2f}, coverage {found.coverage:.2f}"
    )
    lines.append(f"traps taken for causes: {'; '.join(found.traps) or 'none'}")
    return "\n".join(lines)
