"""One file for each step that is measured, in the order in which an issue passes them."""

from bench.measure import Step
from bench.steps import assemble, compose, deliver, editions, group, publish, refresh, render, start

STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        refresh.STEP,
        group.STEP,
        assemble.STEP,
        render.STEP,
        editions.STEP,
        publish.STEP,
        compose.STEP,
        deliver.STEP,
        start.STEP,
    )
}
