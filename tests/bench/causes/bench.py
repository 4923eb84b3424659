"""`make bench-causes`: how good causes, trends and ranks are, on planted truth, in one table.

    python -m tests.bench.causes.bench [--data FILE --text-col NAME --label-col NAME]... [--shared]
        [--corpus NAME,...] [--only ROW,...] [--quick] [--seeds N] [--families dev|held|both]
        [--wordings FILE] [--cache FOLDER] [--out FILE]

Real texts of each labelled corpus are dealt into weeks with invented customers, attributes, scores
and events; their labels are the themes, so that causes are measured and not the finding of themes.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flows.quiet import quiet_environment
from tests.bench import themes
from tests.bench.causes import (
    cost_row,
    false_row,
    impact_row,
    joined_row,
    said_row,
    trends_row,
    when_row,
    where_row,
)
from tests.bench.causes.families import Family, read_families
from tests.bench.causes.lab import Lab
from tests.bench.causes.wordings_dev import DEV
from tests.bench.causes.wordings_held import HELD
from tests.bench.corpora import Corpus, CorpusError, quick
from tests.bench.row import Row, as_json, progress, say, table
from tests.bench.vectors import cached_encoder

ROWS = (
    "where",
    "when",
    "said",
    "joined",
    "false causes",
    "false trends",
    "score effect",
    "rank interval",
    "cubes",
    "firefox",
    "cost",
)
# Rows with a module of their own kind: `measure(quick)` there, where it is.
_MODULES = {"cubes": "tests.bench.causes.cubes", "firefox": "tests.bench.causes.firefox"}
LEGEND = f"""\
must: what a figure has to reach; stretch: what would be very good; reached: which of them it did.
splits, clauses, denials: the cases by what was planted, as hits/cases; they show where misses lie.
"exact in top 3" counts strong plantings (lift {where_row.LEAST_LIFT:g}, {where_row.LEAST_INSIDE} \
mentions, or more), "all plantings" the weak ones, too."""
_QUICK_LABELS, _QUICK_TEXTS = 18, 3600


def parser() -> argparse.ArgumentParser:
    """The options of the theme bench that make sense here, and this bench's own."""
    made = argparse.ArgumentParser(
        prog="python -m tests.bench.causes.bench", description="Measure causes, trends and ranks."
    )
    made.add_argument("--data", type=Path, action="append", default=[], help="a labelled CSV")
    made.add_argument("--text-col", action="append", default=[], help="its column of texts")
    made.add_argument("--label-col", action="append", default=[], help="its column of labels")
    made.add_argument("--shared", action="store_true", help="../shared/data beside --data")
    made.add_argument("--corpus", default="", help="only these corpora, with commas")
    made.add_argument("--only", default="", help=f"rows, with commas: {', '.join(ROWS)}")
    made.add_argument("--quick", action="store_true", help="a part of each corpus, one world each")
    made.add_argument("--seeds", type=int, default=2, help="least number of worlds of a corpus")
    made.add_argument(
        "--families",
        choices=("dev", "held", "both"),
        default="both",
        help="which wordings of causes; tune to dev only",
    )
    made.add_argument("--wordings", type=Path, help="families of your own instead, as JSON")
    made.add_argument("--out", type=Path, help="write the table and all details as JSON")
    made.add_argument("--cache", type=Path, default=Path(".groundswell/bench"))
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and the splits of what was missed, write the JSON."""
    options = parser().parse_args(arguments)
    wanted = _words(options.only)
    if unknown := set(wanted) - set(ROWS):
        print(f"no row is named {', '.join(sorted(unknown))}; rows: {', '.join(ROWS)}")
        return 2
    quiet_environment(options.cache)
    try:
        corpora = _corpora(options)
        families = _families(options)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    lab = Lab(
        corpora,
        cached_encoder(options.cache),
        seeds=1 if options.quick else options.seeds,
        families=families,
    )
    how = measures(lab, is_quick=options.quick)
    rows: list[Row] = []
    for name in ROWS:
        if wanted and name not in wanted:
            continue
        say(f"row: {name}")
        row = how[name]()
        if row is None:
            say(f"row {name}: its module {_MODULES[name]} is not here; left out")
            continue
        rows.append(row)
        say(progress(row))
        _write(options.out, rows, corpora)
    print("\n".join([table(rows), "", LEGEND]))
    if shares := [line for row in rows for line in split_lines(row)]:
        print("\n".join(["", *shares]))
    return 0


def measures(lab: Lab, *, is_quick: bool) -> dict[str, Callable[[], Row | None]]:
    """Row -> how it is measured; None where its module is missing."""
    return {
        "where": lambda: where_row.measure(lab),
        "when": lambda: when_row.measure(lab),
        "said": lambda: said_row.measure(lab),
        "joined": lambda: joined_row.measure(lab),
        "false causes": lambda: false_row.measure(lab, shuffles=2 if is_quick else 5),
        "false trends": lambda: trends_row.measure(lab),
        "score effect": lambda: impact_row.measure_effect(lab),
        "rank interval": lambda: impact_row.measure_ranks(lab),
        "cubes": lambda: _elsewhere("cubes", quick=is_quick),
        "firefox": lambda: _elsewhere("firefox", quick=is_quick),
        "cost": lambda: cost_row.measure(quick=is_quick),
    }


def split_lines(row: Row) -> list[str]:
    """The shares of a row's cases by what was planted, one line each."""
    return [
        f"{row.key}, {name}, by {key}: " + ", ".join(f"{of} {got}" for of, got in values.items())
        for name, by in row.details.items()
        if name.startswith(("splits", "clauses", "denials")) and name != "denials found"
        for key, values in by.items()
    ]


def _elsewhere(name: str, *, quick: bool) -> Row | None:
    if importlib.util.find_spec(_MODULES[name]) is None:
        return None
    module = importlib.import_module(_MODULES[name])
    if not hasattr(module, "measure"):
        return None
    row: Row = module.measure(quick=quick)
    return row


def _families(options: argparse.Namespace) -> tuple[Family, ...]:
    if options.wordings is not None:
        return read_families(options.wordings)
    return tuple(one for one in (*DEV, *HELD) if options.families in {one.side, "both"})


def _corpora(options: argparse.Namespace) -> list[Corpus]:
    whole = argparse.Namespace(**{**vars(options), "quick": False})
    found = [
        one for one in themes.corpora_of(whole, target="bench-causes") if one.kind == "intents"
    ]
    if not options.quick:
        return found
    return [quick(one, most_labels=_QUICK_LABELS, most_texts=_QUICK_TEXTS) for one in found]


def _write(path: Path | None, rows: Sequence[Row], corpora: Sequence[Corpus]) -> None:
    """After every row, so that a long run that is stopped leaves what it had."""
    if path is None:
        return
    content: dict[str, Any] = {
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
        },
        "corpora": {
            one.name: {"texts": len(one.texts), "labels": len(one.names)} for one in corpora
        },
        "rows": [as_json(row) for row in rows],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


if __name__ == "__main__":
    sys.exit(main())
