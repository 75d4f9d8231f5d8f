"""`make fuzz`: inputs that lead to code not run before, for as long as is wanted.

    python -m fuzzing NAME [--seconds 600]

Begins with the valid inputs of `seeds` and what earlier runs kept under `.local/fuzzing`. Stops at the first broken
promise, with the input in a file there.
"""

import argparse
import os
import sys
from pathlib import Path

import atheris  # of scripts/requirements/fuzz.in

from support.template import function_environment

CORPUS = Path(".local") / "fuzzing"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--seconds", type=int, default=600)
    options = parser.parse_args()
    os.environ.update(function_environment() | {"AWS_REGION": "eu-west-1"})
    with atheris.instrument_imports(include=["customer360", "csv", "json"]):
        from fuzzing.mutations import changed
        from fuzzing.promises import PROMISES
        from fuzzing.seeds import SEEDS
    corpus = CORPUS / options.name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[options.name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = [
        str(corpus),
        f"-max_total_time={options.seconds}",
        f"-artifact_prefix={CORPUS}/broken-{options.name}-",
        "-max_len=4096",
        "-timeout=10",
        "-print_final_stats=1",
    ]

    def mutated(data: bytes, max_size: int, seed: int) -> bytes:
        """Every other time by its structure, where it is JSON."""
        by_structure = changed(data, seed) if seed % 2 else None
        if by_structure is None or len(by_structure) > max_size:
            return bytes(atheris.Mutate(data, max_size))
        return by_structure

    atheris.Setup([sys.argv[0], *arguments], PROMISES[options.name], custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
