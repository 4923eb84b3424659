"""A message into statements: one statement is one point of one customer.

Greeting, signature, quotation, agent's part, boilerplate and non-answers become statements, too,
with the reason as `noise`: they are counted, and take no part in themes. Cause clauses are found on
the same parse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from nlp.causes.clauses import find_clauses, may_state_cause
from nlp.language import Doc, Language, parse
from nlp.layout import AGENT, SIGNATURE, Block, lay_out
from nlp.points import Sentence, join
from nlp.records import KINDS, Clause, Feedback, Kind, Statement
from nlp.sentences import chop, sentences
from nlp.wording import is_agents_part, is_courtesy, is_non_answer

NON_ANSWER = "non-answer"

_RULES = "3"  # raise when the rules of layout, sentences, points or clauses change what comes out


@dataclass(frozen=True, slots=True)
class SplitConfig:
    """Thresholds of the splitter, each with its reason."""

    # Three words or fewer ("Very annoying.", "Windows 10.") mean little alone.
    fragment_words: int = 4
    # A point takes a sentence to a short paragraph; the encoder blurs beyond, and truncates at 256
    # word pieces.
    max_words: int = 60
    max_chars: int = 400
    # The longest rule-cut sentence taken as one; above it the parser looks for run-on sentences.
    run_on_words: int = 30
    # A run-on is cut only where both sides could stand alone.
    run_on_side: int = 6
    # Answers to a survey list points; tickets, notes and reviews tell a story.
    apart_kinds: tuple[Kind, ...] = ("survey",)
    # "But" and "however" turn from what was good to what was not. Measured with `apart_kinds` on a
    # thousand invented messages and NHS survey answers: neighbours by meaning agree on the themes
    # of a message in F1 .694 and .587, where whole messages give .676 and .577 and single
    # sentences .661 and .587.
    contrast_kinds: tuple[Kind, ...] = KINDS


DEFAULT = SplitConfig()


def splitter_version(config: SplitConfig = DEFAULT) -> str:
    """What the splitter's output depends on: its rules and its configuration."""
    digest = hashlib.sha256(repr(sorted(asdict(config).items())).encode()).hexdigest()
    return f"{_RULES}-{digest[:8]}"


SPLITTER_VERSION = splitter_version()


def split(
    feedback: Sequence[Feedback],
    *,
    language: Language,
    config: SplitConfig = DEFAULT,
    processes: int = 1,
) -> tuple[Statement, ...]:
    """Split messages into statements, numbered from 0 within each message.

    Every message gives at least one statement; every word of it stands in exactly one (bullet marks
    and speaker labels aside). The outcome for a message depends on that message alone.

    Returns:
        Statements sorted by feedback key and number.
    """
    ordered = sorted(feedback, key=lambda item: item.key)
    drafts = [_draft(item, config) for item in ordered]
    wanted = sorted(
        {
            sentence.text
            for draft in drafts
            for part in draft
            if not isinstance(part, Block)
            for sentence in part
            if _needs_parse(sentence.text, config)
        }
    )
    docs = parse(wanted, language=language, processes=processes)
    parsed = {text: _cut(doc, text, config) for text, doc in zip(wanted, docs, strict=True)}
    found: list[Statement] = []
    for item, draft in zip(ordered, drafts, strict=True):
        found.extend(_statements(item, draft, parsed, config))
    return tuple(found)


_Piece = tuple[str, tuple[Clause, ...]]
_Part = Block | tuple[Sentence, ...]


def _draft(item: Feedback, config: SplitConfig) -> list[_Part]:
    """Noise blocks, and between them runs of the customer's own sentences."""
    if is_non_answer(item.text):
        return [Block(" ".join(item.text.split()), NON_ANSWER)]
    parts: list[_Part] = []
    run: list[Sentence] = []
    for block in lay_out(item.text, kind=item.kind):
        for noise, sentence in _label(block, item.kind):
            if noise is None:
                run.append(sentence)
                continue
            if run:
                parts.append(tuple(run))
                run = []
            parts.append(Block(sentence.text, noise))
    if run:
        parts.append(tuple(run))
    return _with_a_point(_merge_noise(parts), item, config)


def _label(block: Block, kind: Kind) -> Iterator[tuple[str | None, Sentence]]:
    """A block's sentences with what is not the customer's point marked."""
    if block.noise is not None:
        yield block.noise, Sentence(block.text)
        return
    for place, text in enumerate(sentences(block.text)):
        sentence = Sentence(text, block.opens and place == 0, block.bullet and place == 0)
        if is_agents_part(text, call_note=kind == "call_note"):
            yield AGENT, sentence
        elif kind in {"ticket", "call_note"} and is_courtesy(text):
            yield SIGNATURE, sentence
        elif block.opens and place == 0 and is_non_answer(text):
            yield NON_ANSWER, sentence
        else:
            yield None, sentence


def _merge_noise(parts: Sequence[_Part]) -> list[_Part]:
    merged: list[_Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Block) and isinstance(last, Block) and part.noise == last.noise:
            merged[-1] = replace(last, text=f"{last.text} {part.text}")
        else:
            merged.append(part)
    return merged


def _with_a_point(parts: list[_Part], item: Feedback, config: SplitConfig) -> list[_Part]:
    """A message of courtesies alone: what is signed, not greeted, is what the customer says."""
    if any(not isinstance(part, Block) for part in parts):
        return parts
    if item.kind == "call_note" or not parts:
        return parts or [Block("", NON_ANSWER)]
    return [
        (Sentence(part.text, opens=True),)
        if isinstance(part, Block)
        and part.noise == SIGNATURE
        and len(part.text.split()) >= config.fragment_words
        else part
        for part in parts
    ]


def _needs_parse(text: str, config: SplitConfig) -> bool:
    return len(text.split()) > config.run_on_words or may_state_cause(text)


def _cut(doc: Doc, text: str, config: SplitConfig) -> tuple[_Piece, ...]:
    """A parsed sentence, cut where it runs on or is too long, with the clauses of each piece."""
    bounds = [0]
    if len(text.split()) > config.run_on_words:
        for start in (sent.start_char for sent in doc.sents):
            left = text[bounds[-1] : start].split()
            right = text[start:].split()
            if min(len(left), len(right)) >= config.run_on_side:
                bounds.append(start)
    clauses = find_clauses(doc, text=text)
    pieces: list[_Piece] = []
    for start, end in zip(bounds, [*bounds[1:], len(text)], strict=True):
        at = start
        for part in chop(
            text[start:end].strip(), max_words=config.max_words, max_chars=config.max_chars
        ):
            at = text.index(part, at)
            pieces.append((part, _within(clauses, at, at + len(part), part)))
            at += len(part)
    return tuple(pieces)


def _within(clauses: Sequence[Clause], start: int, end: int, part: str) -> tuple[Clause, ...]:
    """The clauses that begin in a piece, cut at its end, with offsets in it."""
    inside = []
    for clause in clauses:
        if start <= clause.start < end:
            left, right = clause.start - start, min(clause.end, end) - start
            inside.append(replace(clause, text=part[left:right], start=left, end=right))
    return tuple(inside)


def _statements(
    item: Feedback,
    draft: Sequence[_Part],
    parsed: dict[str, tuple[_Piece, ...]],
    config: SplitConfig,
) -> Iterator[Statement]:
    no = 0
    for part in draft:
        if isinstance(part, Block):
            yield Statement(item.key, no, part.text, noise=part.noise)
            no += 1
            continue
        run: list[Sentence] = []
        clauses: list[tuple[Clause, ...]] = []
        for sentence in part:
            pieces = parsed.get(sentence.text) or tuple(
                (piece, ())
                for piece in chop(
                    sentence.text, max_words=config.max_words, max_chars=config.max_chars
                )
            )
            for place, (text, stated) in enumerate(pieces):
                run.append(replace(sentence, text=text) if place == 0 else Sentence(text))
                clauses.append(stated)
        groups = join(
            run,
            fragment_words=config.fragment_words,
            max_words=config.max_words,
            max_chars=config.max_chars,
            apart=item.kind in config.apart_kinds,
            contrast=item.kind in config.contrast_kinds,
        )
        for group in groups:
            yield _joined(item.key, no, [(run[at].text, clauses[at]) for at in group])
            no += 1


def _joined(key: str, no: int, pieces: Sequence[_Piece]) -> Statement:
    text = ""
    clauses: list[Clause] = []
    for piece, stated in pieces:
        at = len(text) + 1 if text else 0
        text = f"{text} {piece}" if text else piece
        clauses.extend(replace(one, start=one.start + at, end=one.end + at) for one in stated)
    return Statement(key, no, text, clauses=tuple(clauses))
