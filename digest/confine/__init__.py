"""Work on what cannot be trusted, in child processes that have little memory, little time and none of our secrets (security S21).

    pool    Pool(…).run("module:function", content, …)   → what the function gave, or Confined, which says why not
    child   the process: hears a task, limits itself, answers

Knows no station: a task is named by text, and imported in the child only.
"""

from digest.confine.pool import Confined, Pool, Why

__all__ = ["Confined", "Pool", "Why"]
