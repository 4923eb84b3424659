"""`make bench-themes`: how good the theme engine is, in one table; `--out` writes it as JSON.

    python -m tests.bench.themes [--data FILE --text-col NAME --label-col NAME]... [--shared]
        [--only ROW,...] [--skip-rivals] [--quick] [--out FILE]

With --data only the files named are used, unless --shared asks for ../shared/data as well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from flows.quiet import quiet_environment
from tests.bench import (
    corrections,
    cost,
    coverage,
    label_names,
    new_themes,
    quality,
    repeatability,
    replay,
    stability,
    stream,
)
from tests.bench.corpora import Corpus, CorpusError, quick, read_csv, shared_corpora
from tests.bench.engine import Subject
from tests.bench.quality import Scored
from tests.bench.rivals import available
from tests.bench.row import Row, as_json, progress, say, table
from tests.bench.vectors import cached_encoder

_SIZES = (50_000, 200_000, 1_000_000)
_QUICK_SIZES = (2_000, 4_000, 8_000)
ROWS = (
    "banking77",
    "ratio",
    "count",
    "together",
    "coverage",
    "labels",
    "repeatability",
    "stability",
    "replay",
    "new themes",
    "stream",
    "corrections",
    "update",
    "rebuild",
)


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="python -m tests.bench.themes", description="Measure the theme engine."
    )
    made.add_argument("--data", type=Path, action="append", default=[], help="a labelled CSV")
    made.add_argument("--text-col", action="append", default=[], help="its column of texts")
    made.add_argument("--label-col", action="append", default=[], help="its column of labels")
    made.add_argument("--shared", action="store_true", help="../shared/data beside --data")
    made.add_argument("--corpus", default="", help="only these corpora, with commas")
    made.add_argument("--only", default="", help=f"rows, with commas: {', '.join(ROWS)}")
    made.add_argument("--skip-rivals", action="store_true", help="without BERTopic and UMAP")
    made.add_argument("--quick", action="store_true", help="a part of each corpus, small sizes")
    made.add_argument("--out", type=Path, help="write the table and all details as JSON")
    made.add_argument("--cache", type=Path, default=Path(".groundswell/bench"))
    made.add_argument("--sizes", default="", help="statements of `rebuild`, with commas")
    made.add_argument("--limit", type=float, default=3600.0, help="seconds for one large run")
    return made


def corpora_of(options: argparse.Namespace, *, target: str = "bench-themes") -> list[Corpus]:
    """The corpora that the options name; `target`: the make target to advise.

    Raises:
        CorpusError: a file or column is missing, or there are not as many columns as files.
    """
    files: list[Path] = options.data
    columns = [_spread(options.text_col, len(files)), _spread(options.label_col, len(files))]
    if not all(len(named) == len(files) for named in columns):
        raise CorpusError("give --text-col and --label-col once, or once for each --data")
    found = [
        read_csv(file, text_column=text, label_column=label)
        for file, text, label in zip(files, *columns, strict=True)
    ]
    if options.shared or not files:
        found += shared_corpora(target=target)
    wanted = _words(options.corpus)
    names = {one.name for one in found}
    if unknown := wanted - names:
        raise CorpusError(
            f"no corpus is named {', '.join(sorted(unknown))}; there are {', '.join(sorted(names))}"
        )
    chosen = [one for one in found if not wanted or one.name in wanted]
    return [quick(one) for one in chosen] if options.quick else chosen


def measures(
    subjects: Sequence[Subject], options: argparse.Namespace
) -> tuple[dict[str, Callable[[], Row | None]], Callable[[], list[Scored]]]:
    """Row -> how it is measured; and the comparison of methods, made at most once."""
    cache, limit = options.cache.resolve(), options.limit

    @lru_cache(maxsize=1)
    def scores() -> list[Scored]:
        return quality.compare(subjects, with_rivals=not options.skip_rivals)

    sizes = [int(size) for size in sorted(_words(options.sizes), key=int)]
    sizes = sizes or list(_QUICK_SIZES if options.quick else _SIZES)
    old, new = (4_000, 200) if options.quick else (200_000, 10_000)
    found: dict[str, Callable[[], Row | None]] = {
        "banking77": lambda: quality.measure_banking(scores()),
        "ratio": lambda: quality.measure_ratio(scores()),
        "count": lambda: quality.measure_count(scores()),
        "together": lambda: quality.measure_together(subjects),
        "coverage": lambda: coverage.measure(subjects),
        "labels": lambda: label_names.measure(subjects),
        "repeatability": lambda: repeatability.measure(subjects, cache=cache, limit=limit),
        "stability": lambda: stability.measure(subjects),
        "replay": lambda: replay.measure(subjects),
        "new themes": lambda: new_themes.measure(subjects),
        "stream": lambda: stream.measure(subjects),
        "corrections": lambda: corrections.measure(subjects),
        "update": lambda: cost.measure_update(subjects, cache=cache, limit=limit, old=old, new=new),
        "rebuild": lambda: cost.measure_rebuild(subjects, cache=cache, limit=limit, sizes=sizes),
    }
    return found, scores


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the JSON."""
    options = parser().parse_args(arguments)
    wanted = _words(options.only)
    if unknown := wanted - set(ROWS):
        print(f"no row is named {', '.join(sorted(unknown))}; rows: {', '.join(ROWS)}")
        return 2
    quiet_environment(options.cache)
    try:
        corpora = corpora_of(options)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 2
    if not options.skip_rivals and not available():
        say("BERTopic and UMAP are not installed here (make bench-themes installs them): left out")
    encode = cached_encoder(options.cache)
    subjects = [Subject(corpus, encode(corpus.texts), encode) for corpus in corpora]
    how, scores = measures(subjects, options)
    rows: list[Row] = []
    for name in ROWS:
        if not wanted or name in wanted:
            say(f"row: {name}")
            row = how[name]()
            if row is not None:
                rows.append(row)
                say(progress(row))
                _write(options.out, rows, corpora, [])
    compared = scores() if not wanted or wanted & {"banking77", "ratio", "count"} else []
    print(table(rows))
    if compared:
        print()
        print(quality.methods_table(compared))
    _write(options.out, rows, corpora, compared)
    return 0


def _write(
    path: Path | None, rows: Sequence[Row], corpora: Sequence[Corpus], scores: Sequence[Scored]
) -> None:
    """After every row, so that a long run that is stopped leaves what it had."""
    if path is None:
        return
    content = {
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
        },
        "corpora": {
            one.name: {"texts": len(one.texts), "labels": len(one.names), "kind": one.kind}
            for one in corpora
        },
        "rows": [as_json(row) for row in rows],
        "methods": [asdict(one) for one in scores],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _spread(names: Sequence[str], count: int) -> list[str]:
    return list(names) * count if len(names) == 1 else list(names)


def _words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",") if word.strip()}


if __name__ == "__main__":
    sys.exit(main())
