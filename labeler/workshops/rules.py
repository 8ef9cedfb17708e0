"""A rule about two classes within the guidelines: a section of its own, headed by both names. A calculation."""

LONGEST_LINE = 200
LONGEST_RULE = 4000


def heading(first: str, second: str) -> str:
    """Return what heads the rule."""
    return f"### {first} / {second}"


def rule_in(text: str, first: str, second: str) -> str:
    """Return the rule about two classes that guidelines hold, "" for none."""
    found = _section(text.split("\n"), heading(first, second))
    return "\n".join(text.split("\n")[found[0] + 1 : found[1]]).strip() if found else ""


def with_rule(text: str, first: str, second: str, rule: str) -> str:
    """Return guidelines with this rule: in the place of an earlier one about the same classes, else at the end."""
    lines = text.rstrip().split("\n") if text.strip() else []
    new = [heading(first, second), "", rule.strip()]
    found = _section(lines, heading(first, second))
    if found is None:
        return "\n".join([*lines, *([""] if lines else []), *new]) + "\n"
    start, end = found
    after = lines[end:]
    return "\n".join([*lines[:start], *new, *([""] if after else []), *after]).rstrip() + "\n"


def _section(lines: list[str], title: str) -> tuple[int, int] | None:
    """Return where a section starts and where the next one does."""
    starts = [n for n, line in enumerate(lines) if line.strip() == title]
    if not starts:
        return None
    rest = range(starts[0] + 1, len(lines))
    return starts[0], next((n for n in rest if _is_heading(lines[n])), len(lines))


def _is_heading(line: str) -> bool:
    marks = line[: len(line) - len(line.lstrip("#"))]
    return 1 <= len(marks) <= 3 and line[len(marks) : len(marks) + 1].isspace()  # noqa: PLR2004 - ####: within a rule
