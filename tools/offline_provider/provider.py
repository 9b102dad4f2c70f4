"""What Terraform asks of a provider, a method for each request of the plugin protocol."""

import json
from typing import Any

import grpc

from tools.offline_provider import data_sources, plan, schema
from tools.offline_provider.connection import Connection, RefusedError, check_endpoints, configure
from tools.offline_provider.protocol import tfplugin6_pb2 as pb
from tools.offline_provider.resources import handler
from tools.offline_provider.resources.base import ignore_not_found
from tools.offline_provider.schema import Block
from tools.offline_provider.values import Value, decode, encode


class Provider:
    """Serves every connection of every Terraform run; each carries one provider configuration.

    Methods have the protocol's names in snake case. An error that one raises becomes a diagnostic
    of its response (`server.py`).
    """

    def __init__(self, endpoint: str | None, credentials: dict[str, str] | None) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._connections: dict[str, Connection] = {}

    def _connection(self, context: grpc.ServicerContext) -> Connection:
        try:
            return self._connections[context.peer()]
        except KeyError:
            raise RefusedError("The provider was called before it was configured") from None

    # Schema and validation

    def get_metadata(self, _request: pb.GetMetadata.Request, _context: Any) -> pb.GetMetadata.Response:
        """The names of all types."""
        return pb.GetMetadata.Response(
            resources=[pb.GetMetadata.ResourceMetadata(type_name=name) for name in schema.load().resources],
            data_sources=[pb.GetMetadata.DataSourceMetadata(type_name=name) for name in schema.load().data],
        )

    def get_provider_schema(
        self, _request: pb.GetProviderSchema.Request, _context: Any
    ) -> pb.GetProviderSchema.Response:
        """The schemas of all types and of the provider block."""
        schemas = schema.load()
        return pb.GetProviderSchema.Response(
            provider=schema.to_message(schemas.provider),
            provider_meta=schema.to_message(Block({"user_agent": schema.Attribute("o", ["list", "string"])})),
            resource_schemas={name: schema.to_message(block) for name, block in schemas.resources.items()},
            data_source_schemas={name: schema.to_message(block) for name, block in schemas.data.items()},
            # ask once a run: it takes Terraform a quarter of a second each time
            server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
        )

    def validate_provider_config(
        self, request: pb.ValidateProviderConfig.Request, _context: Any
    ) -> pb.ValidateProviderConfig.Response:
        """Refuse a provider block with an endpoint that is not on this machine."""
        check_endpoints(decode(request.config.msgpack) or {})
        return pb.ValidateProviderConfig.Response()

    def validate_resource_config(
        self, _request: pb.ValidateResourceConfig.Request, _context: Any
    ) -> pb.ValidateResourceConfig.Response:
        """Accept every resource block that fits the schema."""
        return pb.ValidateResourceConfig.Response()

    def validate_data_resource_config(
        self, _request: pb.ValidateDataResourceConfig.Request, _context: Any
    ) -> pb.ValidateDataResourceConfig.Response:
        """Accept every data block that fits the schema."""
        return pb.ValidateDataResourceConfig.Response()

    def configure_provider(
        self, request: pb.ConfigureProvider.Request, context: grpc.ServicerContext
    ) -> pb.ConfigureProvider.Response:
        """Remember a provider block for the connection that sent it."""
        config = decode(request.config.msgpack) or {}
        self._connections[context.peer()] = configure(config, self._endpoint, self._credentials)
        return pb.ConfigureProvider.Response()

    # Resources

    def upgrade_resource_state(
        self, request: pb.UpgradeResourceState.Request, _context: Any
    ) -> pb.UpgradeResourceState.Response:
        """A state as the schema of today has it: what is new is absent, what is gone is dropped."""
        block = schema.load().resources[request.type_name]
        state = json.loads(request.raw_state.json)
        attributes = {name: state.get(name) for name in block.attributes}
        blocks = {name: state.get(name, nested.empty) for name, nested in block.blocks.items()}
        return pb.UpgradeResourceState.Response(upgraded_state=_dynamic(attributes | blocks))

    def read_resource(
        self, request: pb.ReadResource.Request, context: grpc.ServicerContext
    ) -> pb.ReadResource.Response:
        """The state with what the emulator says now, or null when the resource is gone."""
        state, learned = decode(request.current_state.msgpack), None
        with ignore_not_found():
            learned = handler(request.type_name).read(self._connection(context), state)
        new = None if learned is None else plan.refresh(schema.load().resources[request.type_name], state, learned)
        return pb.ReadResource.Response(new_state=_dynamic(new), private=request.private)

    def plan_resource_change(
        self, request: pb.PlanResourceChange.Request, context: grpc.ServicerContext
    ) -> pb.PlanResourceChange.Response:
        """The planned state of a configuration, and which attributes force a new resource."""
        if decode(request.proposed_new_state.msgpack) is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state, legacy_type_system=True)
        connection = self._connection(context)
        planned = plan.plan(
            schema.load().resources[request.type_name],
            decode(request.config.msgpack),
            decode(request.prior_state.msgpack),
            region=connection.region,
            default_tags=connection.default_tags,
            affected_by=handler(request.type_name).affected_by,
        )
        return pb.PlanResourceChange.Response(
            planned_state=_dynamic(planned.value),
            requires_replace=[_path(name) for name in planned.replaces],
            legacy_type_system=True,
        )

    def apply_resource_change(
        self, request: pb.ApplyResourceChange.Request, context: grpc.ServicerContext
    ) -> pb.ApplyResourceChange.Response:
        """Create, update or delete a resource as it was planned."""
        connection, resource = self._connection(context), handler(request.type_name)
        prior, planned = decode(request.prior_state.msgpack), decode(request.planned_state.msgpack)
        if planned is None:
            with ignore_not_found():
                resource.delete(connection, prior)
            return pb.ApplyResourceChange.Response(new_state=request.planned_state, legacy_type_system=True)
        learned = resource.create(connection, planned) if prior is None else resource.update(connection, planned, prior)
        state = plan.resolve_unknown(schema.load().resources[request.type_name], planned, learned)
        return pb.ApplyResourceChange.Response(new_state=_dynamic(state), legacy_type_system=True)

    def import_resource_state(
        self, request: pb.ImportResourceState.Request, _context: Any
    ) -> pb.ImportResourceState.Response:
        """Refuse: nothing can be imported."""
        raise RefusedError(f"The offline provider imports nothing (asked for {request.type_name} {request.id})")

    # Data sources and the rest

    def read_data_source(
        self, request: pb.ReadDataSource.Request, context: grpc.ServicerContext
    ) -> pb.ReadDataSource.Response:
        """The value of a data block."""
        block, config = schema.load().data[request.type_name], decode(request.config.msgpack)
        state = data_sources.read(request.type_name, block, config, self._connection(context))
        return pb.ReadDataSource.Response(state=_dynamic(state))

    def get_functions(self, _request: pb.GetFunctions.Request, _context: Any) -> pb.GetFunctions.Response:
        """No function."""
        return pb.GetFunctions.Response()

    def stop_provider(self, _request: pb.StopProvider.Request, _context: Any) -> pb.StopProvider.Response:
        """Interrupt nothing: a call that runs is finished."""
        return pb.StopProvider.Response()


def _dynamic(value: Value | None) -> pb.DynamicValue:
    return pb.DynamicValue(msgpack=encode(value))


def _path(attribute: str) -> pb.AttributePath:
    return pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=attribute)])
