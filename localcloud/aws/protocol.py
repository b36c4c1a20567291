"""The wire formats of AWS, from botocore's service models: a request to an operation and its
parameters, and a result or an error back to a response."""

import json
import uuid
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as WireRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from localcloud.aws.errors import AwsError
from localcloud.aws.request import Request, Response
from localcloud.aws.services import Service

Params = dict[str, Any]
REST_XML = ("cloudfront",)  # services that we do not offer and that speak rest-xml


def environ_of(request: Request, host: str) -> dict[str, Any]:
    """The WSGI environ of a request to the host `host`."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "RAW_URI": request.raw_path + (f"?{request.query}" if request.query else ""),
        "QUERY_STRING": request.query,
        "SERVER_NAME": host,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ.setdefault(key if key == "CONTENT_TYPE" else f"HTTP_{key}", value)
    environ["HTTP_HOST"] = host
    return environ


def model_of(service: Service) -> ServiceModel:
    return get_service_model(service.model)


def parse(service: Service, request: Request) -> tuple[str, Params]:
    """The operation of a request and its parameters, with botocore's names.

    Raises AwsError for an operation that the service does not have.
    """
    wire = WireRequest(environ_of(request, "localhost"))
    model = model_of(service)
    try:
        operation, labels = get_service_router(service.model).match(wire)
    except (NotFound, NotImplementedError):
        what = f"{request.method} {request.path} of {service.name}"
        raise AwsError("UnknownOperationException", f"{what} names no operation", 404) from None
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, wire.content_type)]
    parsed = parser(operation).parse(
        {
            "method": wire.method,
            "values": wire.values,
            "headers": wire.headers,
            "body": wire.get_data(),
            "url_path": wire.path,
            "url_params": labels,
        }
    )
    return str(operation.name), dict(parsed or {})


def answer(service: Service, operation: str, result: Mapping[str, Any]) -> Response:
    """The response for an operation's result, which has botocore's names."""
    model = model_of(service)
    shape: OperationModel = model.operation_model(operation)
    serializer = get_serializer_class(service.model, str(model.protocol))
    made = serializer(operation_model=shape).serialize(dict(result))
    body = made["body"]
    headers = {**made["headers"], "x-amzn-RequestId": str(uuid.uuid4())}
    return Response(
        made["status_code"],
        tuple((str(name), str(value)) for name, value in headers.items()),
        body.encode() if isinstance(body, str) else body,
    )


def error_protocol(service: Service | None, name: str, request: Request) -> str:
    """The protocol in which to send an error: the service's, or a guess from the request if the
    service is unknown. S3 has errors of its own form."""
    if service:
        return "s3" if service.name == "s3" else str(model_of(service).protocol)
    if name in REST_XML:
        return "rest-xml"
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return "query" if form else "json"


def error_response(protocol: str, error: AwsError) -> Response:
    """The response to an error, in a protocol."""
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-RequestId", request_id)]
    if protocol in ("json", "rest-json"):
        body = json.dumps({"__type": error.code, "message": error.message})
        headers += [("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code)]
    else:
        headers.append(("Content-Type", "text/xml"))
        body = _xml_error(protocol, error, request_id)
    return Response(error.status, tuple(headers), body.encode())


def _xml_error(protocol: str, error: AwsError, request_id: str) -> str:
    what = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if protocol == "ec2":
        inner = f"<Errors><Error>{what}</Error></Errors><RequestID>{request_id}</RequestID>"
        return f"{head}<Response>{inner}</Response>"
    if protocol == "s3":
        return f"{head}<Error>{what}<RequestId>{request_id}</RequestId></Error>"
    inner = f"<Error><Type>Sender</Type>{what}</Error><RequestId>{request_id}</RequestId>"
    return f"{head}<ErrorResponse>{inner}</ErrorResponse>"
