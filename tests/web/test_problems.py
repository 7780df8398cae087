"""What the log says of a request that failed."""

import pytest
import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.callers import Browser
from tests.fixtures import World
from tests.orders import open_order
from tongxin.portal import progress


def test_the_log_never_holds_a_personal_link(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_given: object, **_named: object) -> None:
        raise PoolTimeout("no connection")

    order = open_order(world)
    monkeypatch.setattr(progress, "show", away)
    with structlog.testing.capture_logs() as logged:
        assert Browser(world).get(f"/r/{order.link}").status_code == 503
    assert [one["path"] for one in logged] == ["/r/{token}"]
    assert order.link not in str(logged)
