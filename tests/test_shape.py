"""The tree keeps its shape: folders, routes, samples, imports, sizes and names."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from support.template import function_environment, functions

ROOT = Path(__file__).parents[1]
FUNCTIONS = sorted(functions())
MODULES = sorted((ROOT / "layers").rglob("*.py")) + sorted((ROOT / "functions").rglob("*.py"))
HEAVY = {
    "openpyxl",
    "fpdf",
    "PIL",
    "pandas",
    "numpy",
    "requests",
    "moto",
    "aws_xray_sdk",
    "pytest",
    "hypothesis",
    "yaml",
}

# How many modules a fresh process holds after the import, a tenth above what was measured: a jump is a god module.
MOST_MODULES = {
    "add_note": 766,
    "add_tag": 768,
    "add_to_segment": 769,
    "adjust_points": 819,
    "create_ticket": 827,
    "assign_in_bulk": 750,
    "broadcast": 540,
    "cancel_job": 808,
    "build_export": 830,
    "compare_customers": 700,
    "create_bulk_assignment": 822,
    "create_customer_export": 780,
    "create_realtime_ticket": 660,
    "create_search_export": 780,
    "create_segment": 768,
    "create_tag": 767,
    "create_view": 770,
    "create_privacy_export": 783,
    "delete_note": 766,
    "delete_segment": 751,
    "delete_tag": 751,
    "delete_view": 770,
    "erase_customer": 789,
    "erase_from_stores": 771,
    "get_analytics": 677,
    "get_customer_360": 680,
    "get_erasure": 670,
    "get_export": 688,
    "get_job": 658,
    "get_loyalty": 675,
    "get_marketing": 680,
    "get_me": 653,
    "get_note": 683,
    "get_order": 671,
    "get_scores": 676,
    "get_scoring_quality": 673,
    "get_ticket": 678,
    "import_file": 706,
    "ingest_events": 706,
    "list_audit_entries": 660,
    "list_notes": 683,
    "list_orders": 671,
    "list_payments": 677,
    "list_rejected_events": 696,
    "list_segments": 686,
    "list_tags": 685,
    "list_tickets": 678,
    "list_timeline_events": 674,
    "list_views": 690,
    "on_connect": 455,
    "on_customer_changed": 660,
    "on_disconnect": 455,
    "on_message": 538,
    "preview_bulk_assignment": 733,
    "preview_segment": 715,
    "record_email_delivery": 752,
    "record_telemetry": 660,
    "recompute_scores": 748,
    "refit_model": 482,
    "remove_from_customers": 688,
    "remove_from_segment": 769,
    "remove_tag": 768,
    "replay_rejected_event": 781,
    "send_email": 822,
    "start_recompute": 660,
    "search_customers": 698,
    "undo_job": 808,
    "update_note": 766,
    "update_search_index": 725,
    "update_segment": 769,
    "update_tag": 768,
}

PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler
declared = handler.app.rules if hasattr(handler, "app") else {}
rules = [[*route, rule.needs, rule.audited_as] for route, rule in declared.items()]
print(json.dumps({"modules": sorted(sys.modules), "rules": rules, "callable": callable(handler.lambda_handler)}))
"""


def routes(name: str) -> list[tuple[str, str]]:
    """The method and path of every route the template gives the function."""
    events = functions()[name].get("Events", {}).values()
    return [(event["Properties"]["Method"], event["Properties"]["Path"]) for event in events if event["Type"] == "Api"]


def triggers(name: str) -> set[str]:
    return {event["Type"] for event in functions()[name].get("Events", {}).values()}


READERS = [name for name in FUNCTIONS if any(method == "GET" for method, _ in routes(name))]


@cache
def probes() -> Mapping[str, dict[str, Any]]:
    """What a fresh process holds after importing each handler, and the rules that handler declares."""
    environment = {**os.environ, **function_environment(), "PYTHONPATH": str(ROOT / "layers" / "shared")}
    environment.pop("AWS_ENDPOINT_URL", None)

    def probe(name: str) -> dict[str, Any]:
        command = [sys.executable, "-c", PROBE, str(ROOT / "functions" / name)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr}"
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(FUNCTIONS, pool.map(probe, FUNCTIONS), strict=True))


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return event


def test_every_folder_is_a_function_and_every_function_a_folder() -> None:
    assert sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py")) == FUNCTIONS
    assert sorted(path.name for path in (ROOT / "functions").iterdir() if path.is_dir()) == FUNCTIONS


def test_every_function_is_named_after_its_folder() -> None:
    from support.template import resources

    for logical_id, properties in resources("AWS::Serverless::Function").items():
        words = properties["CodeUri"].removeprefix("functions/").rstrip("/").split("_")
        assert logical_id == "".join(word.capitalize() for word in words) + "Function"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_serves_one_thing_only(name: str) -> None:
    assert len(functions()[name]["Events"]) == 1
    assert probes()[name]["callable"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_routes_in_the_code_are_those_of_the_template(name: str) -> None:
    assert sorted((method, path) for method, path, _, _ in probes()[name]["rules"]) == sorted(routes(name))


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if routes(name)])
def test_every_route_needs_a_known_permission_and_has_a_name_on_the_audit_trail(name: str) -> None:
    from customer360.access.policy import PERMISSIONS

    for _, _, needs, audited_as in probes()[name]["rules"]:
        assert needs in PERMISSIONS
        assert audited_as


def test_no_two_functions_serve_the_same_route() -> None:
    every = [route for name in FUNCTIONS for route in routes(name)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_first_line_of_a_handler_says_what_it_serves(name: str) -> None:
    first = (ROOT / "functions" / name / "handler.py").read_text().splitlines()[0]
    assert first.startswith('"""')
    for method, path in routes(name):
        assert first.startswith(f'"""{method} {path}: ')
    stream, route = "The stream of the customers table: ", f"{trigger(name)}: "
    beginnings = {"SQS": "SQS", "ScheduleV2": "Schedule", "DynamoDB": stream, "WebSocket": route}
    assert triggers(name) == {"Api"} or first.startswith(tuple(f'"""{beginnings[kind]}' for kind in triggers(name)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_imports_nothing_heavy(name: str) -> None:
    assert not HEAVY & set(probes()[name]["modules"])


@pytest.mark.parametrize("name", READERS)
def test_a_read_imports_no_boto3(name: str) -> None:
    assert "boto3" not in probes()[name]["modules"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_holds_few_modules(name: str) -> None:
    assert len(probes()[name]["modules"]) <= MOST_MODULES[name]


def test_every_sample_is_of_a_function_and_every_function_has_one() -> None:
    assert sorted(path.stem for path in (ROOT / "events").iterdir()) == FUNCTIONS


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if routes(name)])
def test_an_http_sample_is_of_the_functions_route(name: str) -> None:
    event = sample(name)
    assert [(event["httpMethod"], event["resource"])] == routes(name)
    assert event["path"] == event["resource"].format(**event["pathParameters"] or {})
    assert event["requestContext"]["resourcePath"] == event["resource"]
    assert event["requestContext"]["authorizer"]["claims"]["token_use"] == "id"
    assert event["multiValueHeaders"].keys() == event["headers"].keys()


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if triggers(name) == {"SQS"}])
def test_a_queue_sample_is_a_batch_no_larger_than_the_template_allows(name: str) -> None:
    records = sample(name)["Records"]
    (event,) = functions()[name]["Events"].values()
    assert 1 <= len(records) <= event["Properties"]["BatchSize"]
    assert all(record["eventSource"] == "aws:sqs" and json.loads(record["body"]) for record in records)
    assert len({record["messageId"] for record in records}) == len(records)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if triggers(name) == {"DynamoDB"}])
def test_a_stream_sample_is_a_batch_that_the_function_is_called_for(name: str) -> None:
    records = sample(name)["Records"]
    (event,) = functions()[name]["Events"].values()
    assert 1 <= len(records) <= event["Properties"]["BatchSize"]
    wanted = [json.loads(each["Pattern"]) for each in event["Properties"]["FilterCriteria"]["Filters"]]
    sort_keys = [each["dynamodb"]["Keys"]["sk"]["S"] for each in wanted]
    assert all(record["dynamodb"]["Keys"]["sk"]["S"] in chain(*sort_keys) for record in records)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if triggers(name) == {"WebSocket"}])
def test_a_websocket_sample_is_of_the_functions_route(name: str) -> None:
    assert f"WebSocket {sample(name)['requestContext']['routeKey']}" == trigger(name)


def test_the_sample_batch_holds_every_type_of_source_event() -> None:
    from customer360.ingestion.events import RECORDS

    bodies = [json.loads(record["body"]) for record in sample("ingest_events")["Records"]]
    assert {body["detail-type"] for body in bodies} == set(RECORDS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_named_for_its_shape(path: Path) -> None:
    # The models of `scores` are those of churn, and no shape of a module.
    allowed = {PACKAGE / "storage" / "base.py", PACKAGE / "scores" / "models.py"}
    vague = {"utils", "util", "helpers", "helper", "common", "models", "base", "types", "constants", "misc", "lib"}
    assert path in allowed or not vague & {path.stem, path.parent.name}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name == "__init__.py"], ids=lambda path: path.parent.name
)
def test_packages_re_export_nothing(path: Path) -> None:
    assert path.read_text() == ""


# The dependency law: arrows only downwards, and no AWS library outside storage, tables, `aws` and `logs`.
PACKAGE = ROOT / "layers" / "shared" / "customer360"
AWS_LIBRARIES = {"boto3", "botocore", "pynamodb"}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_storage_and_tables_know_dynamodb(path: Path) -> None:
    libraries = {name.split(".")[0] for name in imports_of(path)} & AWS_LIBRARIES
    if path.parent == PACKAGE / "storage" or path.name == "table.py":
        assert libraries <= {"pynamodb", "botocore"}
    elif path in {PACKAGE / "aws.py", PACKAGE / "logs.py"}:  # the latter to know a refusal by AWS
        assert "pynamodb" not in libraries
    else:
        assert not libraries


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_domain_does_not_know_how_http_lets_requests_in(path: Path) -> None:
    if path.parent.name != "api":
        assert not {
            name for name in imports_of(path) if name.startswith(("customer360.api.app", "customer360.api.writes"))
        }


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*/handler.py")), ids=lambda path: path.parent.name)
def test_a_handler_does_not_reach_into_storage(path: Path) -> None:
    assert not {name for name in imports_of(path) if name.startswith("customer360.storage")}


def trigger(name: str) -> str:
    (event,) = functions()[name]["Events"].values()
    properties = event["Properties"]
    if event["Type"] == "Api":
        return f"{properties['Method']} {properties['Path']}"
    if event["Type"] == "ScheduleV2":
        return f"Schedule {properties['ScheduleExpression']['Ref']}"
    if event["Type"] == "DynamoDB":
        return f"DynamoDB {properties['Stream']['Fn::GetAtt'][0]}"
    if event["Type"] == "WebSocket":
        return f"WebSocket {properties['Route']}"
    return f"{event['Type']} {properties['Queue']['Fn::GetAtt'][0]}"


def test_the_readme_lists_every_function_with_its_trigger() -> None:
    section = (ROOT / "README.md").read_text().split("\n## Functions\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section, re.MULTILINE)
    assert sorted(rows) == [(name, trigger(name)) for name in FUNCTIONS]
