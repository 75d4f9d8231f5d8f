"""What the runbook's longer commands do when a call of theirs is refused: `aws` is a stub, the API a server here."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

RUNBOOK = (Path(__file__).parents[1] / "docs" / "runbook.md").read_text()
RESTORING = RUNBOOK.split("\n## Restoring\n")[1].split("\n## ")[0]
REJECTED = RUNBOOK.split("\n## Rejected events\n")[1].split("\n## ")[0]

# A call takes the next line of the file named after what it does, or the last one again; `refused` fails.
STUB = """
physical() { echo customers; }
sleep() { :; }
answer() {
  echo "$@" >> calls
  local text=; [ -f "$1" ] || return 0
  text=$(head -n 1 "$1")
  if [ "$(wc -l < "$1")" -gt 1 ]; then tail -n +2 "$1" > rest; mv rest "$1"; fi
  [ "$text" = refused ] && return 1; echo "$text"
}
aws() { if [ "$2" = wait ]; then answer "${@:3}"; else answer "${@:2}"; fi; }
"""


def commands(section: str, beginning: str) -> str:
    (found,) = re.findall(rf"{re.escape(beginning)}.*?\n *```\n(.*?)\n *```", section, re.DOTALL)
    return str(found)


def calls(folder: Path, script: str, answers: dict[str, list[str]]) -> list[str]:
    """What the script called, one after the other, as what it does and the name of a table or an ARN."""
    for name, lines in answers.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    subprocess.run(["bash", "-c", STUB + script], cwd=folder, timeout=30, check=False)
    return (folder / "calls").read_text().splitlines()


def done(made: list[str]) -> list[str]:
    return [call.split()[0] for call in made]


RESTORE = commands(RESTORING, "2. **Restore beside the live table.**")
SWAP = RESTORE + "\n: > calls\n" + commands(RESTORING, "4. **Or replace the table**")
ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/customers-restored/backup/01"


def test_a_restore_is_waited_for_however_long_it_takes(tmp_path: Path) -> None:
    made = done(calls(tmp_path, RESTORE, {"table-exists": ["refused", "refused", "refused", ""]}))
    assert made.count("table-exists") == 4


def test_a_table_that_is_not_there_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    made = calls(tmp_path, RESTORE, {"table-exists": ["refused"], "describe-table": ["refused"]})
    assert done(made)[1:] == ["table-exists", "describe-table"]


def test_a_restore_that_is_refused_is_not_waited_for(tmp_path: Path) -> None:
    made = calls(tmp_path, RESTORE, {"restore-table-to-point-in-time": ["refused"]})
    assert done(made) == ["restore-table-to-point-in-time"]


def test_a_table_is_deleted_when_its_backup_is_there_and_put_in_its_place(tmp_path: Path) -> None:
    made = calls(tmp_path, SWAP, {"create-backup": [ARN], "describe-backup": ["CREATING", "CREATING", "AVAILABLE"]})
    assert done(made) == [
        "create-backup",
        *["describe-backup"] * 3,
        "update-table",
        "table-exists",
        "describe-backup",
        "delete-table",
        "table-not-exists",
        "restore-table-from-backup",
        "table-exists",
    ]
    assert made[-2] == f"restore-table-from-backup --target-table-name customers --backup-arn {ARN}"


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({"create-backup": ["refused"], "describe-backup": ["refused"]}, id="no backup"),
        pytest.param({"create-backup": [ARN], "describe-backup": ["CREATING", "DELETED"]}, id="a backup that is gone"),
        pytest.param({"create-backup": [ARN], "describe-backup": ["CREATING", "refused"]}, id="signed out meanwhile"),
    ],
)
def test_without_a_backup_nothing_is_deleted(answers: dict[str, list[str]], tmp_path: Path) -> None:
    assert "delete-table" not in done(calls(tmp_path, SWAP, answers))


# ---------------------------------------------------------------- Rejected events

LIST = "/api/admin/ingestion/rejected"
FIRST, SECOND = f"{LIST}?limit=100", f"{LIST}?limit=100&cursor=2"
MASKED, EXPIRED = "this event was redacted", "The token has expired."
REPLAYED = {
    f"{LIST}/b/replay": (409, {"detail": MASKED}),
    f"{LIST}/c/replay": (200, {"id": "c", "outcome": "applied"}),
    f"{LIST}/d/replay": (200, {"id": "d", "outcome": "unchanged"}),
}


@contextmanager
def api(answers: dict[str, tuple[int, dict[str, Any]]]) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET  # noqa: N815  # the server's name for it

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def listed(cursor: str | None, *events: tuple[str, str]) -> tuple[int, dict[str, Any]]:
    return 200, {"rejected": [{"id": name, "reason": reason} for name, reason in events], "nextCursor": cursor}


def replayed(answers: dict[str, tuple[int, dict[str, Any]]]) -> tuple[list[str], str]:
    """What the loop printed, and what it complained of."""
    with api(REPLAYED | answers) as address:
        script = f"export no_proxy=127.0.0.1; output() {{ echo {address}; }}\n" + commands(REJECTED, "They are kept")
        ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True)
    return ended.stdout.splitlines(), ended.stderr


needs_jq = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")


@needs_jq
def test_all_pages_are_replayed_and_each_event_is_told_of_even_if_it_is_refused() -> None:
    first = listed("2", ("a", "invalid"), ("b", "unknown_type"), ("c", "unknown_type"))
    printed, complaints = replayed({FIRST: first, SECOND: listed(None, ("d", "unknown_type"))})
    assert printed == [f"b {MASKED}", "c applied", "d unchanged"]
    assert "stopped" not in complaints


@needs_jq
def test_a_replay_that_is_cut_short_says_so_and_why() -> None:
    printed, complaints = replayed({FIRST: listed("2", ("c", "unknown_type")), SECOND: (401, {"detail": EXPIRED})})
    assert printed == ["c applied"]
    assert "stopped, begin again" in complaints
    assert EXPIRED in complaints
