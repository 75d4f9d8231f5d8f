"""`python -m stack up`."""

from stack.cli import main
from stack.console import run_main

run_main(main)
