"""A kubeconfig with a token in it, so that not every call of kubectl runs a credential plugin."""

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from checks.outcome import CannotRun

PLUGIN_TIMEOUT = 60.0  # seconds for the plugin to sign in


def with_token(kubeconfig: str) -> str:
    """A kubeconfig (JSON) with the current context only, in which the token of its exec plugin,
    run once, replaces the plugin; a kubeconfig without a plugin is returned as it is.

    `aws eks get-token` takes most of a second; its token is valid for 15 minutes, longer than a
    run. CannotRun if the kubeconfig cannot be read or the plugin gives no token.
    """
    try:
        config = json.loads(kubeconfig)
        contexts = {each["name"]: each["context"] for each in config["contexts"]}
        context = contexts[config["current-context"]]
        users = {each["name"]: each["user"] for each in config["users"]}
        plugin = users[context["user"]].get("exec")
        clusters = [each for each in config["clusters"] if each["name"] == context["cluster"]]
    except KeyError as missing:
        raise CannotRun(f"output kubeconfig is not a kubeconfig: no {missing}") from missing
    except (ValueError, TypeError, AttributeError) as error:
        raise CannotRun(f"output kubeconfig is not a kubeconfig: {error!r}") from error
    if plugin is None:
        return kubeconfig
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": clusters,
            "users": [{"name": "checks", "user": {"token": _token(plugin)}}],
            "contexts": [
                {"name": "checks", "context": {"cluster": context["cluster"], "user": "checks"}}
            ],
            "current-context": "checks",
        }
    )


def _token(plugin: Mapping[str, Any]) -> str:
    """Run a credential plugin as client-go does and take the token of its ExecCredential."""
    command = [plugin["command"], *(plugin.get("args") or [])]
    environment = {each["name"]: each["value"] for each in plugin.get("env") or []}
    request: dict[str, Any] = {
        "apiVersion": plugin.get("apiVersion"),
        "kind": "ExecCredential",
        "spec": {},
    }
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PLUGIN_TIMEOUT,
            env={**os.environ, "KUBERNETES_EXEC_INFO": json.dumps(request), **environment},
        )
    except OSError as error:
        raise CannotRun(f"cannot run {command[0]} for a token: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise CannotRun(f"{command[0]} gave no token in {PLUGIN_TIMEOUT:.0f} s") from error
    try:
        return str(json.loads(done.stdout)["status"]["token"])
    except (ValueError, KeyError, TypeError) as error:
        lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise CannotRun(f"{command[0]} gave no token: {lines[-1]}") from error
