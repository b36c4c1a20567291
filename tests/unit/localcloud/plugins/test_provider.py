"""The shared base answers the engine, fails in one line and ends with the engine."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from localcloud.plugins.provider import InitFailed, PluginError, Provider, start
from localcloud.plugins.values import from_struct

Stub = provider_pb2_grpc.ResourceProviderStub


class Failing(Provider):
    """Fails every Create in the way its URN names."""

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.urn == "plain":
            raise PluginError("no such thing")
        if request.urn == "init":
            raise InitFailed("id-1", {"a": 1}, ["it never came up"])
        raise KeyError("oops")


@pytest.fixture
def stub() -> Iterator[Stub]:
    server, port = start(Failing("failing", "1.2.3"))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Stub(channel)
    server.stop(None).wait()


def failure(stub: Stub, urn: str) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        stub.Create(provider_pb2.CreateRequest(urn=urn))
    return caught.value


def test_it_says_what_it_is(stub: Stub) -> None:
    assert stub.GetPluginInfo(Empty()).version == "1.2.3"
    assert stub.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
    assert stub.Configure(provider_pb2.ConfigureRequest()).supportsPreview


def test_an_error_is_one_line(stub: Stub) -> None:
    assert failure(stub, "plain").details() == "no such thing"


def test_what_was_made_but_is_not_well_keeps_its_id(stub: Stub) -> None:
    error = failure(stub, "init")
    metadata = {item.key: item.value for item in cast(Any, error.trailing_metadata())}
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert (detail.id, from_struct(detail.properties)) == ("id-1", {"a": 1})
    assert list(detail.reasons) == ["it never came up"]


def test_a_bug_is_named_and_does_not_end_the_plugin(
    stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failure(stub, "bug").details() == "KeyError: 'oops'"
    assert "Traceback" in capsys.readouterr().err


def test_a_call_it_does_not_have_is_unimplemented(stub: Stub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.Delete(provider_pb2.DeleteRequest())
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


PLUGIN = "from localcloud.plugins.provider import *; serve(Provider('x', '1'))"


def test_a_plugin_ends_at_a_signal() -> None:
    with subprocess.Popen([sys.executable, "-c", PLUGIN], stdout=subprocess.PIPE) as plugin:
        assert plugin.stdout
        assert int(plugin.stdout.readline()) > 0
        plugin.send_signal(signal.SIGINT)
        assert plugin.wait(10) == 0


def test_a_plugin_ends_with_the_engine_that_started_it() -> None:
    """The engine here is a process that starts the plugin, hands on its stdout and is killed."""
    engine = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {PLUGIN!r}]).wait()"
    with subprocess.Popen([sys.executable, "-c", engine], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.kill()
        # The pipe closes once the last process that holds it, the plugin, is gone.
        assert process.stdout.read() == b""
