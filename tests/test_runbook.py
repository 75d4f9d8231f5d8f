"""What the runbook's longer commands do when a call of theirs is refused: they run in a shell whose `aws` is a stub."""

import re
import subprocess
from pathlib import Path

import pytest

RUNBOOK = (Path(__file__).parents[1] / "docs" / "runbook.md").read_text()
RESTORING = RUNBOOK.split("\n## Restoring\n")[1].split("\n## ")[0]

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
