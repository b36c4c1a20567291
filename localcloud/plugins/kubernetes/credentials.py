"""Who we are to the API server: static tokens, token files and exec credential plugins."""

import json
import os
import subprocess
import threading
import time
from datetime import datetime
from typing import Any

from localcloud.plugins.kubernetes.kubeconfig import ClusterConfig
from localcloud.plugins.kubernetes.objects import Obj, pluck
from localcloud.plugins.provider import ProviderError

EARLY = 60.0  # seconds before its end at which a token is no longer used
EXEC_TIMEOUT = 60.0  # seconds an exec plugin may take
_EXEC_VERSIONS = {
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
}


class Credentials:
    """The bearer token for one cluster; an exec plugin runs once per token, not per request."""

    def __init__(self, config: ClusterConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._token = ""
        self._expires = 0.0

    def token(self) -> str:
        """The bearer token, or an empty string where certificates say who we are."""
        user = self._config.user
        if user.get("token"):
            return str(user["token"])
        if user.get("tokenFile"):
            return _read_token(str(user["tokenFile"]))
        if not user.get("exec"):
            return ""
        with self._lock:
            if time.time() >= self._expires - EARLY:
                self._token, self._expires = _run(user["exec"], self._config)
            return self._token

    def lasting(self, seconds: float) -> str:
        """The token if it is sure to hold that long, else an empty string."""
        token = self.token()
        if self._config.user.get("exec") and self._expires < time.time() + seconds + EARLY:
            return ""
        return token

    def forget(self) -> None:
        """Drop the token: the API server did not take it."""
        with self._lock:
            self._expires = 0.0

    @property
    def renewable(self) -> bool:
        """Whether a refused token may be replaced by a new one."""
        return bool(self._config.user.get("exec"))


def _read_token(path: str) -> str:
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError as error:
        raise ProviderError(f"kubeconfig: tokenFile {path}: {error.strerror}") from None


def _run(spec: Obj, config: ClusterConfig) -> tuple[str, float]:
    version = str(spec.get("apiVersion"))
    if version not in _EXEC_VERSIONS:
        raise ProviderError(f"kubeconfig: exec apiVersion {version!r} is not implemented")
    command = [str(spec["command"]), *map(str, spec.get("args") or [])]
    extra = {item["name"]: str(item["value"]) for item in spec.get("env") or []}
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": _exec_spec(spec, config)}
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **extra, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=EXEC_TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        hint = spec.get("installHint") or "is it installed and on PATH?"
        raise ProviderError(f"kubeconfig: exec command {command[0]!r} not found: {hint}") from None
    except subprocess.TimeoutExpired:
        late = f"kubeconfig: {command[0]} gave no token in {EXEC_TIMEOUT:g} s"
        raise ProviderError(late) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise ProviderError(f"kubeconfig: {command[0]} failed ({done.returncode}): {said}")
    return _credential(command[0], done.stdout)


def _exec_spec(spec: Obj, config: ClusterConfig) -> Obj:
    if not spec.get("provideClusterInfo"):
        return {"interactive": False}
    return {"interactive": False, "cluster": {"server": config.server}}


def _credential(command: str, output: bytes) -> tuple[str, float]:
    try:
        answer: Any = json.loads(output)
    except ValueError:
        raise ProviderError(f"kubeconfig: {command} did not print an ExecCredential") from None
    status = pluck(answer, "status", default={})
    if status.get("clientCertificateData"):
        raise ProviderError(f"kubeconfig: client certificates of {command} are not implemented")
    if not status.get("token"):
        raise ProviderError(f"kubeconfig: {command} gave no token")
    return str(status["token"]), _expiry(status.get("expirationTimestamp"))


def _expiry(stamp: str | None) -> float:
    # Without a time the token holds until the API server refuses it.
    if not stamp:
        return float("inf")
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
