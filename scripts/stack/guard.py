"""Waits for whoever started it to go, then stops the engine of a folder and removes the folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from stack import engine

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.stdin.buffer.read()
    engine.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)
