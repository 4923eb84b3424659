"""The explicit rules of owners.yaml, held against a theme."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from labels.schema import Labels, Owner, Rule
from nlp.nearest import ThemeFacts
from nlp.records import StageMatch

_SHOWN_WORDS = 3  # a reason that lists more reads like the file itself
_GAP = r"[\s\-\u2010-\u2015]+"  # spaces, hyphens and dashes


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that holds. `weight` orders hits: a theme's id, then a seed, then words, then a stage.

    `confidence`: share of the typical statements that hit; of a stage, that of the stage; else 1.
    """

    owner: Owner
    weight: int
    confidence: float
    reason: str


def hits(facts: ThemeFacts, *, labels: Labels, stage: StageMatch) -> list[RuleHit]:
    """All rules that hold for the theme, strongest first; equals in the order of owners.yaml."""
    found = []
    intent = labels.intent(facts.intent_id) if facts.intent_id is not None else None
    for owner in labels.owners:
        if intent is not None and intent.owner == owner.id:
            reason = f"the intent '{intent.name}' names {owner.name}"
            found.append(RuleHit(owner, 2, 1.0, reason))
        for rule in owner.rules:
            hit = _hit(owner, rule, facts, labels, stage)
            if hit is not None:
                found.append(hit)
    return sorted(found, key=lambda hit: (-hit.weight, -hit.confidence))


def says(word: str, text: str) -> bool:
    """Whether a text holds a rule's word or phrase: whole words, any case, with plural -s or -es.

    Spaces and hyphens inside a phrase are alike; a word that ends in `*` may go on.
    """
    return _pattern(word).search(_plain(text)) is not None


def _hit(
    owner: Owner, rule: Rule, facts: ThemeFacts, labels: Labels, stage: StageMatch
) -> RuleHit | None:
    weight, confidence, reasons = -1, 1.0, []
    if rule.stage is not None:
        if rule.stage != stage.stage_id:
            return None
        weight, confidence = 0, stage.confidence
        reasons.append(f"is at the stage '{stage.stage_name}'")
    if rule.words:
        share, said = _said(rule, facts, labels)
        if not said:
            return None
        weight, confidence = 1, min(confidence, share)
        reasons.append(said)
    if rule.intent is not None:
        if rule.intent != facts.intent_id:
            return None
        weight = 2
        reasons.append(f"is the intent '{rule.intent}'")
    if rule.theme is not None:
        if rule.theme != facts.theme_id:
            return None
        weight = 3
        reasons.append(f"is the theme {rule.theme}")
    return RuleHit(owner, weight, confidence, f"rule of {owner.name}: {', and '.join(reasons)}")


def _said(rule: Rule, facts: ThemeFacts, labels: Labels) -> tuple[float, str]:
    """Share of the typical statements that hit, and the sentence; ("" when too few do)."""
    texts = facts.exemplar_texts
    by_word = {word: [says(word, text) for text in texts] for word in rule.words}
    count = sum(any(found) for found in zip(*by_word.values(), strict=True))
    limits = labels.owner_matching
    share = count / len(texts) if texts else 0.0
    if count < limits.rule_min_hits or share < limits.rule_min_share:
        return share, ""
    heard = [word for word, found in by_word.items() if any(found)][:_SHOWN_WORDS]
    words = " or ".join(f"'{word}'" for word in heard)
    return share, f"says {words} in {count} of {len(texts)} typical statements"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")


@functools.cache
def _pattern(word: str) -> re.Pattern[str]:
    stem = word.removesuffix("*")
    parts = [re.escape(part) for part in re.split(_GAP, _plain(stem)) if part]
    ending = r"\w*" if word.endswith("*") else r"(?:e?s)?"
    return re.compile(rf"(?<!\w){_GAP.join(parts)}{ending}(?!\w)")
