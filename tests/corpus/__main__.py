"""`python -m tests.corpus`, or `make corpus`: every feed of feedparser's own tests through our parser, and the count."""

import sys
from collections import Counter
from pathlib import Path

from tests.corpus.feeds import corpus
from tests.corpus.verdict import judge


def main() -> None:
    files = corpus()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for path in files:
        said, faults = judge(path.read_bytes())
        counts[said.partition(" (")[0]] += 1
        wrong.extend(f"{_shown(path)}: {fault}" for fault in faults)
    told = [f"{count:6,}  {said}" for said, count in counts.most_common()]
    told += [f"{len(files):6,}  files: {len(wrong)} faults", *(f"        {line}" for line in wrong)]
    sys.stdout.write("\n".join(told) + "\n")
    sys.exit(1 if wrong else 0)


def _shown(path: Path) -> str:
    return "/".join(path.parts[path.parts.index("tests") + 1 :][-3:])


if __name__ == "__main__":
    main()
