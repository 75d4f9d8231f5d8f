"""`make openapi`: writes docs/openapi.json, the description of every HTTP function, as their handlers declare it."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests", "scripts", "layers/shared")]


def main() -> None:
    from support.template import function_environment

    # Before any module of ours is imported: table names are read when their models are defined.
    os.environ.update(function_environment())
    os.environ.update(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1", POWERTOOLS_TRACE_DISABLED="true")
    from openapi.document import DOCUMENT, document, text

    DOCUMENT.write_text(text(document()))


if __name__ == "__main__":
    main()
