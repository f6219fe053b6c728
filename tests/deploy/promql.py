"""The references of a PromQL expression: its selectors with their label matchers, and the labels that it groups by.

Not a full parser: promtool checks the syntax. This finds names, so that they can be compared with what a server exports.
"""

import dataclasses
import re

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<range>\[[^\]]*\])
      | (?P<number>0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:ms|[smhdwy])?(?:\d+(?:ms|[smhdwy]))*)
      | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
      | (?P<operator>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){},@])""", re.VERBOSE)

GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
KEYWORDS = GROUPING | {"and", "or", "unless", "bool", "offset", "inf", "nan", "atan2", "start", "end"}


@dataclasses.dataclass(frozen=True)
class Matcher:
    label: str
    operator: str
    value: str


@dataclasses.dataclass(frozen=True)
class Selector:
    metric: str
    matchers: tuple


@dataclasses.dataclass
class References:
    selectors: list
    grouping_labels: set


def tokens(expression):
    """(kind, text) of each token; ValueError where there is none."""
    position, found = 0, []
    while position < len(expression):
        match = TOKEN.match(expression, position)
        if not match:
            raise ValueError(f"no PromQL token at {expression[position:position + 20]!r} in {expression!r}")
        if match.lastgroup != "space":
            found.append((match.lastgroup, match.group()))
        position = match.end()
    return found


def references(expression):
    """The selectors and grouping labels of `expression`. Grafana's variables count as durations or any value."""
    expression = re.sub(r"\$(?:__\w+|\{?\w+\}?)", "1m", expression)
    stream = tokens(expression)
    result = References([], set())
    i = 0
    while i < len(stream):
        kind, text = stream[i]
        following = stream[i + 1][1] if i + 1 < len(stream) else ""
        i += 1
        if kind != "name":
            continue
        if text in GROUPING:
            if following == "(":
                i += 1
                while stream[i][1] != ")":
                    if stream[i][0] == "name":
                        result.grouping_labels.add(stream[i][1])
                    i += 1
            continue
        if text.lower() in KEYWORDS or following == "(":
            continue
        if following in GROUPING:  # sum by (…) (…): the aggregation's name stands before its labels.
            continue
        matchers = []
        if following == "{":
            i += 1
            while stream[i][1] != "}":
                if stream[i][0] == "name":
                    matchers.append(Matcher(stream[i][1], stream[i + 1][1], stream[i + 2][1][1:-1]))
                    i += 3
                else:
                    i += 1
            i += 1
        result.selectors.append(Selector(text, tuple(matchers)))
    return result


def exported(text):
    """What a /metrics page in the text format shows: {series name: set of (label, value)}."""
    series = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = re.match(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+\S+", line)
        if not match:
            raise ValueError(f"not a line of the text format: {line!r}")
        labels = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', match.group(2) or "")
        series.setdefault(match.group(1), set()).update(labels)
    return series
