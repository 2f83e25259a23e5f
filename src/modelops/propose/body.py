"""The pull request that shows a retrain: one pure function per section, for a decision in two minutes."""

from __future__ import annotations

from collections.abc import Callable

from modelops.core.forge import BODY_LIMIT
from modelops.propose import verdict, why
from modelops.propose.case import Case
from modelops.propose.decide import WORSE_FACTOR, WORSE_SCORE
from modelops.propose.words import name, score
from modelops.report.markdown import escape, section

# Room for the metadata behind the body.
LIMIT = BODY_LIMIT - 2_000
CUT = "_This description was cut to fit; the rest is in the model card._\n\n"


def title(case: Case) -> str:
    """Return the title."""
    what = f"{case.spec.name} on data up to {case.spec.data.snapshot}"
    return f"Retrain {what}" if case.mergeable else f"Do not merge: retrain of {what} fails its gates"


def render(case: Case) -> str:
    """Return the body, below GitHub's limit: where it is too long, the longest sections of evidence are left out."""
    texts = {write: write(case) for write in SECTIONS}
    cut = ""
    while sum(map(len, texts.values())) > LIMIT:
        texts[max(EVIDENCE, key=lambda write: len(texts[write]))] = ""
        cut = CUT
    return ("".join(texts.values()) + cut).rstrip() + "\n"


def summary(case: Case) -> str:
    """Return the first lines: what to decide, and on what."""
    # The owner as a mention: somebody has to look.
    return f"{verdict.headline(case)}\n\n{verdict.outcome(case)}\n\nFor {case.spec.owner} to decide.\n\n"


def doing_nothing(case: Case) -> str:
    """Return what happens without a merge."""
    metric = case.spec.metrics[0]
    champion = case.champion
    accepted = champion.resolved.metrics.get(metric)
    lines = [f"Version {champion.version} goes on as it is, on data that ends at {champion.resolved.data.snapshot}."]
    comparison = case.candidate.resolved.champion
    now = comparison.metrics.get(metric) if comparison and not comparison.undecided else None
    if accepted and accepted.value is not None and now and now.champion is not None:
        lines.append(
            f"When it was accepted, its {name(metric)} was {score(accepted.value)} on its own test rows; "
            f"on the newest rows it is {score(now.champion)}."
        )
    lines.append("While this pull request is open, the next run that finds drift brings it up to date in place.")
    return section("If you do nothing", " ".join(lines))


def merging(case: Case) -> str:
    """Return what a merge does and how to take it back."""
    model, version = case.spec.name, case.candidate.version
    if case.environment:
        does = (
            f"Merging moves {case.environment} to version {version}; nothing is trained or built again. "
            f"Further environments move when somebody runs `modelops promote {model} --to ENVIRONMENT`."
        )
        back = (
            f"To roll back: `modelops rollback {model} --in {case.environment}`, or revert the merge commit. "
            "Either gives back the manifests that ran before, byte for byte."
        )
        return section("Merging, and rolling back", f"{does}\n\n{back}")
    if not case.mergeable:
        failed = "This branch holds the changed line of the spec only: no lock and no pin, so a merge deploys nothing."
        return section(
            "Merging, and rolling back", f"{failed} It leaves a spec that its lock does not match, so please do not."
        )
    later = (
        f"Merging makes version {version} the one to release, but moves no environment: {escape(case.refusal)}. "
        f"Then `modelops release {model}`. To undo, revert the merge commit."
    )
    return section("Merging, and rolling back", later)


def refusing(case: Case) -> str:
    """Return how to say no, for now or to the policy."""
    spec = f"specs/{case.spec.name}.yaml"
    return section(
        "Not now",
        "- **Close it**: it comes back only when another version runs, or when the drift is materially worse: "
        f"another trigger, {WORSE_SCORE * 100:g} points more of the columns, or {WORSE_FACTOR:g} times the weighted "
        "PSI or the age.\n"
        f"- **Snooze it**: in `{spec}`, below `monitor`, write "
        '`snooze: {until: YYYY-MM-DD, why: "…"}`, on the default branch.\n'
        f"- **Change the policy**: `monitor.drift` and `monitor.schedule` in `{spec}`.\n"
        "- **Change the candidate**: push to this branch. It is yours from then on and is never overwritten.\n",
    )


def reproduce(case: Case) -> str:
    """Return the commands that come to the same, and where the files are."""
    model = case.spec.name
    same = "`resolved` in the lock stays the same" if case.mergeable else "the same gates fail"
    commands = "\n".join(
        [
            f"git fetch origin {case.branch} && git switch --detach FETCH_HEAD",
            f"modelops drift {model} --as-of {case.drift.as_of}",
            f"modelops run {model} --refresh   # trains again: {same}",
        ]
    )
    files = [f"specs/{model}.yaml"]
    if case.mergeable:
        files += [f"models/{model}/lock.yaml", f"models/{model}/README.md"]
    if case.environment:
        files.append(f"argocd/environments/{case.environment}/{model}/manifests.yaml")
    links = " · ".join(f"[{path}](../blob/{case.branch}/{path})" for path in files)
    return section("See for yourself", f"```sh\n{commands}\n```\n\n{links}")


def closing_note(reason: str) -> str:
    """Return what is said when the tool closes its own pull request."""
    return f"Closed: {reason}. A new pull request is opened when there is drift again."


SECTIONS: tuple[Callable[[Case], str], ...] = (
    summary,
    why.now,
    verdict.comparison,
    verdict.slices,
    verdict.gates,
    doing_nothing,
    merging,
    refusing,
    reproduce,
)
EVIDENCE = (why.now, verdict.comparison, verdict.slices, verdict.gates)
