from __future__ import annotations

import os
from pathlib import Path

import pytest
import uvicorn

from api.hosts import LOCAL
from api.settings import load_settings
from flows.commands.serve import serve_pages
from flows.settings import Settings


@pytest.mark.parametrize(
    ("address", "given", "further"),
    [
        ("127.0.0.1", "", set()),
        ("10.0.0.5", "", {"10.0.0.5"}),
        ("10.0.0.5", "a.example", {"a.example", "10.0.0.5"}),
        ("0.0.0.0", "a.example", {"a.example"}),
        ("::", "", set()),
    ],
)
def test_the_address_listened_on_is_a_host_that_is_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, given: str, further: set[str]
) -> None:
    for name in ("HOME", "DATABASE_URL"):
        monkeypatch.setenv(f"GROUNDSWELL_{name}", "")  # serve_pages sets them; undone afterwards
    monkeypatch.setenv("GROUNDSWELL_HOSTS", given)
    found: list[frozenset[str]] = []
    monkeypatch.setattr(
        uvicorn, "run", lambda *_, **__: found.append(load_settings(os.environ).hosts)
    )
    # The addresses are no one's here.
    monkeypatch.setattr("flows.commands.serve._check_free", lambda *_: None)
    serve_pages(Settings(tmp_path, "sqlite://"), host=address, port=8000)
    assert found == [LOCAL | further]
