"""Labelled texts to try theme engines on: from ../shared/data, or any labelled CSV."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from nlp.records import text_sha

SHARED = Path(__file__).parents[3] / "shared" / "data"

# Labels by which people said that a text has none; nobody can be asked to find them.
_NO_LABEL = frozenset(
    {"", "other", "miscellaneous", "labelling not possible", "not assigned", "general"}
)


class CorpusError(ValueError):
    """A corpus cannot be read; the message says which file and how to go on."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Distinct texts, sorted by digest, and the labels of each (one, or several of equal right).

    `kind` "groups": the labels only say which few texts belong together (notes of one call), not
    what there is to be found.
    """

    name: str
    texts: tuple[str, ...]
    labels: tuple[frozenset[str], ...]
    kind: Literal["intents", "groups"] = "intents"

    @property
    def names(self) -> tuple[str, ...]:
        """All labels, sorted."""
        return tuple(sorted({label for own in self.labels for label in own}))

    @property
    def single(self) -> bool:
        """Whether every text carries one label only."""
        return all(len(own) == 1 for own in self.labels)

    def rows_of(self) -> dict[str, list[int]]:
        """Label -> its rows."""
        found: dict[str, list[int]] = {name: [] for name in self.names}
        for row, own in enumerate(self.labels):
            for label in own:
                found[label].append(row)
        return found


def make_corpus(
    name: str,
    pairs: Iterable[tuple[str, Iterable[str]]],
    *,
    least: int = 1,
    without: frozenset[str] = frozenset(),
    kind: Literal["intents", "groups"] = "intents",
) -> Corpus:
    """Texts with their labels as a corpus; copies of a text get one vote.

    A text that has other labels elsewhere keeps the set that most of its copies carry, equal ones
    by name.

    Args:
        name: what the table calls it.
        pairs: (text, labels).
        least: labels with fewer distinct texts are taken off.
        without: labels to take off, in lower case. Texts left without any label go.
        kind: see `Corpus`.
    """
    votes: dict[str, Counter[tuple[str, ...]]] = {}
    for text, labels in pairs:
        named = {one.strip() for one in labels if one.strip()}
        kept = tuple(sorted(one for one in named if one.lower() not in without))
        if text.strip() and kept:
            votes.setdefault(" ".join(text.split()), Counter())[kept] += 1
    chosen = {
        text: min(counts, key=lambda own: (-counts[own], own)) for text, counts in votes.items()
    }
    sizes = Counter(label for own in chosen.values() for label in own)
    labelled = {
        text: frozenset(label for label in own if sizes[label] >= least)
        for text, own in chosen.items()
    }
    texts = sorted((text for text, own in labelled.items() if own), key=text_sha)
    return Corpus(name, tuple(texts), tuple(labelled[text] for text in texts), kind)


def read_csv(path: Path, *, text_column: str, label_column: str) -> Corpus:
    """Any labelled CSV with a header, named after its file.

    Raises:
        CorpusError: there is no such file or column, or no labelled text in it.
    """
    corpus = make_corpus(path.stem, _read(path, text_column, label_column))
    if not corpus.texts:
        raise CorpusError(f"{path}: no row has both {text_column!r} and {label_column!r}")
    return corpus


def shared_corpora(folder: Path = SHARED, *, target: str = "bench-themes") -> list[Corpus]:
    """The corpora of ../shared/data; `target`: the make target to advise where they are not.

    Raises:
        CorpusError: the folder is missing.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"{folder} is not here; name labelled files instead: "
            f"make {target} BENCH_ARGS='--data FILE --text-col NAME --label-col NAME'"
        )
    single = _read(folder / "nhs_fft_singlelabel" / "data.csv", "text", "subtheme")
    multi = _read(folder / "nhs_fft_multilabel" / "data.csv", "text", "themes")
    sumo = _read(folder / "sumo_firefox_2019q1" / "data.csv", "title", "topic")
    notes = (folder / "tweetsumm_call_notes" / "data.jsonl").read_text(encoding="utf-8")
    spoken = [json.loads(line) for line in notes.splitlines()]
    return [
        make_corpus("banking77", _read(folder / "banking77" / "data.csv", "text", "intent")),
        make_corpus("nhs_single", single, least=10, without=_NO_LABEL),
        make_corpus(
            "nhs_multi",
            ((text, own[0].split("|")) for text, own in multi),
            least=10,
            without=_NO_LABEL,
        ),
        make_corpus("sumo", sumo, least=10, without=_NO_LABEL),
        make_corpus(
            "call_notes",
            ((note["customer_part"], (note["conversation_id"],)) for note in spoken),
            kind="groups",
        ),
    ]


def quick(corpus: Corpus, *, most_labels: int = 20, most_texts: int = 1500) -> Corpus:
    """A part small enough to try the bench on: some labels whole, as far as there is room."""
    generator = np.random.default_rng(0)
    rows_of = corpus.rows_of()
    names = [corpus.names[at] for at in generator.permutation(len(corpus.names))]
    if corpus.kind == "intents":
        names = names[:most_labels]
    room = max(1, most_texts // max(1, min(len(names), most_labels)))
    taken: set[int] = set()
    for name in names:
        if len(taken) >= most_texts:
            break
        taken.update(rows_of[name][:room])
    rows = sorted(taken)
    kept = frozenset(names)
    return Corpus(
        corpus.name,
        tuple(corpus.texts[row] for row in rows),
        tuple(corpus.labels[row] & kept for row in rows),
        corpus.kind,
    )


def _read(path: Path, text_column: str, label_column: str) -> list[tuple[str, tuple[str, ...]]]:
    if not path.is_file():
        raise CorpusError(f"{path}: there is no such file")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for column in (text_column, label_column):
            if column not in (reader.fieldnames or ()):
                known = ", ".join(reader.fieldnames or ())
                raise CorpusError(f"{path}: no column {column!r}; it has {known}")
        return [(row[text_column] or "", (row[label_column] or "",)) for row in reader]
