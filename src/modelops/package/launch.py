"""Runs `bentoml serve` for as long as whoever started it lives: `python -P launch.py BENTO HOST PORT`.

The starter holds the other end of standard input. When it ends, however it ends, the pipe closes and the server stops:
no orphan keeps a port.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _stop_with_starter() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main(bento: str, host: str, port: str) -> None:
    """Serve a Bento until a signal, or until standard input closes."""
    from bentoml_cli.cli import cli

    threading.Thread(target=_stop_with_starter, daemon=True).start()
    cli.main(["serve", bento, "--host", host, "--port", port], standalone_mode=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
