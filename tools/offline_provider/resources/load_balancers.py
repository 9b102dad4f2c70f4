"""Application Load Balancers and their parts, which the emulator serves under one address.

Recorded only: subnets, security groups, certificates, mutual TLS, logs, what else is an attribute.
"""

from __future__ import annotations

import uuid
from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import Handler, first_block, parameter_names, to_parameters
from tools.offline_provider.resources.record import invent, resource_name
from tools.offline_provider.values import Value

_ZONE = "Z35SXDOTRQ7X7K"  # the zone of us-east-1's load balancers, which an alias record names
_HEADERS = "routing_http_response_"


class _Balancer(Handler):
    """aws_lb: its `dns_name` is the address under which the emulator serves it."""

    def create(self, connection: Connection, value: Value) -> Value:
        name = resource_name(value, "name")
        scheme = "internal" if value.get("internal") is True else "internet-facing"
        given = {"Name": name, "Scheme": scheme, "Type": "application", "Subnets": sorted(value["subnets"])}
        (made,) = _client(connection).create_load_balancer(**given)["LoadBalancers"]
        return self._learned(connection, value, name, made["LoadBalancerArn"])

    def read(self, connection: Connection, state: Value) -> Value:
        _client(connection).describe_load_balancers(LoadBalancerArns=[state["arn"]])
        return self._learned(connection, state, state["name"], state["arn"])

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        return self._learned(connection, value, prior["name"], prior["arn"])

    def delete(self, connection: Connection, state: Value) -> None:
        _client(connection).delete_load_balancer(LoadBalancerArn=state["arn"])

    def _learned(self, connection: Connection, value: Value, name: str, arn: str) -> Value:
        endpoint = connection.endpoints.get("elbv2") or connection.endpoint
        known = {
            "id": arn,
            "arn": arn,
            "arn_suffix": arn.partition(":loadbalancer/")[2],
            "dns_name": f"{str(endpoint).partition('//')[2]}/_alb/{name}",
            "zone_id": _ZONE,
        }
        return {**invent("aws_lb", connection, value), **known}


class _TargetGroup(Handler):
    """aws_lb_target_group of functions."""

    def create(self, connection: Connection, value: Value) -> Value:
        client, name = _client(connection), resource_name(value, "name")
        (made,) = client.create_target_group(Name=name, TargetType=value["target_type"])["TargetGroups"]
        arn = made["TargetGroupArn"]
        self._set(connection, value, arn)
        return {**invent("aws_lb_target_group", connection, value), **_of_group(arn)}

    def read(self, connection: Connection, state: Value) -> Value:
        _client(connection).describe_target_groups(TargetGroupArns=[state["arn"]])
        return state

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        self._set(connection, value, prior["arn"])
        return {**value, **_of_group(prior["arn"])}

    def delete(self, connection: Connection, state: Value) -> None:
        _client(connection).delete_target_group(TargetGroupArn=state["arn"])

    @staticmethod
    def _set(connection: Connection, value: Value, arn: str) -> None:
        many = "true" if value.get("lambda_multi_value_headers_enabled") is True else "false"
        attributes = [{"Key": "lambda.multi_value_headers.enabled", "Value": many}]
        _client(connection).modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)


class _Attachment(Handler):
    """aws_lb_target_group_attachment: a function in its target group."""

    def create(self, connection: Connection, value: Value) -> Value:
        _client(connection).register_targets(**self._target(value))
        return {"id": f"{value['target_group_arn']}-{uuid.uuid4().hex[:12]}"}

    def delete(self, connection: Connection, state: Value) -> None:
        _client(connection).deregister_targets(**self._target(state))

    @staticmethod
    def _target(value: Value) -> dict[str, Any]:
        return {"TargetGroupArn": value["target_group_arn"], "Targets": [{"Id": value["target_id"]}]}


class _Listener(Handler):
    """aws_lb_listener: its default action, and the headers that it adds to answers."""

    def create(self, connection: Connection, value: Value) -> Value:
        given = to_parameters(value, parameter_names("load_balancer_arn port"))
        actions = _actions(value["default_action"])
        # the emulator has no certificates: who asks by its address speaks plain HTTP
        (made,) = _client(connection).create_listener(Protocol="HTTP", DefaultActions=actions, **given)["Listeners"]
        self._set(connection, value, made["ListenerArn"])
        return {**invent("aws_lb_listener", connection, value), **_same(made["ListenerArn"])}

    def read(self, connection: Connection, state: Value) -> Value:
        _client(connection).describe_listeners(ListenerArns=[state["arn"]])
        return state

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        actions = _actions(value["default_action"])
        _client(connection).modify_listener(ListenerArn=prior["arn"], DefaultActions=actions)
        self._set(connection, value, prior["arn"])
        return {**value, **_same(prior["arn"])}

    def delete(self, connection: Connection, state: Value) -> None:
        _client(connection).delete_listener(ListenerArn=state["arn"])

    @staticmethod
    def _set(connection: Connection, value: Value, arn: str) -> None:
        named = {name.removeprefix(_HEADERS): said for name, said in value.items() if name.startswith(_HEADERS)}
        attributes = [
            {"Key": f"routing.http.response.{name.removesuffix('_header_value')}.header_value", "Value": said}
            for name, said in named.items()
            if isinstance(said, str)
        ]
        if attributes:
            _client(connection).modify_listener_attributes(ListenerArn=arn, Attributes=attributes)


class _Rule(Handler):
    """aws_lb_listener_rule."""

    def create(self, connection: Connection, value: Value) -> Value:
        (made,) = _client(connection).create_rule(
            ListenerArn=value["listener_arn"],
            Priority=int(value["priority"]),
            Conditions=_conditions(value["condition"]),
            Actions=_actions(value["action"]),
        )["Rules"]
        return {**invent("aws_lb_listener_rule", connection, value), **_same(made["RuleArn"])}

    def read(self, connection: Connection, state: Value) -> Value | None:
        rules = _client(connection).describe_rules(RuleArns=[state["arn"]])["Rules"]
        return state if rules else None

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        self.delete(connection, prior)  # the emulator knows no other priority for a rule that is there
        return self.create(connection, value)

    def affected_by(self, changed: set[str], _value: Value) -> set[str]:
        return {"id", "arn"} if changed - {"tags", "tags_all"} else set()

    def delete(self, connection: Connection, state: Value) -> None:
        _client(connection).delete_rule(RuleArn=state["arn"])


def _client(connection: Connection) -> Any:
    return connection.client("elbv2")


def _same(arn: str) -> Value:
    return {"id": arn, "arn": arn}


def _of_group(arn: str) -> Value:
    return {**_same(arn), "arn_suffix": f"targetgroup/{arn.partition(':targetgroup/')[2]}", "load_balancer_arns": []}


def _actions(blocks: list[Value]) -> list[dict[str, Any]]:
    return [_action(block, place) for place, block in enumerate(blocks, 1)]


def _action(block: Value, place: int) -> dict[str, Any]:
    made = {"Type": block["type"], "Order": int(block.get("order") or place)}
    fixed, jwt = first_block(block, "fixed_response"), first_block(block, "jwt_validation")
    if fixed:
        made["FixedResponseConfig"] = to_parameters(fixed, parameter_names("content_type message_body status_code"))
    if jwt:
        made["JwtValidationConfig"] = to_parameters(jwt, parameter_names("issuer jwks_endpoint"))
    return made | to_parameters(block, parameter_names("target_group_arn"))


def _conditions(blocks: list[Value]) -> list[dict[str, Any]]:
    found = []
    for block in blocks:
        for name, field in (("path_pattern", "path-pattern"), ("http_request_method", "http-request-method")):
            if inner := first_block(block, name):
                config = "PathPatternConfig" if name == "path_pattern" else "HttpRequestMethodConfig"
                found.append({"Field": field, config: {"Values": sorted(inner["values"])}})
    return found


HANDLERS: dict[str, Handler] = {
    "aws_lb": _Balancer(),
    "aws_lb_target_group": _TargetGroup(),
    "aws_lb_target_group_attachment": _Attachment(),
    "aws_lb_listener": _Listener(),
    "aws_lb_listener_rule": _Rule(),
}
