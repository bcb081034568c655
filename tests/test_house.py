"""What keeps the house in order, as far as a machine can see it: sizes, names, heads of files, reasons, locks and licences.

The floors are import-linter's (pyproject.toml); style and the ban on clocks and dice are ruff's.
"""

import ast
import io
import re
import statistics
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (".ci", "bench", "deploy", "digest", "docs", "examples", "requirements", "templates", "tests")
OURS = (
    "*.md",
    "pyproject.toml",
    "scheduler.py",
    "Makefile",
    "LICENSE",
    "NOTICE",
    ".gitignore",
)  # of what lies at the root
TEXT = {
    "",
    ".css",
    ".csv",
    ".html",
    ".in",
    ".js",
    ".json",
    ".mako",
    ".md",
    ".py",
    ".svg",
    ".toml",
    ".txt",
    ".xml",
    ".yaml",
}

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
MAX_MEDIAN = 6
MAX_NINETIETH = 25
MAX_FLOW_LINES = 80

Function = ast.FunctionDef | ast.AsyncFunctionDef


def text_files() -> list[Path]:
    inside = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in TEXT)
    root = (path for pattern in OURS for path in ROOT.glob(pattern))
    return sorted(path for path in (*inside, *root) if path.is_file() and "__pycache__" not in path.parts)


def python_files(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str], path: Path) -> Iterator[str]:
    for number, line in enumerate(read(path).splitlines(), 1):
        if pattern.search(line):
            yield f"{shown(path)}:{number}: {line.strip()}"


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def none(found: Iterable[str], complaint: str) -> None:
    """Fails with every offender named."""
    offenders = list(found)
    if offenders:
        pytest.fail("\n  ".join([f"{complaint}:", *offenders]), pytrace=False)


# sizes


def functions(path: Path) -> Iterator[tuple[int, str]]:
    """For each function the lines of its body without the docstring, and its place and name."""
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, Function):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            yield lines, f"{shown(path)}:{node.lineno} {node.name}"


def measured() -> list[tuple[int, str]]:
    # A migration is a record of tables, not a program.
    paths = [path for path in python_files("digest") if path.parent.name != "versions"]
    return sorted((size for path in paths for size in functions(path)), reverse=True)


def test_no_file_is_long() -> None:
    sizes = {shown(path): len(read(path).splitlines()) for path in python_files("digest", "tests", "bench")}
    long = (f"{name} has {lines}" for name, lines in sizes.items() if lines > MAX_FILE_LINES)
    none(long, f"Files may have {MAX_FILE_LINES} lines")


def test_no_function_is_long() -> None:
    long = (f"{place} has {lines}" for lines, place in measured() if lines > MAX_FUNCTION_LINES)
    none(long, f"Functions may have {MAX_FUNCTION_LINES} lines")


def test_most_functions_are_short() -> None:
    sizes = [lines for lines, _ in measured()]
    ninetieth = statistics.quantiles(sizes, n=10)[-1]
    longest = "\n  ".join(f"{place} has {lines}" for lines, place in measured()[:20])
    said = f"the median is {statistics.median(sizes)}, the 90th percentile {ninetieth}; the longest:\n  {longest}"
    assert statistics.median(sizes) <= MAX_MEDIAN, said
    assert ninetieth <= MAX_NINETIETH, said


def test_the_flow_fits_on_a_page() -> None:
    assert len(read(ROOT / "docs/flow.md").splitlines()) <= MAX_FLOW_LINES


# names and heads


def test_everything_has_a_name_that_says_what_it_is() -> None:
    vague = re.compile(r"(?i)(^|_)(utils?|helpers?|common|core|managers?|services?|misc)(\.py)?$")
    names = {part for path in python_files("digest", "bench", "tests") for part in path.relative_to(ROOT).parts}
    none(filter(vague.search, names), "A function without a home is a missing noun; find its name")


def test_the_first_line_of_every_module_says_what_it_is_for() -> None:
    def headless() -> Iterator[str]:
        for path in (*python_files("digest", "bench", "tests/doubles"), ROOT / "scheduler.py"):
            head = (ast.get_docstring(ast.parse(read(path))) or "").partition("\n")[0]
            if not re.match(r"\S+ \S+ .*[.:!?](\s|$)", head) and path != ROOT / "tests/doubles/__init__.py":
                yield f"{shown(path)}: {head!r}"

    none(headless(), "The first line of a module is a sentence that says what the module is for")


def test_the_scheduler_at_the_root_is_a_launcher_only() -> None:
    body = ast.parse(read(ROOT / "scheduler.py")).body
    assert [type(statement) for statement in body] == [ast.Expr, ast.ImportFrom, ast.If]


# nothing half-done, nothing silenced without a reason


def test_nothing_is_left_to_be_done_later() -> None:
    later = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b|raise NotImplemented" "Error")
    none((found for path in text_files() for found in lines_with(later, path)), "Do it, or file an issue")


def test_every_silenced_warning_has_its_reason_beside_it() -> None:
    silence = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:)")
    reasoned = re.compile(r"#\s*(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[\w, -]+\]|pragma: no \w+)\W+\w+\W+\w+")

    def silenced() -> Iterator[str]:
        for path in (*python_files("digest", "bench", "tests"), ROOT / "scheduler.py"):
            for token in tokenize.generate_tokens(io.StringIO(read(path)).readline):
                if (
                    token.type == tokenize.COMMENT
                    and silence.search(token.string)
                    and not reasoned.search(token.string)
                ):
                    yield f"{shown(path)}:{token.start[0]}: {token.string}"

    none(silenced(), "Say why, on the same line")


def test_every_rule_that_is_switched_off_has_its_reason_beside_it() -> None:
    def switched_off() -> Iterator[str]:
        section = ""
        for line in read(ROOT / "pyproject.toml").splitlines():
            section = line if line.startswith("[") else section
            ruff = section in {"[tool.ruff.lint]", "[tool.ruff.lint.per-file-ignores]"} and re.search(
                r'"[A-Z]+\d*"', line
            )
            if (ruff or re.search(r'"(ignore|default|once)[":]', line)) and not line.startswith("select"):
                yield line.strip()

    none((line for line in switched_off() if " # " not in line), "pyproject.toml: say why, on the same line")


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    # /home/ann and /home/digest are nobody's: an example may say so.
    home = re.compile(r"(?<![\w.}])/(home/(?!ann\b|digest\b)|(root|Users|work|workspace)/)\w|\b[A-Z]:\\Users")
    scratch = re.compile(r"(?<![\w.}])/tmp/\w")  # a test may make such a name up

    def found() -> Iterator[str]:
        for path in text_files():
            yield from lines_with(home, path)
            if not shown(path).startswith("tests/"):
                yield from lines_with(scratch, path)

    none(found(), "A path of somebody's machine")


# mails


def test_every_mail_is_a_folder_of_subject_text_and_html() -> None:
    mails = [path for path in (ROOT / "templates/email").iterdir() if path.is_dir() and not path.name.startswith("_")]
    assert mails
    files = {path.name: sorted(file.name for file in path.iterdir()) for path in mails}
    wrong = (f"{name} has {held}" for name, held in files.items() if held != ["body.html", "body.txt", "subject.txt"])
    none(wrong, "A mail's folder holds subject.txt, body.txt and body.html")


# locks and licences


def requirements(name: str) -> list[str]:
    text = read(ROOT / "requirements" / f"{name}.txt").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def package(requirement: str) -> str:
    """The name that PEP 503 makes of it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0]).lower()


@pytest.mark.parametrize("name", ["build", "run", "dev"])
def test_every_requirement_is_pinned_with_its_hash(name: str) -> None:
    pinned = re.compile(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}")
    assert requirements(name)
    none((line for line in requirements(name) if not pinned.match(line)), "Not pinned; run `make lock`")


def test_everything_that_is_asked_for_is_pinned() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    extras = project["project"]["optional-dependencies"].values()
    asked = [*project["project"]["dependencies"], *(line for extra in extras for line in extra)]
    run, dev = ({package(line) for line in requirements(name)} for name in ("run", "dev"))
    assert {package(line) for line in asked} - run == set()
    assert {package(line) for line in project["dependency-groups"]["dev"]} - dev == set()


def imported(*rooms: str) -> set[str]:
    """The distributions whose modules are imported there."""
    nodes = [node for path in python_files(*rooms) for node in ast.walk(ast.parse(read(path)))]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    owners = packages_distributions()
    return {package(owner) for module in modules for owner in owners.get(module.partition(".")[0], [])} - {"digest"}


def test_what_is_imported_is_asked_for_and_what_is_asked_for_is_imported() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    extras = project["optional-dependencies"].values()
    asked = {package(line) for line in [*project["dependencies"], *(line for extra in extras for line in extra)]}
    by_name = {"psycopg", "python-multipart", "tzdata"}  # SQLAlchemy, FastAPI and zoneinfo look for them themselves
    none(imported("digest") - asked, "Imported, but not in pyproject.toml's dependencies")
    none(asked - imported("digest") - by_name, "In pyproject.toml's dependencies, but never imported")


def licence(distribution: Distribution) -> str:
    """Its SPDX expression, or what stands for it in older metadata; where that says nothing, its licence's first line."""
    metadata = distribution.metadata
    said = [text.partition("\n")[0] for key in ("License-Expression", "License") for text in metadata.get_all(key, [])]
    classified = [
        line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if line.startswith("License")
    ]
    known = said[0] if said and len(said[0]) < 100 else " ".join(classified)
    files = [file for file in distribution.files or [] if file.name.startswith("LICENSE")]
    return known or (files[0].read_text().partition("\n")[0] if files else "")


def binds(distribution: Distribution, words: str) -> bool:
    """Whether none of the licences that it offers is free of these words."""
    return all(re.search(words, choice) for choice in re.split(r"\bOR\b", licence(distribution)))


def test_nothing_installed_has_a_licence_that_binds_our_users() -> None:
    strong = r"\bA?GPL|(?<!Lesser )General Public License|Affero|SSPL|BUSL|^$"
    none((f"{each.name}: {licence(each)!r}" for each in distributions() if binds(each, strong)), "GPL, AGPL or unknown")


def test_the_notice_names_what_has_a_weak_copyleft() -> None:
    shipped = {package(line) for line in requirements("run")}
    weak = [
        each.name for each in distributions() if package(each.name) in shipped and binds(each, r"L?GPL|Lesser|MPL|EPL")
    ]
    named = {line.partition(" ")[0] for line in read(ROOT / "NOTICE").splitlines()}
    assert weak
    none(set(weak) - named, "NOTICE has no line that begins with")
