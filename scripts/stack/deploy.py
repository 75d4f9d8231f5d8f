"""The template built and deployed to an engine, and what the engine leaves undone set right."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stack import aws
from stack.bootstrap import one_at_a_time
from stack.console import Problem, step
from stack.places import LOCAL, ROOT, SAMCONFIG, layer_platform, layer_python, local_stack, tool_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BUILD = LOCAL / "build"
INPUTS = ("template.yaml", "samconfig.toml", "uv.lock", "functions", "layers")
DEAD_ENDS = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")


def deploy(endpoint: str, folder: Path, log: Path) -> dict[str, str]:
    """Build what changed, deploy it to the engine unless it is there already, and answer the stack's outputs."""
    record = folder / "deployed.json"
    digest = inputs_digest(ROOT)
    deployed = json.loads(record.read_text()) if record.exists() else {}
    if deployed.get("inputs") != digest:
        BUILD.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(BUILD / "lock"):
            template = build(digest, log)
            with step("deploying to the local engine"):
                put(endpoint, template, log)
        enable_expiry(endpoint)
        deployed = {"inputs": digest, "outputs": outputs(endpoint)}
        record.write_text(json.dumps(deployed))
    return dict(deployed["outputs"])


def build(digest: str, log: Path) -> Path:
    """The built template: functions and layer for this machine and the engine's Python; not built again unchanged."""
    folder = BUILD / f"{layer_python()}-{layer_platform()}"
    built = folder / "artifacts" / "template.yaml"
    stamp = folder / "inputs"
    if not (built.exists() and stamp.exists() and stamp.read_text() == digest):
        places = ("--build-dir", str(built.parent), "--cache-dir", str(folder / "cache"))
        with step("building the functions and the layer"):
            stamp.unlink(missing_ok=True)
            sam("build", *places, log=log, LAYER_PYTHON=layer_python(), LAYER_PLATFORM=layer_platform())
        stamp.write_text(digest)
    return built


def put(endpoint: str, template: Path, log: Path) -> None:
    """Deploy the built template; a failure becomes a Problem with the reasons CloudFormation gave."""
    delete_dead_end(endpoint)
    parameters = ("Environment=local", f"LocalEndpoint={endpoint}")
    options = ("--template-file", str(template), "--parameter-overrides", *parameters)
    try:
        sam("deploy", *options, log=log, **aws.environment(endpoint))
    except Problem as problem:
        reasons = list(failure_reasons(endpoint))
        if not reasons:
            raise
        raise Problem("\n".join(["the deployment failed:", *reasons]), problem.advice) from None


def sam(command: str, *options: str, log: Path, **environment: str) -> None:
    """Run one command of the SAM CLI, its output added to the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = ["sam", command, "--config-file", str(SAMCONFIG), "--config-env", "local", *options]
    tools = tool_environment(**environment)
    program = str(ROOT / ".tools" / "bin" / "sam")
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(words)}\n".encode())
        output.flush()
        done = subprocess.run([program, *words[1:]], cwd=ROOT, env=tools, stdout=output, stderr=output, check=False)
    if done.returncode != 0:
        raise Problem("\n".join([f"`sam {command}` failed:", *last_words(log)]), f"The whole output: {log}")


def last_words(log: Path) -> list[str]:
    """The last lines of a log that say something; the CLI's progress bars do not."""
    lines = (line.strip() for line in log.read_text(errors="replace").splitlines())
    return [line for line in lines if line and not line.startswith(("Uploading to", "===", "---"))][-5:]


def failure_reasons(endpoint: str) -> Iterator[str]:
    """Which resources failed and why, the first failure first; empty if there is no stack to ask."""
    name, _ = local_stack()
    try:
        events = aws.client("cloudformation", endpoint).describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return
    for event in sorted(events, key=lambda event: event["Timestamp"]):
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and reason:
            yield f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"


def delete_dead_end(endpoint: str) -> None:
    """Delete a stack whose first deployment failed: it can be neither updated nor created."""
    name, _ = local_stack()
    cloudformation = aws.client("cloudformation", endpoint)
    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return
    if stack["StackStatus"] in DEAD_ENDS:
        cloudformation.delete_stack(StackName=name)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def outputs(endpoint: str) -> dict[str, str]:
    """What the deployed stack put out, by name."""
    name, _ = local_stack()
    stack = aws.client("cloudformation", endpoint).describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def enable_expiry(endpoint: str) -> None:
    """Turn on the tables' time to live as the template declares it: the engine ignores it there, AWS does not."""
    name, _ = local_stack()
    cloudformation = aws.client("cloudformation", endpoint)
    template = cloudformation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    table_names = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
    }
    dynamodb = aws.client("dynamodb", endpoint)
    for logical_id, declared in declared_expiry(template["Resources"]):
        table = {"TableName": table_names[logical_id]}
        current = dynamodb.describe_time_to_live(**table)["TimeToLiveDescription"]
        if current["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
            dynamodb.update_time_to_live(**table, TimeToLiveSpecification=declared)


def declared_expiry(resources: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The logical id and the specification of every table that declares a time to live."""
    for logical_id, resource in resources.items():
        declared = resource.get("Properties", {}).get("TimeToLiveSpecification", {})
        if resource["Type"] == "AWS::DynamoDB::Table" and declared.get("Enabled"):
            yield logical_id, {"AttributeName": declared["AttributeName"], "Enabled": True}


def inputs_digest(root: Path) -> str:
    """A fingerprint of everything a deployment is made from, and of what it is made for."""
    fingerprint = hashlib.sha256(f"{layer_python()} {layer_platform()}".encode())
    for path in input_files(root):
        fingerprint.update(f"\0{path.relative_to(root)}\0".encode())
        fingerprint.update(path.read_bytes())
    return fingerprint.hexdigest()


def input_files(root: Path) -> Iterable[Path]:
    """The files a deployment is made from, in a fixed order; what Python or an editor leaves beside them is not one."""
    for name in INPUTS:
        for path in sorted((root / name).rglob("*")) if (root / name).is_dir() else [root / name]:
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                yield path
