"""A load balancer that serves a page to those, and only those, whom its scheme lets in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks import listener
from checks.context import Context, load_balancer_controls
from checks.outcome import Expectation, Outcome, Verdict
from checks.reach import judge_unreached
from checks.web import judge_private

NOT_REACHED = "not reached (while a control is)"


@dataclass(frozen=True)
class Entrance:
    """A load balancer's kind (alb, nlb, classic) and scheme as the settings say them; `look` is
    where to look if it is another or does not serve."""

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
        """Tests the load balancer of this DNS name; `judge` tells whether a body is `page`."""

        def made() -> Verdict:
            scheme = listener.scheme(context.aws, hostname(), self.kind)
            return Verdict(scheme == self.scheme, f"{self.kind}, {scheme}")

        def from_here() -> Verdict:
            return judge(context.here.get(f"http://{hostname()}/").body)

        def from_bastion() -> Verdict:
            return judge(context.bastion.probe([f"http://{hostname()}/"])[0].page().body)

        def resolved() -> Verdict:
            return judge_private(context.here.addresses(hostname()))

        def not_from_here() -> Verdict:
            attempts = context.here.connect([(hostname(), 80)])
            return judge_unreached(attempts, load_balancer_controls(context))

        wait, look = context.patience, self.look
        yield wait.until_holds(Expectation("ELB", f"{self.kind}, {self.scheme}", look), made)
        if self.scheme == "internet-facing":
            yield wait.until_holds(Expectation("here", page, look), from_here)
            return
        yield wait.until_holds(Expectation("bastion", page, look), from_bastion)
        yield wait.until_holds(Expectation("its name", "private addresses", look), resolved)
        yield wait.until_seen(Expectation("here", NOT_REACHED, look), not_from_here)
