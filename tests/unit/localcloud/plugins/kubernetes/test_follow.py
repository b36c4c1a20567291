"""Watches: what a real API server does to them now and then."""

import time
from collections.abc import Callable

import pytest

from localcloud.plugins.kubernetes.cancellation import Cancellation
from localcloud.plugins.kubernetes.client import Client
from localcloud.plugins.kubernetes.errors import ApiError
from localcloud.plugins.kubernetes.follow import Collection, Follow
from localcloud.plugins.kubernetes.kubeconfig import load
from tests.unit.localcloud.plugins.kubernetes.api_server import ApiServer, kubeconfig, status

PODS = "/api/v1/namespaces/default/pods"
POD = f"{PODS}/a"


@pytest.fixture
def client(api: ApiServer) -> Client:
    return Client(load(kubeconfig(api.url)), Cancellation())


def follow(client: Client, optional: bool = False) -> Follow:
    return Follow(client, {"pods": Collection(PODS, optional=optional)})


def until(following: Follow, true: Callable[[list[str]], bool]) -> None:
    """Follow until the phases of the pods are as wanted."""
    ends = time.monotonic() + 10
    while not true([pod.get("phase", "") for pod in following.objects("pods")]):
        assert following.changed(ends - time.monotonic()), following.objects("pods")


def test_what_is_there_and_what_comes_is_seen(api: ApiServer, client: Client) -> None:
    api.put(POD, {"phase": "old"})
    with follow(client) as following:
        until(following, lambda phases: phases == ["old"])
        assert following.listed()
        api.watching.acquire(timeout=5)
        api.put(POD, {"phase": "new"})
        until(following, lambda phases: phases == ["new"])
        api.remove(POD)
        until(following, lambda phases: phases == [])
    assert api.count("GET", PODS) == 2  # one list, one watch: nothing is polled


def test_a_watch_that_ends_goes_on_where_it_stopped(api: ApiServer, client: Client) -> None:
    api.put(POD, {"phase": "1"})
    with follow(client) as following:
        until(following, lambda phases: phases == ["1"])
        api.watching.acquire(timeout=5)
        version = api.put(POD, {"phase": "2"})["metadata"]["resourceVersion"]
        until(following, lambda phases: phases == ["2"])
        api.hang_up(PODS)
        api.watching.acquire(timeout=5)
        api.put(POD, {"phase": "3"})
        until(following, lambda phases: phases == ["3"])
    watches = [query for _, path, query, _ in api.requests if path == PODS and "watch" in query]
    assert watches[1]["resourceVersion"] == version
    assert len(api.requests) - len(watches) == 1


def test_a_watch_too_far_behind_lists_anew_and_tells_what_disappeared(
    api: ApiServer, client: Client
) -> None:
    api.put(POD, {"phase": "1"})
    with follow(client) as following:
        until(following, lambda phases: phases == ["1"])
        api.watching.acquire(timeout=5)
        del api.objects[POD]  # unseen: the watch was not told
        api.put(f"{PODS}/b", {"phase": "b"})
        api.expire(PODS)
        until(following, lambda phases: phases == ["b"])


def test_a_watch_refused_as_too_old_lists_anew(api: ApiServer, client: Client) -> None:
    api.put(POD, {"phase": "1"})
    with follow(client) as following:
        until(following, lambda phases: phases == ["1"])
        api.watching.acquire(timeout=5)
        api.fail("GET", PODS, 410, status(410, "Gone", "too old"))
        api.hang_up(PODS)
        api.watching.acquire(timeout=5)
        api.put(POD, {"phase": "2"})
        until(following, lambda phases: phases == ["2"])


def test_what_may_not_be_seen_fails_or_counts_as_empty(api: ApiServer, client: Client) -> None:
    api.fail("GET", PODS, 403, status(403, "Forbidden", "pods is forbidden"), times=2)
    with follow(client) as following, pytest.raises(ApiError, match="forbidden"):
        following.changed(5)
    with follow(client, optional=True) as following:
        following.changed(5)
        assert following.listed()
        assert following.objects("pods") == []


def test_leaving_ends_the_watch_at_once(api: ApiServer, client: Client) -> None:
    with follow(client) as following:
        api.put(POD, {"phase": "1"})
        api.watching.acquire(timeout=5)
        api.put(POD, {"phase": "2"})  # it reads its watch
        until(following, lambda phases: phases == ["2"])
        followers = list(following._followers.values())
    followers[0].join(2)
    assert not followers[0].is_alive()
