"""Benchmarks: what each step costs beside a plain way to do the same, and how the cost grows. `make bench` runs them.

Speed is never asserted. Figures are ratios of medians measured side by side in one run; see docs/benchmarks.md.
"""
