"""Who may do what: roles, their policies and boundaries, and GitHub's tokens."""

import json
from typing import Any

from tools.offline_provider.connection import Connection, RefusedError
from tools.offline_provider.resources.base import Handler, changes, from_answer, parameter_names, to_parameters
from tools.offline_provider.resources.record import resource_name
from tools.offline_provider.values import Value

_ROLE = parameter_names("description max_session_duration")


class _Role(Handler):
    """aws_iam_role, with its boundary.

    Recorded only: managed policies and inline policies written inside it.
    """

    def create(self, connection: Connection, value: Value) -> Value:
        more = to_parameters(value, _ROLE | parameter_names("path permissions_boundary"))
        request = {"RoleName": resource_name(value), "AssumeRolePolicyDocument": value["assume_role_policy"], **more}
        return self._learn(connection.client("iam").create_role(**request)["Role"])

    def read(self, connection: Connection, state: Value) -> Value:
        return self._learn(connection.client("iam").get_role(RoleName=state["name"])["Role"])

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        client, name = connection.client("iam"), prior["name"]
        if changes(value, prior, ["assume_role_policy"]):
            client.update_assume_role_policy(RoleName=name, PolicyDocument=value["assume_role_policy"])
        if changes(value, prior, _ROLE):
            client.update_role(RoleName=name, **to_parameters(value, _ROLE, prior))
        if changes(value, prior, ["permissions_boundary"]):
            if value["permissions_boundary"]:
                client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=value["permissions_boundary"])
            else:
                client.delete_role_permissions_boundary(RoleName=name)
        return self.read(connection, prior)

    def delete(self, connection: Connection, state: Value) -> None:
        client = connection.client("iam")
        if state.get("force_detach_policies"):
            for name in client.list_role_policies(RoleName=state["name"])["PolicyNames"]:
                client.delete_role_policy(RoleName=state["name"], PolicyName=name)
        client.delete_role(RoleName=state["name"])

    @staticmethod
    def _learn(role: dict[str, Any]) -> Value:
        return {
            **from_answer(role, _ROLE | parameter_names("path arn unique_id=RoleId id=RoleName name=RoleName")),
            "assume_role_policy": _text(role["AssumeRolePolicyDocument"]),
            "create_date": role["CreateDate"].isoformat(),
            "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "managed_policy_arns": [],
        }


class _RolePolicy(Handler):
    """aws_iam_role_policy: the emulator holds functions to it."""

    def create(self, connection: Connection, value: Value) -> Value:
        name = resource_name(value)
        connection.client("iam").put_role_policy(
            RoleName=value["role"], PolicyName=name, PolicyDocument=value["policy"]
        )
        return {"id": f"{value['role']}:{name}", "name": name}

    def read(self, connection: Connection, state: Value) -> Value:
        answer = connection.client("iam").get_role_policy(RoleName=state["role"], PolicyName=state["name"])
        return {"policy": _text(answer["PolicyDocument"])}

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("iam").delete_role_policy(RoleName=state["role"], PolicyName=state["name"])


class _Policy(Handler):
    """aws_iam_policy: attached to a role, or its boundary.

    A changed document becomes the default version, and the one before it goes.
    """

    def create(self, connection: Connection, value: Value) -> Value:
        request = {
            "PolicyName": resource_name(value),
            "PolicyDocument": value["policy"],
            **to_parameters(value, parameter_names("path description")),
        }
        return self._learn(connection.client("iam").create_policy(**request)["Policy"])

    def read(self, connection: Connection, state: Value) -> Value:
        client = connection.client("iam")
        policy = client.get_policy(PolicyArn=state["arn"])["Policy"]
        version = client.get_policy_version(PolicyArn=state["arn"], VersionId=policy["DefaultVersionId"])[
            "PolicyVersion"
        ]
        return {**self._learn(policy), "policy": _text(version["Document"])}

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        client, arn = connection.client("iam"), prior["arn"]
        if changes(value, prior, ["policy"]):
            client.create_policy_version(PolicyArn=arn, PolicyDocument=value["policy"], SetAsDefault=True)
            self._delete_old_versions(client, arn)
        return self.read(connection, prior)

    def delete(self, connection: Connection, state: Value) -> None:
        client = connection.client("iam")
        self._delete_old_versions(client, state["arn"])
        client.delete_policy(PolicyArn=state["arn"])

    @staticmethod
    def _delete_old_versions(client: Any, arn: str) -> None:
        for version in client.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])

    @staticmethod
    def _learn(policy: dict[str, Any]) -> Value:
        return from_answer(policy, parameter_names("arn path policy_id attachment_count id=Arn name=PolicyName"))


class _RolePolicyAttachment(Handler):
    """aws_iam_role_policy_attachment."""

    def create(self, connection: Connection, value: Value) -> Value:
        connection.client("iam").attach_role_policy(RoleName=value["role"], PolicyArn=value["policy_arn"])
        return {"id": f"{value['role']}/{value['policy_arn']}"}

    def read(self, connection: Connection, state: Value) -> Value | None:
        attached = connection.client("iam").list_attached_role_policies(RoleName=state["role"])["AttachedPolicies"]
        return state if state["policy_arn"] in [policy["PolicyArn"] for policy in attached] else None

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("iam").detach_role_policy(RoleName=state["role"], PolicyArn=state["policy_arn"])


class _OpenIdProvider(Handler):
    """aws_iam_openid_connect_provider.

    Another audience is refused: the emulator cannot change it in place.
    """

    def create(self, connection: Connection, value: Value) -> Value:
        request = {"Url": value["url"], "ClientIDList": value["client_id_list"]}
        arn = connection.client("iam").create_open_id_connect_provider(**request)["OpenIDConnectProviderArn"]
        return {"id": arn, "arn": arn, "thumbprint_list": []}

    def read(self, connection: Connection, state: Value) -> Value:
        answer = connection.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=state["arn"])
        return {"client_id_list": answer["ClientIDList"]}

    def update(self, _connection: Connection, value: Value, prior: Value) -> Value:
        if changes(value, prior, ["client_id_list"]):
            raise RefusedError(
                "The emulator cannot change a provider's audiences", "Destroy it and make it again.", "client_id_list"
            )
        return prior

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=state["arn"])


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


HANDLERS: dict[str, Handler] = {
    "aws_iam_role": _Role(),
    "aws_iam_role_policy": _RolePolicy(),
    "aws_iam_policy": _Policy(),
    "aws_iam_role_policy_attachment": _RolePolicyAttachment(),
    "aws_iam_openid_connect_provider": _OpenIdProvider(),
}
