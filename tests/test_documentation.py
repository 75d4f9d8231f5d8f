"""What the documentation names is there, and what an operator has to know is in it."""

import re
from pathlib import Path

import pytest

from support.rights import rights
from support.template import functions, resources, template

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
RESOURCES = template()["Resources"]


def without_names(path: str) -> str:
    """A route, whatever its parameters are called."""
    return re.sub(r"\{\w+\}", "{}", path)


def mapped(name: str) -> list[str]:
    """The queues and streams that a function is fed from, by logical id."""
    sources = {"SQS": "Queue", "DynamoDB": "Stream"}
    events = [event for event in functions()[name]["Events"].values() if event["Type"] in sources]
    return [event["Properties"][sources[event["Type"]]]["Fn::GetAtt"][0] for event in events]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_route_that_is_named_is_one_of_ours(document: Path) -> None:
    ours = {
        f"{event['Properties']['Method']} {without_names(event['Properties']['Path'])}"
        for properties in functions().values()
        for event in properties["Events"].values()
        if event["Type"] == "Api"
    }
    named = re.findall(r"\b((?:GET|POST|PATCH|DELETE) /api/admin/[\w/{}-]+)", document.read_text())
    assert {without_names(route) for route in named} <= ours


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_named_is_in_the_makefile(document: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^|\$\()make (?:-s )?([a-z0-9-]+)", document.read_text(), re.MULTILINE)) <= targets


def test_the_readme_has_every_parameter_and_output() -> None:
    section = README.split("\n## Deploying to AWS\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([^|]+) \|", section, re.MULTILINE)
    told = [(names.split(", "), values.split(", ")) for names, values in rows if names.strip("`") != "Parameter"]
    told_outputs = set(re.findall(r"^\| `(\w+)` \|", section.split("\nOutputs:\n")[1], re.MULTILINE))
    assert told_outputs == template()["Outputs"].keys()
    defaults = {
        name.strip("`"): "" if value == "empty" else value.strip("`")
        for names, values in told
        if not {name.strip("`") for name in names} & told_outputs
        for name, value in zip(names, values, strict=True)
    }
    assert defaults == {name: str(parameter["Default"]) for name, parameter in template()["Parameters"].items()}


# ---------------------------------------------------------------- The runbook


def test_the_runbook_names_no_resource_parameter_or_output_that_is_gone() -> None:
    def asked(helper: str) -> set[str]:
        return set(re.findall(rf"\$\({helper} (\w+)\)", RUNBOOK))

    assert asked("physical") | asked("mapping") <= RESOURCES.keys()
    invoked = set(re.findall(r"\binvoke (\w+)`", RUNBOOK))
    assert invoked <= resources("AWS::Serverless::Function").keys()
    assert asked("output") <= template()["Outputs"].keys()
    assert asked("parameter") <= template()["Parameters"].keys()
    words = set(re.findall(r"`(\w+(?:Queue|Function|Table|Topic|Rule))`", RUNBOOK))
    assert words <= RESOURCES.keys()


def test_the_runbook_looks_for_lines_that_are_logged() -> None:
    sources = "".join(path.read_text() for folder in ("layers", "functions") for path in (ROOT / folder).rglob("*.py"))
    sought = set(re.findall(r"message = '([^']+)'", RUNBOOK))
    assert sought
    for message in sought:
        assert f'"{message}"' in sources, message


def test_the_runbook_says_of_each_queue_who_works_on_it_and_where_it_fails_into() -> None:
    rows = re.findall(r"^\| (?:`(\w+)`|–) \| (?:`(\w+)`|[^|]+) \| `(\w+)` \|", RUNBOOK, re.MULTILINE)
    worked_on = {queue: (function, fails_into) for queue, function, fails_into in rows if queue}
    queues = resources("AWS::SQS::Queue")
    assert worked_on == {
        queue: (name, queues[queue]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0])
        for name in functions()
        for queue in mapped(name)
        if queue in queues
    }


def test_a_restore_stops_whatever_works_on_customers_in_the_background() -> None:
    (stopped,) = re.findall(r"WORKERS=\(([\w\s]+)\)", RUNBOOK)
    works = {
        name
        for name in functions()
        if mapped(name) and any(target.split("/")[0] == "CustomersTable" for _, target in rights(name))
    }
    assert sorted(stopped.split()) == sorted(
        "".join(word.capitalize() for word in name.split("_")) + "Function" for name in works
    )


def test_a_restore_gives_the_api_back_what_the_stack_allows() -> None:
    (setting,) = resources("AWS::Serverless::Api")["Api"]["MethodSettings"]
    rate, burst = setting["ThrottlingRateLimit"]["Ref"], setting["ThrottlingBurstLimit"]["Ref"]
    refused = RUNBOOK.index("throttle '*/*' 0 0")
    again = RUNBOOK.index(f'''throttle '*/*' "$(parameter {rate})" "$(parameter {burst})"''')
    assert refused < again
    (let_in,) = re.findall(r"throttle '(~1[^']+)' \d+ \d+", RUNBOOK)
    path, method = let_in.rsplit("/", 1)
    assert (method, path.replace("~1", "/")) in {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for event in functions()["erase_customer"]["Events"].values()
    }
    assert f'{{"op":"remove","path":"/{let_in}"}}' in RUNBOOK[again:]


def test_a_restored_tables_stream_is_followed_again_by_all_who_did() -> None:
    (again,) = re.findall(r"for function in ([\w ]+); do\n\s+old=", RUNBOOK)
    follow = [
        name
        for name, properties in resources("AWS::Serverless::Function").items()
        if any(event["Type"] == "DynamoDB" for event in properties.get("Events", {}).values())
    ]
    assert sorted(again.split()) == sorted(follow)
