"""The committed stubs are what the committed `.proto` gives, and the requirements allow them."""

import re
from pathlib import Path

import grpc
import pytest

from tools.common.paths import ROOT
from tools.offline_provider import generate_stubs, serve
from tools.offline_provider.protocol import tfplugin6_pb2 as pb


def test_the_stubs_are_generated_of_the_protocol(tmp_path: Path) -> None:
    for generated in generate_stubs.generate(tmp_path):
        committed = ROOT / generated.relative_to(tmp_path)
        assert committed.read_text() == generated.read_text(), "run python -m tools.offline_provider.generate_stubs"


def test_the_requirements_ask_for_the_least_protobuf_that_the_stubs_run_with() -> None:
    stub = generate_stubs.PROTOCOL.with_name("tfplugin6_pb2.py").read_text()
    least = re.search(r"^# Protobuf Python Version: ([\d.]+)$", stub, re.MULTILINE)
    assert least
    assert f"\nprotobuf>={least[1]}\n" in (ROOT / "requirements" / "tools.in").read_text()


def test_the_protocol_is_hashicorps_with_its_licence() -> None:
    header = generate_stubs.PROTOCOL.read_text().splitlines()[:2]
    assert header == ["// Copyright IBM Corp. 2020, 2026", "// SPDX-License-Identifier: MPL-2.0"]
    assert "offline_provider/protocol/" in (ROOT / "NOTICE").read_text()


def test_what_every_plugin_answers_and_what_this_one_does_not() -> None:
    with serve(None) as reattach:
        address = reattach["hashicorp/aws"]["Addr"]["String"]
        with grpc.insecure_channel(address) as channel:
            assert channel.unary_unary("/plugin.GRPCController/Shutdown")(b"", timeout=10) == b""
            assert list(channel.unary_stream("/plugin.GRPCStdio/StreamStdio")(b"", timeout=10)) == []
            metadata = channel.unary_unary(
                "/tfplugin6.Provider/GetMetadata", response_deserializer=pb.GetMetadata.Response.FromString
            )(b"", timeout=10)
            assert "aws_sqs_queue" in {resource.type_name for resource in metadata.resources}
            with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
                channel.unary_unary("/tfplugin6.Provider/MoveResourceState")(b"", timeout=10)
