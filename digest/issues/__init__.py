"""Articles → an issue, and when it appears. Pure: `assemble` is what goes in, `cadence` is when."""
