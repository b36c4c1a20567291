"""Checks that a load balancer serves a page, and only to those whom its scheme admits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks import listener
from checks.context import Context, load_balancer_controls
from checks.outcome import Expectation, Outcome, Verdict
from checks.reach import judge_unreached
from checks.web import judge_private

NOT_REACHED = "not reached (while a control is)"


@dataclass(frozen=True)
class ExpectedLoadBalancer:
    """The kind (alb, nlb, classic) and the scheme that a load balancer has by the settings; `look`
    says where to look if it has others or does not serve."""

    kind: str
    scheme: str
    look: str

    def outcomes(
        self,
        context: Context,
        hostname: Callable[[], str],
        page: str,
        judge: Callable[[str], Verdict],
    ) -> Iterator[Outcome]:
        """Tests the load balancer of a DNS name; `judge` says whether a body is `page`."""

        def made() -> Verdict:
            scheme = listener.balancer_scheme(context.aws, hostname(), self.kind)
            return Verdict(scheme == self.scheme, f"{self.kind}, {scheme}")

        def from_here() -> Verdict:
            return judge(context.this_host.get(f"http://{hostname()}/").body)

        def from_bastion() -> Verdict:
            return judge(context.bastion.probe([f"http://{hostname()}/"])[0].page().body)

        def resolved() -> Verdict:
            return judge_private(context.this_host.addresses(hostname()))

        def not_from_here() -> Verdict:
            attempts = context.this_host.connect([(hostname(), 80)])
            return judge_unreached(attempts, load_balancer_controls(context))

        wait, look = context.patience, self.look
        yield wait.until_holds(Expectation("ELB", f"{self.kind}, {self.scheme}", look), made)
        if self.scheme == "internet-facing":
            yield wait.until_holds(Expectation("here", page, look), from_here)
            return
        yield wait.until_holds(Expectation("bastion", page, look), from_bastion)
        yield wait.until_holds(Expectation("its name", "private addresses", look), resolved)
        yield wait.until_judged(Expectation("here", NOT_REACHED, look), not_from_here)
