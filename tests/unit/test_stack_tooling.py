"""The parts of `make up` and `make test` that decide: what is up to date, what is ours, what to tell the user."""

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from stack import bootstrap, deploy, engine, logs, places, seed
from stack.aws import Stack
from stack.console import Problem

TABLE = "AWS::DynamoDB::Table"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("template.yaml", "samconfig.toml", "uv.lock", "functions/get/handler.py", "layers/shared/rules.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize("changed", ["template.yaml", "functions/get/handler.py", "layers/shared/rules.py", "uv.lock"])
def test_a_changed_input_is_deployed_again(checkout: Path, changed: str) -> None:
    before = deploy.inputs_digest(checkout)
    (checkout / changed).write_text("changed")
    assert deploy.inputs_digest(checkout) != before


def test_a_file_moved_to_another_function_is_deployed_again(checkout: Path) -> None:
    before = deploy.inputs_digest(checkout)
    (checkout / "functions" / "get").rename(checkout / "functions" / "list")
    assert deploy.inputs_digest(checkout) != before


@pytest.mark.parametrize("changed", ["README.md", "functions/get/__pycache__/handler.pyc", "functions/.DS_Store"])
def test_what_no_deployment_is_made_from_changes_nothing(checkout: Path, changed: str) -> None:
    before = deploy.inputs_digest(checkout)
    (checkout / changed).parent.mkdir(exist_ok=True)
    (checkout / changed).write_text("changed")
    assert deploy.inputs_digest(checkout) == before


def test_expiry_is_read_from_the_tables_that_declare_it() -> None:
    resources = {
        "Jobs": {
            "Type": TABLE,
            "Properties": {"TimeToLiveSpecification": {"AttributeName": "expiresAt", "Enabled": True}},
        },
        "Off": {"Type": TABLE, "Properties": {"TimeToLiveSpecification": {"AttributeName": "x", "Enabled": False}}},
        "Customers": {"Type": TABLE, "Properties": {}},
        "Bucket": {"Type": "AWS::S3::Bucket"},
    }
    assert dict(deploy.declared_expiry(resources)) == {"Jobs": {"AttributeName": "expiresAt", "Enabled": True}}


def test_an_environment_is_current_until_its_lock_file_changes_or_its_python_goes(tmp_path: Path) -> None:
    home, lock = tmp_path / "env", tmp_path / "lock.txt"
    lock.write_text("package==1")
    interpreter = home / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.touch()
    assert not bootstrap.is_current(home, lock)
    bootstrap.mark_current(home, lock)
    assert bootstrap.is_current(home, lock)
    lock.write_text("package==2")
    assert not bootstrap.is_current(home, lock)
    lock.write_text("package==1")
    interpreter.unlink()
    assert not bootstrap.is_current(home, lock)


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("Error: ensurepip is not available", "apt install python3-venv"),
        ("ERROR: Could not find a version that satisfies the requirement uv==0.13.9", "UV_DEFAULT_INDEX"),
        ("error: Failed to fetch: https://pypi.org/simple/boto3/", "UV_DEFAULT_INDEX"),
    ],
)
def test_a_failed_installation_comes_with_advice(output: str, advice: str) -> None:
    assert advice in bootstrap.cure(output)


def test_a_nearly_full_disk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2_900_000_000))
    with pytest.raises(Problem, match=r"2\.9 GB left"):
        bootstrap.need_disk()


def test_a_taken_port_is_refused_with_another_to_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"port {port}") as refusal:
            engine.need_free(port)
    assert "PORT=" in refusal.value.advice


def test_lsof_names_who_listens() -> None:
    assert engine.describe_listener(["p812", "cnode", "f21"]) == "node (process 812) listens on it"


def test_an_engine_is_ours_only_while_its_lock_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signalled: list[int] = []
    monkeypatch.setattr("os.killpg", lambda group, _: signalled.append(group))
    (tmp_path / "group").write_text("4242")  # left by an engine that died; somebody else may have that number now
    with engine.held_lock(tmp_path):
        assert engine.is_alive(tmp_path)
    assert not engine.is_alive(tmp_path)
    assert not engine.stop(tmp_path)
    assert signalled == []
    assert not (tmp_path / "group").exists()


def test_the_engine_sees_nothing_of_the_users_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    seen = engine.environment(tmp_path, 4700)
    assert not [name for name in seen if name.startswith("AWS_")]
    assert seen["BIND_HOST"] == "127.0.0.1"
    assert seen["TMPDIR"].startswith(str(tmp_path))


def test_sam_does_not_see_the_users_aws_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    assert "AWS_PROFILE" not in places.tool_environment()
    assert places.tool_environment(AWS_REGION="eu-west-1")["AWS_REGION"] == "eu-west-1"


def test_the_local_stack_has_the_name_the_contract_gives_it() -> None:
    assert places.local_stack()[0] == "customer360-local"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("orders-archive.jsonl.gz", "events/sample/orders-archive.jsonl.gz"),
        ("payment-transactions.csv", "csv/payment.transaction.upserted/payment-transactions.csv"),
    ],
)
def test_a_sample_file_goes_where_the_import_expects_its_kind(name: str, key: str) -> None:
    assert seed.key_of(name) == key


def test_a_failed_import_stops_the_feeding() -> None:
    with pytest.raises(Problem, match="orders"):
        seed.tell("events/sample/orders.jsonl", {"status": "failed", "error": "not JSON"})


def event(stream: str, timestamp: int, message: str) -> tuple[str, dict[str, Any]]:
    return "/aws/cloudformation/customer360-local/LogGroup", {
        "logStreamName": stream,
        "timestamp": timestamp,
        "message": message,
    }


def test_log_lines_of_one_stream_belong_to_the_function_that_names_itself_in_it() -> None:
    found = [
        event("b", 2000, "Traceback (most recent call last):"),
        event(
            "a", 1000, '{"level": "INFO", "message": "ok", "function_name": "customer360-local-GetMeFunction-28FAABC3"}'
        ),
        event("a", 3000, "plain words"),
        event("a", 3000, "END RequestId: 1"),
    ]
    shown = list(logs.lines(logs.matching(logs.attributed(found, {}), "get_me")))
    assert shown == ["00:00:01 GetMe  INFO ok", "00:00:03 GetMe  plain words"]


class EngineLogs:
    """The log service of the engine: the oldest entries of a group, as many as it gives, and no word of the others."""

    def __init__(self, *messages: tuple[int, str]) -> None:
        self.events = [event("a", *message)[1] for message in messages]

    def client(self, _: str) -> object:
        return self

    def get_paginator(self, _: str) -> object:
        return SimpleNamespace(paginate=lambda: [{"logGroups": [{"logGroupName": "/aws/lambda/GetMe"}]}])

    def filter_log_events(self, *, startTime: int, **_: str) -> dict[str, object]:  # noqa: N803 - boto3 calls it so
        return {"events": [each for each in self.events if each["timestamp"] >= startTime][: logs.MOST]}


@pytest.mark.parametrize("timestamps", [[1, 2, 3, 4, 5, 6], [1, 2, 2, 2, 3, 4], [1, 1, 2, 3, 4, 5], [1, 2, 3, 3]])
def test_log_lines_beyond_what_the_engine_answers_at_once_are_read(
    monkeypatch: pytest.MonkeyPatch, timestamps: list[int]
) -> None:
    monkeypatch.setattr(logs, "MOST", 3)
    reader = logs.Reader(cast(Stack, EngineLogs(*((at, str(i)) for i, at in enumerate(timestamps)))))
    assert [entry.message for entry in reader.new()] == list(map(str, range(len(timestamps))))
    assert reader.new() == []


def test_the_last_error_is_found_however_much_was_logged_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST", 3)
    early, late = '{"level": "ERROR", "message": "early"}', '{"level": "ERROR", "message": "late"}'
    stack = EngineLogs((1, early), *((at, "words") for at in range(2, 9)), (9, late), (10, "words"))
    assert logs.last_error(cast(Stack, stack)) == "00:00:00 GetMe  ERROR late"


def test_a_line_that_is_a_metric_too_is_shown_without_what_makes_it_one() -> None:
    message = '{"level": "INFO", "message": "answered", "status": 200, "_aws": {"CloudWatchMetrics": []}}'
    assert list(logs.lines([logs.Entry(0, "GetMe", "s", message)])) == ["00:00:00 GetMe  INFO answered status=200"]


def test_metrics_are_not_shown_and_added_fields_and_traces_are() -> None:
    messages = ['{"_aws": {}, "Duration": 3}', '{"level": "ERROR", "message": "no", "id": "c-1", "exception": "a\\nb"}']
    entries = [logs.Entry(0, "Ingest", "s", message) for message in messages]
    assert list(logs.lines(entries)) == ["00:00:00 Ingest  ERROR no id=c-1", "    a\n    b"]
