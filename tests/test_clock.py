"""The clock of a trial is the trial's alone."""

from datetime import timedelta
from threading import Thread

import pytest

from tests.fixtures import Clock
from tongxin import clock


def test_a_moved_clock_is_moved_in_its_block_only(still: Clock) -> None:
    later = still.at + timedelta(days=1)
    with pytest.raises(KeyError), clock.moved(lambda: later):
        assert clock.now() == later
        raise KeyError
    assert clock.now() == still.at


def test_other_threads_keep_their_time(still: Clock) -> None:
    seen = []
    with clock.moved(lambda: still.at + timedelta(days=1)):
        other = Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()
    assert seen == [still.at]
