from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from nlp.discover import BirthConfig, ResidueText
from nlp.duplicates import CopyConfig
from nlp.memory import MemoryConfig, Remembered, remember
from nlp.neighbours import FloatArray
from nlp.records import Feedback, Statement, Theme, text_sha
from nlp.votes import Ballot, ballot, residue_texts
from nlp.weeks import monday

CONFIG = CopyConfig()
W1, W2 = "2026-W01", "2026-W02"
MAIL = "I demand that you give me back the fee for order {} before the end of this week, {}"
Row = tuple[str, str, str]  # week, customer, text


def told(rows: Sequence[Row]) -> tuple[dict[str, Feedback], list[Statement]]:
    feedback: dict[str, Feedback] = {}
    statements: list[Statement] = []
    for number, (week, customer, text) in enumerate(rows):
        item = Feedback(
            id=f"{number:05d}",
            source="desk",
            kind="ticket",
            text=text,
            created_at=dt.datetime.combine(monday(week), dt.time(9), tzinfo=dt.UTC),
            week=week,
            day=monday(week),
            customer_id=customer,
        )
        feedback[item.key] = item
        statements.append(Statement(item.key, 0, text))
    return feedback, statements


def votes(rows: Sequence[Row]) -> list[ResidueText]:
    feedback, statements = told(rows)
    by_sha: dict[str, list[Statement]] = {}
    for item in statements:
        by_sha.setdefault(item.sha, []).append(item)
    chosen = ballot({sha: found[0].text for sha, found in by_sha.items()}, config=CONFIG)
    return residue_texts(sorted(by_sha), by_sha, feedback, chosen, config=CONFIG)


def test_a_mass_mail_is_one_mention_of_one_customer_in_the_week_it_was_last_sent() -> None:
    (found,) = votes([(W1 if n % 2 else W2, f"c{n}", MAIL.format(n, "Ann")) for n in range(40)])
    assert (found.mentions, len(found.customers)) == (1, 1)
    assert found.weeks == {W2}
    assert found.by_week == ((W2, 1),)
    assert not found.customers & {f"c{n}" for n in range(40)}


def test_one_customer_who_repeats_a_long_text_is_that_customer() -> None:
    (found,) = votes([(W1, "ann", MAIL.format(n, "Ann")) for n in range(3)])
    assert found.mentions == 1
    assert found.customers == {"ann"}


def test_different_people_are_heard_with_the_same_short_text() -> None:
    (found,) = votes(
        [(W1, "a", "Too expensive!"), (W1, "b", "too expensive"), (W2, "c", "Too expensive")]
    )
    assert found.mentions == 3
    assert found.customers == {"a", "b", "c"}
    assert found.weeks == {W1, W2}
    assert found.by_week == ((W1, 2), (W2, 1))


def test_a_text_that_came_once_is_what_it_is() -> None:
    (found,) = votes([(W1, "ann", MAIL.format(1, "Ann"))])
    assert found.mentions == 1
    assert found.customers == {"ann"}
    assert found.weeks == {W1}


def test_the_first_of_each_has_the_vote_unless_it_was_heard() -> None:
    chosen = Ballot({"a": "a", "b": "a", "c": "c", "d": "c"})
    assert chosen.voters(["a", "b", "c", "d", "e"]) == [0, 2, 4]
    assert chosen.voters(["b", "d"]) == [0, 1]
    assert chosen.voters(["a", "b", "c", "d", "e"], known={"b", "x"}) == [2, 4]
    assert chosen.shared(["a", "b", "d", "e"], {"a": "T1", "e": "T2"}) == {
        0: "T1",
        1: "T1",
        3: "T2",
    }


def encode(texts: Sequence[str]) -> FloatArray:
    """The direction of the first word, and a little of the text's own."""

    def direction(name: str) -> FloatArray:
        seed = int(text_sha(name)[:8], 16)
        row = np.random.default_rng(seed).normal(size=48)
        unit: FloatArray = (row / np.linalg.norm(row)).astype(np.float32)
        return unit

    rows = np.stack([direction(text.split()[0].lower()) + 0.6 * direction(text) for text in texts])
    units: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units


def cold_start(rows: Sequence[Row]) -> tuple[Remembered, dict[str, str]]:
    feedback, statements = told(rows)
    texts = {item.sha: item.text for item in statements}
    found = remember(
        W1,
        themes=(),
        assigned={},
        statements=statements,
        feedback=feedback,
        vectors=lambda shas: (
            encode([texts[sha] for sha in shas]) if shas else np.zeros((0, 48), np.float32)
        ),
        encode=encode,
        config=MemoryConfig(births=BirthConfig(least_corpus=40, ready_corpus=40)),
    )
    return found, texts


def leaves(found: Remembered) -> list[Theme]:
    return [theme for theme in found.themes if theme.level == "leaf"]


def test_a_mass_mail_neither_founds_a_theme_nor_fills_its_memory() -> None:
    rows = [(W1, f"c{n}", f"{word} trouble {n}") for word in ("Refund", "Login") for n in range(30)]
    others, _ = cold_start(rows)
    mail = [(W1, f"m{n}", MAIL.format(n, f"Name{n:03d}")) for n in range(60)]
    found, texts = cold_start(rows + mail)
    assert len(leaves(others)) == len(leaves(found)) == 2
    remembered = [texts[sha] for one in leaves(found) for sha in one.exemplars]
    assert sum("demand" in text for text in remembered) <= 1

    # Where others speak of it, too, it is one of the texts that the theme remembers.
    own = [(W1, f"d{n}", f"I want {n} back") for n in range(30)]
    found, texts = cold_start(rows + own + mail)
    assert len(leaves(found)) == 3
    remembered = [texts[sha] for one in leaves(found) for sha in one.exemplars]
    assert sum("demand" in text for text in remembered) <= 1
    placed = {row.statement_id: row.theme_id for row in found.assignments}
    assert sum(placed[f"desk/{n:05d}#0"] is not None for n in range(90, 150)) >= 50
