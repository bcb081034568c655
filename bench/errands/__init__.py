"""What is done in a fresh process: `python -m bench.errands.NAME JOB`. See bench.errand, which sends it."""
