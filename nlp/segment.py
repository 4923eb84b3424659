"""A message into statements: one statement is one point of one customer.

Greeting, signature, quotation, agent's part, boilerplate and non-answers become statements, too,
with the reason as `noise`: they are counted, and take no part in themes. Cause clauses are found on
the same parse.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from nlp.causes.clauses import find_clauses, may_state_cause
from nlp.language import Doc, Language, parse
from nlp.layout import AGENT, GREETING, SIGNATURE, Block, lay_out
from nlp.points import Sentence, join
from nlp.records import Clause, Feedback, Kind, Statement
from nlp.sentences import chop, sentences

NON_ANSWER = "non-answer"

_RULES = "1"  # raise when the rules of layout, sentences, points or clauses change what comes out


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
    # "But" and "however" in a survey turn from what was good to what was not.
    contrast_kinds: tuple[Kind, ...] = ("survey", "review")


DEFAULT = SplitConfig()


def splitter_version(config: SplitConfig = DEFAULT) -> str:
    """What the splitter's output depends on: its rules and its configuration."""
    digest = hashlib.sha256(repr(sorted(asdict(config).items())).encode()).hexdigest()
    return f"{_RULES}-{digest[:8]}"


SPLITTER_VERSION = splitter_version()

_NOTHING = re.compile(
    r"^\W*((n\W?/?\W?a|none|nothing|nil|nope|no+|nah|non|null|not applicable|no (comments?|answer|reply|"
    r"response|feedback|opinion|idea|suggestions?|complaints?|improvements?|problems?|issues?)|did not "
    r"answer|didn'?t answer|no answer given|not answered|blank|empty|skip(ped)?|unsure|not sure|don'?t "
    r"know|do not know|dunno|dk|idk|can'?t (think of anything|say)|cannot (think of anything|say)|"
    r"(nothing|none|no) (at all|else|really|to (say|add|report|comment|mention|note|declare)|more|"
    r"comes to mind|that i can think of|i can think of|in particular|specific|special|springs to mind|"
    r"as yet|yet|at present|at the moment|at this time|for now|so far|thanks?|thank you|ta)+|"
    r"i (don'?t|do not) (know|have any( comments?| suggestions?)?)|as above|see above|same as above|ditto|"
    r"test|testing|asdf+|xx+|zero|tbc|tba|hello|hi|yes|yep|ok|okay)\W*)$",
    re.I,
)
_COURTESY = re.compile(
    r"^\W*((many |much |kind |with |best |warm |and |so |please |again,? )*(thanks?|thank you|thankyou|thx|"
    r"tia|cheers|regards|appreciate (it|your help|any help|this)|much appreciated)"
    r"( (so|very) much| a lot| a million| again| in advance| everyone| all| guys| team| you| for (your|"
    r"any|the|all)( \w+){1,4}| for (reading|helping|listening|looking( into (this|it))?))*|have a (nice|"
    r"great|good|lovely) (day|one|weekend|evening|week)|(i )?look(ing)? forward to (your|hearing)[^.!?]*)"
    r"[\s.!,:)]*$",
    re.I,
)
_SUBJECTLESS = (
    r"advised|informed|told (him|her|them|customer|caller|client)|explained|confirmed|passed|escalated|"
    r"logged|raised|offered|apologi[sz]ed|transferred|forwarded|referred|promised|suggested|walked|"
    r"talked|guided|noted|feature request|recorded|checked|verified|resolved|agreed|assured|recommended|"
    r"asked (him|her|them|customer|caller|client|for)|(no )?further action|no action|will (follow|call|"
    r"check|escalate|email|get back|send|look|investigate|update|raise|pass)|follow[- ]?up|closed|sent "
    r"(him|her|them|customer|a |an |the |link|instructions|email)|opened a|created a|gave (him|her|them)|"
    r"booked|scheduled|call(er)? (ended|disconnected)|placed on hold|refunded|credited|reset |"
    r"troubleshot|pointed (him|her|them)|showed (him|her|them)|reassured|acknowledged|thanked|issued|"
    r"arranged|requested (logs?|screenshots?|details)|added (a |her|his|their|to )|ticket|case "
    r"(number|closed|opened)|callback|call back|i (advised|told|explained|confirmed|apologi[sz]ed|offered|"
    r"escalated|sent|checked|promised|said|suggested|passed|logged|raised|informed|asked|could not|"
    r"couldn'?t|will|have)|we (advised|told|explained|offered|confirmed)"
)
_AGENT_SENTENCE = re.compile(
    rf"^\W*((the )?(agent|advis[oe]r|representative|rep|support|csr|operator|brand|company)('s|s)?\b"
    rf"|({_SUBJECTLESS})\b)",
    re.I,
)
_ADVISED = re.compile(r"^\W*(i |we |agent )?advised (the )?(customer|caller|client|user)\b", re.I)


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
    if _is_non_answer(item.text):
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
        if (kind == "call_note" and _AGENT_SENTENCE.match(text)) or _ADVISED.match(text):
            yield AGENT, sentence
        elif kind in {"ticket", "call_note"} and _COURTESY.match(text):
            yield SIGNATURE, sentence
        elif block.opens and place == 0 and _is_non_answer(text):
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


def _is_non_answer(text: str) -> bool:
    return not any(char.isalpha() for char in text) or _NOTHING.match(text.strip()) is not None


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
            pieces = parsed.get(sentence.text) or ((sentence.text, ()),)
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
