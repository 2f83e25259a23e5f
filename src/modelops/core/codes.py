"""The stable codes of problems: what each one means, an example of the mistake, and the cure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """What `modelops explain` says of a code."""

    title: str
    why: str
    wrong: str
    right: str


CODES: dict[str, Code] = {
    "MO101": Code(
        "Not YAML",
        "The file cannot be read as YAML at all. Usual causes: keys of one level that are not aligned, a quote or "
        "bracket that is not closed, or a text with a special character (: # [ { * & ! % @ `) without quotes.",
        "description: Delay: more than 15 minutes",
        'description: "Delay: more than 15 minutes"',
    ),
    "MO102": Code(
        "A tab",
        "YAML allows only spaces for indentation. Most editors can replace tabs: look for `convert indentation`.",
        "data:\n→target: delayed",
        "data:\n  target: delayed",
    ),
    "MO103": Code(
        "A key is written twice",
        "Most YAML readers silently take the last of two equal keys. Here it is an error, so that nobody edits the "
        "one that does not count.",
        "train:\n  seed: 7\n  seed: 8",
        "train:\n  seed: 8",
    ),
    "MO104": Code(
        "A word that some readers take for a boolean",
        "`yes`, `no`, `on` and `off` are booleans in YAML 1.1 (Kubernetes, many tools) and texts in YAML 1.2 (editors)."
        " The country code NO is the famous victim. Write true or false, or quote the text.",
        "values: [DK, NO, SE]",
        'values: [DK, "NO", SE]',
    ),
    "MO105": Code(
        "A number that readers understand differently",
        "`012` is 10 in YAML 1.1 and 12 in YAML 1.2; `1e3` is a text in one and 1000 in the other; `1_000`, `0x1F` and "
        "`1:30` are similar. Infinity and not-a-number are no limits either.",
        "params: {max_iter: 1e3}",
        "params: {max_iter: 1000}",
    ),
    "MO106": Code(
        "A date where text is meant",
        "Many readers turn an unquoted 2013-01-31 into a date. Only `data.snapshot` and the end of a waiver are dates; "
        "everywhere else quote it.",
        "values: [2013-01-31]",
        'values: ["2013-01-31"]',
    ),
    "MO107": Code(
        "Anchors, merge keys and tags",
        "Anchors (&a) and aliases (*a) may repeat a value as long as they stay small and end. Merge keys (<<), tags"
        " (!!str) and anchors that contain themselves are refused: readers differ, and a small file can expand without"
        " end.",
        "production: {<<: *staging}",
        "production: {replicas: {min: 2, max: 4}}",
    ),
    "MO108": Code(
        "Too large or nested too deep",
        "A spec is about 100 lines. A file of more than 256 KiB, or nested deeper than 40 levels, is a mistake or an"
        " attack.",
        "values: [… one million values …]",
        "columns: {customer: {type: category}}",
    ),
    "MO109": Code(
        "Wrong encoding, or no readable file",
        "Files are UTF-8 without a byte order mark and without control characters.",
        "a file saved as Latin-1 or UTF-16",
        "the same file saved as UTF-8",
    ),
    "MO110": Code(
        "Line ends",
        "Windows line ends (CR LF) are accepted with a warning, because git may show every line as changed. A carriage "
        "return alone is an error.",
        "name: churn␍␊",
        "name: churn␊",
    ),
    "MO111": Code(
        "Several documents in one file",
        "A file holds one spec. A second `---` starts another document, which nothing would read.",
        "kind: Model\n---\nkind: Model",
        "one file per model",
    ),
    "MO112": Code(
        "Empty, or not keys and values",
        "The file is empty, only comments, a list, or a single value.",
        "- kind: Model",
        "kind: Model",
    ),
    "MO113": Code(
        "A key that is no text",
        "A list or mapping cannot be a key, and a key cannot be empty. This often comes from `{{ placeholders }}`"
        " without quotes.",
        "name: {{ model }}",
        "name: churn",
    ),
    "MO120": Code(
        "Unknown key",
        "Nothing reads this key, so it is not accepted and ignored. Usually it is misspelt or belongs somewhere else; "
        "docs/spec.md lists all keys.",
        "gates: [{metrik: roc_auc, min: 0.6}]",
        "gates: [{metric: roc_auc, min: 0.6}]",
    ),
    "MO121": Code(
        "A key is missing",
        "This key has no sensible default and must be written.",
        "data: {sources: {wine: data/wine.csv}}",
        "data: {sources: {wine: data/wine.csv}, target: cultivar}",
    ),
    "MO122": Code(
        "Wrong type",
        "The value is of another kind than the key takes: a text for a number, a single value for a list. Nothing is "
        "converted silently.",
        'seed: "7"',
        "seed: 7",
    ),
    "MO123": Code(
        "Not one of the choices",
        "The key takes one of a few words.",
        "impute: medain",
        "impute: median",
    ),
    "MO124": Code(
        "Outside the limits",
        "The number is smaller or larger than makes sense. Shares are between 0 and 1, not percentages.",
        "missing: 5",
        "missing: 0.05",
    ),
    "MO125": Code(
        "Wrong form",
        "The text does not have the form that the key asks for: a name, a duration, a quantity, an owner.",
        "window: 90 days",
        "window: 90d",
    ),
    "MO126": Code(
        "Not available yet",
        "The key is part of the design, but this version of modelops does nothing with it. It is refused, so that "
        "nobody relies on it.",
        "serve: {slo: {p99_ms: 50}}",
        "serve: {}",
    ),
    "MO127": Code(
        "Too short or too long",
        "A list or text has too few or too many items or characters.",
        "columns: []",
        "columns: [distance]",
    ),
    "MO130": Code(
        "Names",
        "The file is specs/<name>.yaml, so that every tool finds it without reading all files. The name, and what is "
        "derived from it, must be valid in Kubernetes and in image names.",
        "name: flight-delays    # in specs/flight-delay.yaml",
        "name: flight-delay",
    ),
    "MO131": Code(
        "The role of a column",
        "A column is a target, a key, a time or a feature. The target among the features tells the model the answer; "
        "a key as a feature makes it learn rows by heart. Nothing is listed twice.",
        "target: delayed … columns: [distance, delayed]",
        "target: delayed … columns: [distance]",
    ),
    "MO132": Code(
        "Sources and contract",
        "The contract (data.columns), where there is one, names every feature, with a type that fits its group and "
        "limits that fit its type. Secrets never stand in a spec.",
        "columns: {temp: {type: number, min: 130, max: -40}}",
        "columns: {temp: {type: number, min: -40, max: 130}}",
    ),
    "MO133": Code(
        "The metric or option does not fit the task",
        "Classes and numbers are judged by different metrics, and some metrics need probabilities, costs or validation"
        " rows.",
        "task: regression … metrics: [roc_auc]",
        "task: regression … metrics: [mae, rmse]",
    ),
    "MO134": Code(
        "The estimator",
        "The import path must name an estimator for the task. scikit-learn's are checked against an index that ships "
        "with modelops; those of other packages when they are installed.",
        "estimator: sklearn.RandomForestClassifier",
        "estimator: sklearn.ensemble.RandomForestClassifier",
    ),
    "MO135": Code(
        "A parameter of the estimator",
        "The estimator does not know the parameter, or does not take this value.",
        "params: {max_iters: 200}",
        "params: {max_iter: 200}",
    ),
    "MO136": Code(
        "The search",
        "A search space names parameters of the estimator that are not fixed in train.params, with values that the "
        "estimator takes.",
        "space: {max_depth: {low: 2, high: 8}}",
        "space: {max_depth: {low: 2, high: 8, integer: true}}",
    ),
    "MO137": Code(
        "Gates and split",
        "A gate names a metric that is computed, a slice that is declared, and a limit that some models pass and some"
        " do not.",
        "gates: [{metric: mae, min: 30}]",
        "gates: [{metric: mae, max: 30}]",
    ),
    "MO138": Code(
        "A waiver has ended",
        "Waivers expire by themselves: the gate counts again. This is a warning.",
        "waive: {until: 2013-09-30, …}",
        "no waiver, or a later day",
    ),
    "MO140": Code(
        "Times that do not fit together",
        "A time column needs a snapshot and a window; test and validation must leave rows to train on; what counts "
        "days needs a time column.",
        "window: 14d … split: {by: time, test: 14d}",
        "window: 90d … split: {by: time, test: 14d}",
    ),
    "MO141": Code(
        "A snapshot in the future",
        "A snapshot is the last day of the data. A day that has not passed (UTC) would mean other rows tomorrow.",
        "snapshot: 2213-03-31",
        "snapshot: 2013-03-31",
    ),
    "MO142": Code(
        "Serving",
        "Replicas, resources and canary steps must make sense together.",
        "replicas: {min: 4, max: 2}",
        "replicas: {min: 2, max: 4}",
    ),
    "MO143": Code(
        "Monitoring",
        "Triggers must be able to fire, and a model that has just passed its gates must not trigger at once.",
        "gates: [{metric: roc_auc, min: 0.65}] … performance: {metric: roc_auc, min: 0.7}",
        "gates: [{metric: roc_auc, min: 0.65}] … performance: {metric: roc_auc, min: 0.6}",
    ),
    "MO144": Code(
        "An unknown environment",
        "Environments are declared in modelops.yaml.",
        "environments: [prod]",
        "environments: [production]",
    ),
    "MO145": Code(
        "An owner that is not in CODEOWNERS",
        "GitHub asks the owners in CODEOWNERS for a review; an owner that is not in it would never be asked.",
        'owner: "@my-org/nobody"',
        'owner: "@my-org/operations-ml"',
    ),
    "MO150": Code(
        "A source without files",
        "The path or glob matches no file, or a file cannot be read. Paths start at the repository.",
        "flights: data/flight/*.parquet",
        "flights: data/flights/*.parquet",
    ),
    "MO151": Code(
        "The query",
        "DuckDB cannot understand data.query, or it names something else than the declared sources.",
        "query: SELECT * FORM flights",
        "query: SELECT * FROM flights",
    ),
    "MO152": Code(
        "The columns of the data",
        "The query does not return a column that the spec uses, or with values of another kind.",
        "target: delay",
        "target: delayed",
    ),
    "MO201": Code(
        "A lock that was changed by something else",
        "Locks are written by `modelops run` only. An edit by hand, a merge or a formatter makes them untrue.",
        "models/churn/lock.yaml edited by hand",
        "git checkout models/churn/lock.yaml, or modelops run churn",
    ),
    "MO202": Code(
        "A release file that cannot be read",
        "Which version an environment runs is written by `modelops release`, `promote` and `rollback` only.",
        "release.yaml edited by hand",
        "git checkout the file, or release the model again",
    ),
    "MO203": Code(
        "Files of environments that do not fit together",
        "What lies below argocd/ must be what the specs, modelops.yaml and the release files say, because Argo CD acts"
        " on it.",
        "a folder of an environment or model that no longer exists",
        "modelops render, or remove the folder",
    ),
}
