"""Kept-alive connections to an API server, with its CA and our client certificate."""

import os
import ssl
import tempfile
from typing import TYPE_CHECKING

from localcloud.plugins.kubernetes.kubeconfig import ClusterConfig

if TYPE_CHECKING:
    from urllib3 import PoolManager

CONNECTIONS = 32  # kept open, as many as the engine makes calls at once


def pool(config: ClusterConfig) -> "PoolManager":
    """The connections to the cluster of `config`."""
    import urllib3

    # One connection that the server closed while idle must not fail a request: all of ours can be
    # repeated (apply, delete, get, dry-run create), so they are, once. Nothing else is retried.
    retries = urllib3.Retry(
        total=1,
        connect=0,
        read=1,
        status=0,
        redirect=0,
        allowed_methods=None,
        respect_retry_after_header=False,
    )
    if not config.server.startswith("https:"):
        return urllib3.PoolManager(num_pools=1, maxsize=CONNECTIONS, retries=retries)
    return urllib3.PoolManager(
        num_pools=1,
        maxsize=CONNECTIONS,
        retries=retries,
        ssl_context=_tls(config),
        server_hostname=config.tls_server_name or None,
        assert_hostname=False if config.insecure else (config.tls_server_name or None),
    )


def _tls(config: ClusterConfig) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=config.ca.decode() if config.ca else None)
    if config.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if config.certificate:
        # The ssl module takes client certificates from files only.
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "pair.pem")
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                file.write(config.certificate + b"\n" + config.key)
            context.load_cert_chain(path)
    return context
