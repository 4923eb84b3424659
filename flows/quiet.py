"""The environment that keeps dependencies quiet and offline; set before they are imported."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_CLI_COLORS": "false",
    # Prefect gives up on its own server after 20 s; on two busy cores it was seen to take 32.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
# Many small products: two threads of OpenBLAS wait for each other more than they compute (impact of
# one week 6 s with one, 15 s with two). Torch has threads of its own and keeps them.
# Threads of Torch that wait for each other by spinning take the core from the one they wait for, as
# soon as another process wants a core, too: 320 short texts on two busy cores took 9.3 to 14.7 s to
# embed, asleep while waiting 0.9 to 2.2 s (with one thread 1.4 to 2.7 s).
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
_READ_AT_IMPORT = ("prefect", "huggingface_hub", "transformers")


def quiet_environment(home: Path) -> None:
    """Switch off telemetry, hub look-ups and chatter, and keep Prefect's files inside `home`.

    What the caller's environment already says about logging stays; telemetry and hub access are
    always off. Prefect and the hub's client read their environment when they are first imported,
    so this must run before.

    Raises:
        RuntimeError: when one of them is imported already and was not told.
    """
    late = sorted(name for name in _READ_AT_IMPORT if name in sys.modules)
    told = all(name in os.environ for name in QUIET)
    if late and not told:
        raise RuntimeError(
            f"{', '.join(late)} was imported before flows.quiet.quiet_environment was called; "
            "call it first, or it goes to the network"
        )
    for name, value in QUIET.items():
        if name.startswith("PREFECT_LOGGING"):
            os.environ.setdefault(name, value)
        else:
            os.environ[name] = value
    for name, value in THREADS.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("PREFECT_HOME", str(home / "prefect"))
    # On a busy machine Prefect's worker warns at the end that its own events are still on their
    # way ("Still processing items"); whoever reads one message of ours would read that, too.
    logging.getLogger("EventsWorker").setLevel(logging.ERROR)


def tell_errors_once() -> None:
    """For commands, which tell an error in one message: Prefect adds no traceback of its own.

    Must run before Prefect is imported. GROUNDSWELL_DEBUG=1 keeps the traceback.
    """
    level = "PREFECT_LOGGING_LEVEL"
    if os.environ.get("GROUNDSWELL_DEBUG") != "1" and os.environ.get(level) == QUIET[level]:
        os.environ[level] = "CRITICAL"
