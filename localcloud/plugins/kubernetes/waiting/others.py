"""The rules that look at one object alone: volumes, namespaces, definitions, custom resources."""

from localcloud.plugins.kubernetes.objects import condition, is_true, observed, pluck
from localcloud.plugins.kubernetes.waiting.rule import Verdict, View


def immediate(_: View) -> Verdict:
    """Ready as soon as it is made."""
    return Verdict(True)


def volume(view: View) -> Verdict:
    """A PersistentVolume is ready when Available or Bound."""
    phase = pluck(view.own, "status", "phase", default="Pending")
    return Verdict(phase in ("Available", "Bound"), f"PersistentVolume is {phase}")


def claim(view: View) -> Verdict:
    """A PersistentVolumeClaim is ready when Bound; or when it will be only with its first pod."""
    phase = pluck(view.own, "status", "phase", default="Pending")
    if phase == "Bound":
        return Verdict(True, "PersistentVolumeClaim is Bound")
    wanted = pluck(view.own, "spec", "storageClassName")
    modes = [
        item.get("volumeBindingMode")
        for item in view.others.get("classes", [])
        if pluck(item, "metadata", "name") == wanted
    ]
    if phase == "Pending" and "WaitForFirstConsumer" in modes:
        return Verdict(True, "PersistentVolumeClaim waits for its first Pod")
    text = f"PersistentVolumeClaim is {phase}"
    return Verdict(False, text, (text,))


def namespace(view: View) -> Verdict:
    """A Namespace is ready when Active."""
    phase = pluck(view.own, "status", "phase", default="unknown")
    return Verdict(phase == "Active", f"Namespace is {phase}", (f"Namespace is {phase}",))


def definition(view: View) -> Verdict:
    """A CustomResourceDefinition is ready when Established; refused names fail at once."""
    names = condition(view.own, "NamesAccepted")
    if names.get("status") == "False" and names.get("reason") != "NoConflicts":
        text = f"[{names.get('reason')}] {names.get('message')}"
        return Verdict(False, text, (text,), failed=True)
    if is_true(view.own, "Established"):
        return Verdict(True, "CustomResourceDefinition is Established")
    return Verdict(False, "Waiting for CustomResourceDefinition to be Established")


def quota(view: View) -> Verdict:
    """A ResourceQuota is ready when its status has taken over the limits of its spec."""
    hard, seen = pluck(view.own, "spec", "hard"), pluck(view.own, "status", "hard")
    return Verdict(hard == seen, "Waiting for ResourceQuota status to match its spec")


def token_secret(view: View) -> Verdict:
    """A service account token Secret is ready when the controller has filled it."""
    if view.own.get("type") != "kubernetes.io/service-account-token" or view.own.get("data"):
        return Verdict(True)
    account = pluck(
        view.own, "metadata", "annotations", "kubernetes.io/service-account.name", default=""
    )
    text = f"Waiting for the token of service account {account!r}"
    return Verdict(False, text, (f"no token came: does service account {account!r} exist?",))


def custom(view: View) -> Verdict:
    """Any other object: where it has a Ready condition, that must be True of this generation."""
    ready = condition(view.own, "Ready")
    if not ready:
        return Verdict(True)
    seen = ready.get("observedGeneration")
    fresh = observed(view.own) or pluck(view.own, "status", "observedGeneration") is None
    if seen is not None:
        fresh = seen >= pluck(view.own, "metadata", "generation", default=0)
    if fresh and ready.get("status") == "True":
        return Verdict(True, "Resource is Ready")
    text = f"[{ready.get('reason', 'NotReady')}] {ready.get('message', '')}".rstrip()
    return Verdict(False, f"Waiting for the Ready condition: {text}", (text,))
