"""Which program made a result: the release, and a digest of the code itself."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("labels", "nlp", "store", "report", "flows")


@cache
def code_version() -> str:
    """`0.1.0+1f2e3d4c`: changed code is another version, so that its weeks are run anew."""
    root = Path(__file__).resolve().parent.parent
    total = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            total.update(path.relative_to(root).as_posix().encode())
            total.update(path.read_bytes())
    return f"{version('groundswell')}+{total.hexdigest()[:8]}"
