"""Reading feeds over HTTP into a database: by our refresh, or by the `reader` library with its own workers.

What counts is a feed that was read, or, of those that are to be unchanged, one that was.
"""

from bench.errand import Job, Work, serve
from bench.world import clock
from digest.model.feed import FetchLimits

LIMITS = FetchLimits(allow_private=frozenset({"127.0.0.0/8"}))


def prepare(job: Job) -> Work:
    if job["library"] == "reader":
        return _by_reader(job["path"], job["workers"], same=job["same"])
    return _by_us(job["path"], same=job["same"])


def _by_us(path: str, *, same: bool) -> Work:
    import digest.sources.webfeed  # noqa: PLC0415  each subject loads its own, and all of it before its time runs
    from digest.pipeline.refresh import refresh  # noqa: PLC0415  the same
    from digest.store import open_store  # noqa: PLC0415  the same

    assert digest.sources.webfeed

    store = open_store(f"sqlite:///{path}")
    with store.read() as tx:
        tx.lists.all()

    def work() -> int:
        reports = refresh(store, LIMITS, now=clock)
        return sum(report.unchanged if same else not report.error for report in reports)

    return work


def _by_reader(path: str, workers: int, *, same: bool) -> Work:
    import reader  # noqa: PLC0415  the same

    library = reader.make_reader(path)
    library.get_feed_counts()

    def work() -> int:
        results = library.update_feeds_iter(workers=workers, scheduled=False)
        return sum(result.value is None if same else not isinstance(result.value, Exception) for result in results)

    return work


if __name__ == "__main__":
    serve(prepare)
