"""Refuse answers that would give a repository which does not work. Standard library only."""

import json
import re
import sys

ANSWERS = json.loads({{ cookiecutter | jsonify | tojson }})
RULES = {
    "repo_slug": (
        r"[a-z][a-z0-9-]{0,61}[a-z0-9]",
        "lower-case letters, digits and hyphens, 2 to 63 of them, starting with a letter: my-models",
    ),
    "owner": (
        r"(?=.{1,39}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*",
        "a GitHub user or organisation, without @: my-org",
    ),
    "registry": (
        r"[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
        "a host and a path in lower case, without https:// and without a tag: ghcr.io/my-org/models",
    ),
}


def main() -> int:
    """Print every wrong answer and return the exit code."""
    wrong = [name for name, (pattern, _) in RULES.items() if not re.fullmatch(pattern, str(ANSWERS[name]))]
    for name in wrong:
        print(f'error: {name} = "{ANSWERS[name]}": give {RULES[name][1]}', file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
