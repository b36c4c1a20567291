"""A pod with nginx on each node."""

_DAEMONSET = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: nginx
        image: localhost/nginx:stable
        readinessProbe: {httpGet: {port: 80, path: /}, periodSeconds: 1}
"""


def on_each_node(name: str) -> str:
    """The manifest of a DaemonSet whose pods have the label `app`."""
    return _DAEMONSET.replace("NAME", name)
