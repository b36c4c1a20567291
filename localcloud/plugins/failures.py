"""Errors of RPCs, and how they reach the engine."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from localcloud.plugins.values import to_struct


class PluginError(Exception):
    """An RPC failed; the message is one line for the user."""


class InitFailed(PluginError):
    """A resource was made or changed, but is not as wanted.

    The engine keeps it in the state, so that the next operation can continue with it.
    """

    def __init__(self, id: str, outputs: Mapping[str, Any], reasons: Sequence[str]) -> None:
        super().__init__(reasons[0])
        self.detail = provider_pb2.ErrorResourceInitFailed(
            id=id, properties=to_struct(outputs), reasons=reasons
        )


class ErrorInterceptor(grpc.ServerInterceptor):
    """Turns the exceptions of RPCs into a gRPC status with one line."""

    def intercept_service(self, continuation: Callable[..., Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: _answer(handler.unary_unary, request, context),
            handler.request_deserializer,
            handler.response_serializer,
        )


def _answer(method: Callable[..., Any], request: Any, context: grpc.ServicerContext) -> Any:
    try:
        return method(request, context)
    except InitFailed as error:
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
        status.details.add().Pack(error.detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    except (PluginError, ValueError) as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    except NotImplementedError:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "this plugin does not have this call")
    except Exception as error:  # a bug: one line for the user, the traceback for the engine's log
        traceback.print_exc()
        context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
