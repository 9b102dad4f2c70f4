"""The gRPC server: Terraform's plugin protocol, version 6, on a loopback port."""

import os
import re
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tools.offline_provider.connection import RefusedError, require_loopback
from tools.offline_provider.protocol import tfplugin6_pb2 as pb
from tools.offline_provider.provider import Provider

_Method = Callable[[Any, grpc.ServicerContext], Message]
_SOURCE = "hashicorp/aws"
_LARGEST_MESSAGE = 256 * 1024 * 1024


@contextmanager
def serve(endpoint: str | None, credentials: dict[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """Serve the provider while the context lasts; gives the content of TF_REATTACH_PROVIDERS.

    `endpoint` is the emulator's URL; with None it validates and plans, and any call fails clearly.
    `credentials`: boto3's arguments for provider blocks without keys, instead of this process's
    environment variables. Raises RefusedError for a URL that is not on this machine.
    """
    if endpoint is not None:
        require_loopback(endpoint, "The emulator's address (--emulator or AWS_ENDPOINT_URL)")
    server = grpc.server(
        ThreadPoolExecutor(max_workers=16),
        options=[
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.so_reuseport", 0),
        ],
    )
    server.add_generic_rpc_handlers([_provider_service(Provider(endpoint, credentials)), *_plugin_services()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
        yield {_SOURCE: {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}}
    finally:
        server.stop(grace=1).wait(timeout=5)


def _provider_service(provider: Provider) -> grpc.GenericRpcHandler:
    """The protocol's own service; gRPC answers for what Provider has no method for."""
    service = pb.DESCRIPTOR.services_by_name["Provider"]
    handlers = {}
    for request in service.methods:
        method = getattr(provider, re.sub(r"(?<!^)([A-Z])", r"_\1", request.name).lower(), None)
        if method is not None:
            handlers[request.name] = grpc.unary_unary_rpc_method_handler(
                _reporting_errors(method, request),
                request_deserializer=GetMessageClass(request.input_type).FromString,
                response_serializer=GetMessageClass(request.output_type).SerializeToString,
            )
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _plugin_services() -> list[grpc.GenericRpcHandler]:
    """What Terraform asks of every plugin besides; these messages are empty, so bytes will do."""
    # Terraform asks at the end of each run; who started the server stops it.
    shutdown = grpc.unary_unary_rpc_method_handler(lambda _request, _context: b"")
    stdio = grpc.unary_stream_rpc_method_handler(lambda _request, _context: iter(()))
    return [
        grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": shutdown}),
        grpc.method_handlers_generic_handler("plugin.GRPCStdio", {"StreamStdio": stdio}),
    ]


def _reporting_errors(
    method: Callable[[Any, Any], Message], request: MethodDescriptor
) -> Callable[[Any, Any], Message]:
    """The method with an error as a diagnostic of its response, not as a broken connection."""
    response_class: Any = GetMessageClass(request.output_type)

    def call(message: Any, context: grpc.ServicerContext) -> Message:
        try:
            return method(message, context)
        except Exception as error:
            where = getattr(message, "type_name", "") or "provider"
            response: Message = response_class(diagnostics=[_diagnostic(error, where)])
            return response

    return call


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
    if isinstance(step, str):
        return pb.AttributePath.Step(attribute_name=step)
    return pb.AttributePath.Step(element_key_int=step)
