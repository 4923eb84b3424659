from __future__ import annotations

import datetime as dt

import pytest

from store.access_keys import (
    LONGEST_NAME,
    AccessKeyError,
    create_key,
    find_key,
    guarded,
    key_by_id,
    list_keys,
    revoke_key,
    touch_is_due,
    touch_key,
)
from store.database import Engine, Session, session_scope
from store.revision import revision
from store.tables import ACCESS_KEY

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def test_a_token_finds_its_key_and_is_kept_nowhere(session: Session) -> None:
    key, token = create_key(session, "  Ana Lima ", scopes=["correct", "read"], now=NOW)
    assert key.name == "Ana Lima"
    assert key.scopes == ("read", "correct")
    assert token.startswith(f"gsk_{key.id}_")
    assert find_key(session, token, now=NOW) == key == key_by_id(session, key.id)
    secret = token.rpartition(f"{key.id}_")[2]
    for row in session.connection().execute(ACCESS_KEY.select()):
        assert secret not in str(tuple(row))


def test_tokens_differ(session: Session) -> None:
    made = [create_key(session, "x", scopes=["read"], now=NOW) for _ in range(5)]
    assert len({key.id for key, _ in made}) == len({token for _, token in made}) == 5
    assert [key.id for key in list_keys(session)] == sorted(key.id for key, _ in made)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token[:-1],
        lambda token: f"{token}A",
        lambda token: f" {token}",
        lambda token: f"{token}\n",
        lambda token: token.upper(),
        lambda token: token.replace("gsk_", "gsk-"),
        lambda _: "",
        lambda _: "gsk_00000000_" + "A" * 43,
        lambda _: "gsk_0000000é_" + "A" * 43,
        lambda token: token.replace(token[-43:], "A" * 43),
    ],
)
def test_another_token_finds_nothing(session: Session, change: object) -> None:
    _, token = create_key(session, "x", scopes=["read"], now=NOW)
    assert callable(change)
    assert find_key(session, change(token), now=NOW) is None


def test_the_secret_of_one_key_does_not_open_another(session: Session) -> None:
    one, first = create_key(session, "one", scopes=["read"], now=NOW)
    other, _ = create_key(session, "other", scopes=["admin"], now=NOW)
    assert find_key(session, first.replace(one.id, other.id), now=NOW) is None


def test_a_key_is_refused_from_its_expiry_on(session: Session) -> None:
    ends = NOW + dt.timedelta(days=90)
    key, token = create_key(session, "x", scopes=["read"], now=NOW, expires_at=ends)
    assert find_key(session, token, now=ends - SECOND) == key
    assert find_key(session, token, now=ends) is None
    assert find_key(session, token, now=ends + SECOND) is None
    assert [key.state(ends - SECOND), key.state(ends)] == ["active", "expired"]
    assert guarded(session), "a key that ran out must not open the server to everybody"


def test_a_revoked_key_is_refused(session: Session) -> None:
    assert not guarded(session)
    key, token = create_key(session, "x", scopes=["read"], now=NOW)
    assert guarded(session)
    revoked = revoke_key(session, key.id, now=NOW + SECOND)
    assert revoked.revoked_at == NOW + SECOND
    assert find_key(session, token, now=NOW) is None
    assert revoke_key(session, key.id, now=NOW + 2 * SECOND) == revoked, "once is enough"
    assert not guarded(session)
    assert revoked.state(NOW) == "revoked"


def test_revoking_what_is_not_there_says_where_to_look(session: Session) -> None:
    with pytest.raises(AccessKeyError, match="groundswell keys list"):
        revoke_key(session, "00000000", now=NOW)


@pytest.mark.parametrize(
    "name", ["", "  ", "a\nb", "a" * (LONGEST_NAME + 1), "abc\u202ed", "a\x00"]
)
def test_names_fit_a_line(session: Session, name: str) -> None:
    with pytest.raises(AccessKeyError, match="a key's name"):
        create_key(session, name, scopes=["read"], now=NOW)


def test_the_longest_name_is_taken(session: Session) -> None:
    assert create_key(session, "a" * LONGEST_NAME, scopes=["read"], now=NOW)[0].active(NOW)


@pytest.mark.parametrize("scopes", [[], ["reads"], ["read", "write"]])
def test_unknown_scopes_name_the_known(session: Session, scopes: list[str]) -> None:
    with pytest.raises(AccessKeyError, match="read, correct, ingest, admin"):
        create_key(session, "x", scopes=scopes, now=NOW)


def test_an_expiry_is_not_past(session: Session) -> None:
    with pytest.raises(AccessKeyError, match="expired"):
        create_key(session, "x", scopes=["read"], now=NOW, expires_at=NOW)
    create_key(session, "x", scopes=["read"], now=NOW, expires_at=NOW + SECOND)


def test_the_last_use_is_noted_once_a_minute(session: Session) -> None:
    key, _ = create_key(session, "x", scopes=["read"], now=NOW)
    assert touch_is_due(key, NOW)
    assert touch_key(session, key.id, now=NOW)
    used = key_by_id(session, key.id)
    assert used is not None
    assert used.last_used_at == NOW
    for seconds, noted in ((1, False), (59, False), (60, True)):
        later = NOW + seconds * SECOND
        assert touch_is_due(used, later) is noted
        assert touch_key(session, key.id, now=later) is noted


def test_keys_change_no_answer(engine: Engine) -> None:
    with session_scope(engine, changes_answers=False) as session:
        before = revision(session)
        key, _ = create_key(session, "x", scopes=["read"], now=NOW)
        touch_key(session, key.id, now=NOW)
    with session_scope(engine, changes_answers=False) as session:
        assert revision(session) == before
        assert len(list_keys(session)) == 1
