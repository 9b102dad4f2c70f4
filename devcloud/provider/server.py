"""The gRPC server: Terraform's plugin protocol, version 6, on a loopback port."""

import json
import os
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from tf.gen import grpc_controller_pb2, grpc_controller_pb2_grpc, grpc_stdio_pb2_grpc, tfplugin_pb2_grpc
from tf.gen import tfplugin_pb2 as pb

from devcloud.provider import data_sources, plan, schema
from devcloud.provider.connection import Connection, RefusedError, check_endpoints, configure, require_loopback
from devcloud.provider.resources import handler
from devcloud.provider.resources.base import gone_is_fine
from devcloud.provider.values import decode, encode

PROVIDER = "hashicorp/aws"


def _diagnostic(error: Exception, where: str) -> pb.Diagnostic:
    if isinstance(error, RefusedError):
        path = pb.AttributePath(steps=[_step(step) for step in error.path]) if error.path else None
        return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=error.summary, detail=error.detail, attribute=path)
    detail = str(error)
    if not type(error).__module__.startswith("botocore"):
        trace = "".join(traceback.format_exception(error)[-4:])
        detail += f"\n\nThis is a fault of the offline provider:\n{trace}"
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=f"{where}: {type(error).__name__}", detail=detail)


def _step(step: str | int) -> pb.AttributePath.Step:
    return pb.AttributePath.Step(attribute_name=step) if isinstance(step, str) else pb.AttributePath.Step(element_key_int=step)


def _told(method: Callable[..., Any]) -> Callable[..., Any]:
    """An error becomes a diagnostic of the response, not a broken connection."""

    def call(self: "Provider", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except Exception as error:
            response = getattr(pb, method.__name__).Response()
            response.diagnostics.append(_diagnostic(error, getattr(request, "type_name", "") or "provider"))
            return response

    return call


class Provider(tfplugin_pb2_grpc.ProviderServicer):  # type: ignore[misc]
    """Serves every connection of every Terraform run; each connection carries one provider configuration."""

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

    def GetMetadata(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.GetMetadata.Response(
            resources=[pb.GetMetadata.ResourceMetadata(type_name=name) for name in schema.load().resources],
            data_sources=[pb.GetMetadata.DataSourceMetadata(type_name=name) for name in schema.load().data],
        )

    def GetProviderSchema(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        schemas = schema.load()
        return pb.GetProviderSchema.Response(
            provider=schema.message(schemas.provider),
            provider_meta=schema.message(schema.Block({"user_agent": schema.Attribute("o", ["list", "string"])})),
            resource_schemas={name: schema.message(block) for name, block in schemas.resources.items()},
            data_source_schemas={name: schema.message(block) for name, block in schemas.data.items()},
        )

    @_told
    def ValidateProviderConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        check_endpoints(decode(request.config.msgpack) or {})
        return pb.ValidateProviderConfig.Response()

    @_told
    def ValidateResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.ValidateResourceConfig.Response()

    @_told
    def ValidateDataResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.ValidateDataResourceConfig.Response()

    @_told
    def ConfigureProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._connections[context.peer()] = configure(decode(request.config.msgpack) or {}, self._endpoint, self._credentials)
        return pb.ConfigureProvider.Response()

    # Resources

    @_told
    def UpgradeResourceState(self, request: Any, _context: Any) -> Any:  # noqa: N802
        block = schema.load().resources[request.type_name]
        state = json.loads(request.raw_state.json)
        known = {name: state.get(name) for name in block.attributes}
        known |= {name: state.get(name, None if nested.nesting == "single" else []) for name, nested in block.blocks.items()}
        return pb.UpgradeResourceState.Response(upgraded_state=pb.DynamicValue(msgpack=encode(known)))

    @_told
    def ReadResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        state, learned = decode(request.current_state.msgpack), None
        with gone_is_fine():
            learned = handler(request.type_name).read(self._connection(context), state)
        new = None if learned is None else plan.refresh(schema.load().resources[request.type_name], state, learned)
        return pb.ReadResource.Response(new_state=pb.DynamicValue(msgpack=encode(new)), private=request.private)

    @_told
    def PlanResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        config, prior = decode(request.config.msgpack), decode(request.prior_state.msgpack)
        if decode(request.proposed_new_state.msgpack) is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state, legacy_type_system=True)
        connection = self._connection(context)
        block = schema.load().resources[request.type_name]
        moves = handler(request.type_name).moved
        made = plan.plan(block, config, prior, region=connection.region, default_tags=connection.default_tags, moves=moves)
        paths = [pb.AttributePath(steps=[_step(name)]) for name in made.replaces]
        state = pb.DynamicValue(msgpack=encode(made.value))
        return pb.PlanResourceChange.Response(planned_state=state, requires_replace=paths, legacy_type_system=True)

    @_told
    def ApplyResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        connection, resource = self._connection(context), handler(request.type_name)
        prior, planned = decode(request.prior_state.msgpack), decode(request.planned_state.msgpack)
        if planned is None:
            with gone_is_fine():
                resource.delete(connection, prior)
            return pb.ApplyResourceChange.Response(new_state=request.planned_state, legacy_type_system=True)
        learned = resource.create(connection, planned) if prior is None else resource.update(connection, planned, prior)
        state = plan.settle(schema.load().resources[request.type_name], planned, learned)
        return pb.ApplyResourceChange.Response(new_state=pb.DynamicValue(msgpack=encode(state)), legacy_type_system=True)

    @_told
    def ImportResourceState(self, request: Any, _context: Any) -> Any:  # noqa: N802
        raise RefusedError(f"The offline provider imports nothing (asked for {request.type_name} {request.id})")

    # Data sources and the rest

    @_told
    def ReadDataSource(self, request: Any, context: Any) -> Any:  # noqa: N802
        block, config = schema.load().data[request.type_name], decode(request.config.msgpack)
        state = data_sources.read(request.type_name, block, config, self._connection(context))
        return pb.ReadDataSource.Response(state=pb.DynamicValue(msgpack=encode(state)))

    def GetFunctions(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.GetFunctions.Response()

    def StopProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.StopProvider.Response()


class _Controller(grpc_controller_pb2_grpc.GRPCControllerServicer):  # type: ignore[misc]
    def Shutdown(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Terraform asks at the end of each run; who started the server stops it."""
        return grpc_controller_pb2.Empty()


class _Stdio(grpc_stdio_pb2_grpc.GRPCStdioServicer):  # type: ignore[misc]
    def StreamStdio(self, _request: Any, _context: Any) -> Iterator[Any]:  # noqa: N802
        return iter(())


@contextmanager
def serve(endpoint: str | None, credentials: dict[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """Serve the provider while the context lasts; gives the content of TF_REATTACH_PROVIDERS.

    `endpoint` is the emulator's URL; with None it validates and plans, and any call fails clearly. `credentials`: boto3's arguments for
    provider blocks without keys, instead of this process's environment variables. Raises RefusedError for a URL that is not on this
    machine.
    """
    if endpoint is not None:
        require_loopback(endpoint, "The emulator's address (--emulator or AWS_ENDPOINT_URL)")
    largest = 256 * 1024 * 1024
    server = grpc.server(
        ThreadPoolExecutor(max_workers=16),
        options=[("grpc.max_send_message_length", largest), ("grpc.max_receive_message_length", largest), ("grpc.so_reuseport", 0)],
    )
    tfplugin_pb2_grpc.add_ProviderServicer_to_server(Provider(endpoint, credentials), server)
    grpc_controller_pb2_grpc.add_GRPCControllerServicer_to_server(_Controller(), server)
    grpc_stdio_pb2_grpc.add_GRPCStdioServicer_to_server(_Stdio(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
        yield {PROVIDER: {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}}
    finally:
        server.stop(grace=1).wait(timeout=5)
