"""Passes requests to moto. moto is not thread-safe, so the caller holds the lock."""

import logging
from typing import Any

from moto.moto_server.werkzeug_app import create_backend_app

from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.protocol import environ_of
from localcloud.aws.request import Request, Response
from localcloud.aws.services import Service

log = logging.getLogger(__name__)
_SET_BY_OUR_SERVER = {"connection", "content-length", "date", "server", "transfer-encoding"}
FORM = "application/x-www-form-urlencoded"


class MotoServer:
    """moto's WSGI apps, one per service, created on first use."""

    def __init__(self) -> None:
        self._apps: dict[str, Any] = {}

    def _app(self, service: Service) -> Any:
        assert not service.ours, f"{service.name} is not served by moto"
        if service.model not in self._apps:
            app = create_backend_app(service.model)  # type: ignore[arg-type]  # a Literal of 150
            self._apps[service.model] = app
        return self._apps[service.model]

    def answer(self, service: Service, operation: str, region: str, request: Request) -> Response:
        """moto's response. Raises AwsError for an operation that moto does not have."""
        # moto reads the region from the host name.
        environ = environ_of(request, f"{service.model}.{region}.amazonaws.com")
        if service.name == "s3" and environ.get("CONTENT_TYPE") == FORM:
            environ["CONTENT_TYPE"] = "binary/octet-stream"  # else moto reads a form, and no object
        status: list[str] = []
        headers: list[tuple[str, str]] = []

        def start_response(line: str, given: list[tuple[str, str]], *_: Any) -> None:
            status.append(line)
            headers.extend(pair for pair in given if pair[0].lower() not in _SET_BY_OUR_SERVER)

        try:
            body = b"".join(self._app(service)(environ, start_response))
        except NotImplementedError as error:
            log.info("moto: %s", error)
            raise not_offered(f"{operation} of {service.name}") from None
        except AwsError:
            raise
        except Exception as error:  # a bug in moto is an InternalFailure, as on AWS
            log.exception("%s of %s", operation, service.name)
            raise AwsError("InternalFailure", f"{type(error).__name__}: {error}", 500) from error
        return Response(int(status[0].split()[0]), tuple(headers), body)
