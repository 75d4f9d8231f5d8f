"""`template.yaml` as data: short intrinsic functions become their long form."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    pass


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), _Loader)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of one type, by logical id."""
    return {
        name: resource["Properties"] for name, resource in template()["Resources"].items() if resource["Type"] == kind
    }


def functions() -> dict[str, dict[str, Any]]:
    """The properties of every function by the name of its folder; a route of the WebSocket API is among its events."""
    return {
        properties["CodeUri"].removeprefix("functions/").rstrip("/"): {"Events": _websocket_routes(name), **properties}
        for name, properties in resources("AWS::Serverless::Function").items()
    }


def _websocket_routes(function: str) -> dict[str, Any]:
    return {
        route: {"Type": "WebSocket", "Properties": {"Route": route}}
        for api in resources("AWS::Serverless::WebSocketApi").values()
        for route, target in api["Routes"].items()
        if target["FunctionArn"]["Fn::GetAtt"][0] == function
    }


def function_environment() -> dict[str, str]:
    """The variables every function gets, with each table named after its logical id and parameters at their default."""
    parameters = {name: str(parameter.get("Default", "")) for name, parameter in template()["Parameters"].items()}
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    return {name: _value(value, parameters) for name, value in variables.items()}


def _value(value: Any, parameters: dict[str, str]) -> str:
    if isinstance(value, dict):
        return parameters.get(value["Ref"]) or value["Ref"]
    return str(value)
