"""Copy this repository's own files into the new project, then put the answers in. Standard library only."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ANSWERS = json.loads({{ cookiecutter | jsonify | tojson }})
TEMPLATE = Path({{ template_root | tojson }})
PROJECT = Path.cwd()
# What serves only the template, and what its own runs made: a new repository has no locks and no releases.
TEMPLATE_ONLY = ("cookiecutter.json", "hooks/*", "tests/template/*", ".github/workflows/template-*.yml")
UNTRACKED = {".venv", ".modelops", "__pycache__"}
MADE_BY_RUNS = (
    "models/*/lock.yaml",
    "models/*/reference.json",
    "models/*/README.md",
    "argocd/environments/*/*/release.yaml",
    "argocd/environments/*/*/manifests.yaml",
)


def template_files() -> list:
    """Return what git tracks, or every file where the template is an unpacked archive; relative paths."""
    if not (TEMPLATE / ".git").exists():
        every = [path.relative_to(TEMPLATE) for path in TEMPLATE.rglob("*") if path.is_file()]
        return [path for path in every if not any(part in UNTRACKED for part in path.parts)]
    try:
        listing = subprocess.run(
            ["git", "-C", str(TEMPLATE), "ls-files", "-z"], check=True, stdout=subprocess.PIPE, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: git cannot list the files of the template in {TEMPLATE}: {error}")
    return [Path(name) for name in listing.stdout.split("\0") if name]


def is_copied(path: Path) -> bool:
    """Return whether a file of the template belongs into a new repository."""
    if "cookiecutter." in path.parts[0] or not (TEMPLATE / path).is_file():
        return False
    return not any(path.match(pattern) for pattern in TEMPLATE_ONLY + MADE_BY_RUNS)


def main() -> None:
    """Copy, personalise, and say what to do next."""
    for path in filter(is_copied, template_files()):
        target = PROJECT / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TEMPLATE / path, target)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(PROJECT / "src"))
    from modelops.scaffold import Identity, personalise

    done = personalise(PROJECT, Identity(ANSWERS["owner"], ANSWERS["repo_slug"], ANSWERS["registry"]))
    if done.missing:
        sys.exit("error: the template does not hold what should be replaced:\n  " + "\n  ".join(done.missing))
    print(
        f"{PROJECT.name} is ready. Next:\n"
        f"  cd {PROJECT.name}\n"
        "  git init --initial-branch=main && git add --all && git commit --message 'Start from the template'\n"
        "  make demo"
    )


main()
