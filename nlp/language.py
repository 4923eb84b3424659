"""The English parser: the only module that imports spaCy.

The pipeline object is called `language`: spaCy's habit of calling it `nlp` would shadow this
package.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span, Token

from nlp.models import verify_spacy

__all__ = ["Doc", "Language", "Span", "Token", "load_language", "load_name_finder", "parse"]

# Clauses need tags and dependencies only. NER calls "Dashboard" a person, the lemmatizer and the
# attribute ruler would cost a third of the time, and the senter is the parser's understudy.
_EXCLUDED = ("ner", "lemmatizer", "senter", "attribute_ruler")
# The entity recognizer has a tok2vec of its own and needs none of the others.
_NOT_FOR_NAMES = ("tok2vec", "tagger", "parser", "lemmatizer", "senter", "attribute_ruler")
# 64 documents a batch was as fast as any size tried (16 to 512), and keeps memory flat.
_BATCH = 64


def load_language() -> Language:
    """Load the verified English pipeline: tokenizer, tok2vec, tagger, parser. Takes 1 to 4 s.

    Raises:
        ModelMissing: when the model package is not installed.
        ModelMismatch: when its files are not the ones this version was tested with.
    """
    return spacy.load(verify_spacy(), exclude=list(_EXCLUDED))


@functools.cache
def load_name_finder() -> Callable[[str], list[tuple[int, int]]]:
    """Load the verified entity recognizer alone; gives (start, end) of each person in a text.

    Loaded once in a process. See `nlp.person_names` for what it takes for persons.

    Raises:
        ModelMissing: when the model package is not installed.
        ModelMismatch: when its files are not the ones this version was tested with.
    """
    language = spacy.load(verify_spacy(), exclude=list(_NOT_FOR_NAMES))

    def find_names(text: str) -> list[tuple[int, int]]:
        return [
            (entity.start_char, entity.end_char)
            for entity in language(text).ents
            if entity.label_ == "PERSON"
        ]

    return find_names


def parse(texts: Sequence[str], *, language: Language, processes: int = 1) -> Iterator[Doc]:
    """Parse texts, one document each, in the order given.

    A document's parse depends on its own text alone: not on its neighbours, its batch or the
    number of processes. Text in capitals throughout is parsed in lower case, which the tagger knows
    far better; offsets stay those of the text given.
    """
    readable = [_readable(text) for text in texts]
    workers = max(1, min(processes, len(readable) // _BATCH))
    if workers == 1:
        yield from language.pipe(readable, batch_size=_BATCH)
        return
    with warnings.catch_warnings():
        # When the last document has come, spaCy shuts its pipes; a worker that has just then one
        # more message of housekeeping to send ends with an error that concerns no document.
        warnings.filterwarnings("ignore", message=r"\[W127\]")
        docs = list(language.pipe(readable, batch_size=_BATCH, n_process=workers))
    if len(docs) != len(readable):
        raise RuntimeError(
            f"{len(readable)} texts went to {workers} parsers, {len(docs)} came back; "
            "run again with GROUNDSWELL_PROCESSES=1"
        )
    yield from docs


def _readable(text: str) -> str:
    lowered = text.lower()
    return lowered if text.isupper() and len(lowered) == len(text) else text
