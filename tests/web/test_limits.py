from datetime import UTC, datetime, timedelta

from digest.web import limits
from digest.web.limits import Buckets, Rate, SignUpLimits

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def test_a_burst_and_then_one_at_a_time() -> None:
    bucket = Buckets(Rate(burst=3, seconds=10))
    assert [bucket.take("a", NOW) for _ in range(5)] == [True] * 3 + [False] * 2
    assert bucket.take("b", NOW)
    later = NOW + timedelta(seconds=10)
    assert [bucket.take("a", later) for _ in range(2)] == [True, False]
    rested = NOW + timedelta(hours=1)
    assert [bucket.take("a", rested) for _ in range(4)] == [True] * 3 + [False]


def test_memory_is_bounded() -> None:
    bucket = Buckets(Rate(burst=1, seconds=1e6))
    for number in range(limits.REMEMBERED + 10):
        bucket.take(str(number), NOW)
    assert len(bucket._full_at) == limits.REMEMBERED
    assert bucket.take("0", NOW)  # forgotten


def test_a_proxy_on_this_machine_is_not_one_reader() -> None:
    shares = SignUpLimits(networks=Buckets(Rate(1, 60)), together=Buckets(Rate(5, 60)))
    assert [shares.take("127.0.0.1", "n", NOW) for _ in range(3)] == [True] * 3
    assert [shares.take("8.8.8.8", "m", NOW) for _ in range(2)] == [True, False]
    assert [shares.take("testclient", "n", NOW) for _ in range(2)] == [True, False]  # the limit of all
