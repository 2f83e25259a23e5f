"""What Argo CD is told about the environments: one AppProject and one ApplicationSet each, and the root above them.

Everything comes from `modelops.yaml`. Projects are literal: a project from a template would need everybody who may
write to git to be trusted like an administrator of Argo CD.
"""

from __future__ import annotations

from typing import Any

from modelops.core.errors import ModelopsError
from modelops.core.settings import Environment, Settings
from modelops.release.bootstrap import API, metadata, project_name, repository
from modelops.release.bootstrap import render as render_bootstrap
from modelops.release.document import dump

HEADER = "# rendered by `modelops render` from modelops.yaml; do not edit\n"
# What a model consists of; Argo CD refuses everything else.
KINDS = (
    ("", "Service"),
    ("apps", "Deployment"),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("policy", "PodDisruptionBudget"),
)
FINALIZER = "resources-finalizer.argocd.argoproj.io"
# Somebody has to say so in Argo CD before production's control objects go.
CONFIRM = {"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm"}


def render(settings: Settings) -> dict[str, str]:
    """Return every file that Argo CD itself is set up with: path from the repository's root to text.

    Raises
    ------
    ModelopsError
        When two environments would put their models in the same place.
    """
    _check_places(settings)
    files = {path: HEADER + _join([item]) for path, item in render_bootstrap(settings).items()}
    for name in settings.environments:
        objects = [project(settings, name), application_set(settings, name)]
        files[f"argocd/control/{name}.yaml"] = HEADER + _join(objects)
    return files


def _join(objects: list[dict[str, Any]]) -> str:
    # One line per value, however long: a fork's name changes no line breaks, so the template can put it in as text.
    return "".join(f"---\n{dump(item, width=0)}" for item in objects)


def _check_places(settings: Settings) -> None:
    taken: dict[tuple[str, str], str] = {}
    for name, environment in settings.environments.items():
        place = (environment.cluster, environment.namespace)
        if place in taken:
            raise ModelopsError(
                f"environments {taken[place]} and {name} share namespace {environment.namespace} "
                f"of cluster {environment.cluster}: each would overwrite the other's models",
                hint=f"give environments.{name}.namespace in modelops.yaml another value",
            )
        taken[place] = name


def _is_production(settings: Settings, name: str) -> bool:
    return name == list(settings.environments)[-1]


def _destination(environment: Environment) -> dict[str, str]:
    return {"server": environment.cluster, "namespace": environment.namespace}


def project(settings: Settings, name: str) -> dict[str, Any]:
    """Return the project that keeps an environment's models to its namespace and to the kinds of a model."""
    environment = settings.environments[name]
    annotations = {"argocd.argoproj.io/sync-wave": "-1"}
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": {
            **metadata(project_name(settings, name)),
            "annotations": annotations | (CONFIRM if _is_production(settings, name) else {}),
            "finalizers": [FINALIZER],
        },
        "spec": {
            "description": f"Models in {name}",
            "sourceRepos": [repository(settings)],
            "destinations": [_destination(environment)],
            "clusterResourceWhitelist": [{"group": "", "kind": "Namespace", "name": environment.namespace}],
            "namespaceResourceWhitelist": [{"group": group, "kind": kind} for group, kind in KINDS],
        },
    }


def application_set(settings: Settings, name: str) -> dict[str, Any]:
    """Return the set that makes one Application of every pin in an environment's folder."""
    production = _is_production(settings, name)
    spec: dict[str, Any] = {
        "goTemplate": True,
        "goTemplateOptions": ["missingkey=error"],
        "generators": [
            {
                "git": {
                    "repoURL": repository(settings),
                    "revision": settings.branch,
                    "requeueAfterSeconds": 180,
                    "files": [{"path": f"argocd/environments/{name}/*/release.yaml"}],
                }
            }
        ],
    }
    if production:
        # A bad commit may stop updates, it may not take a model away.
        spec["syncPolicy"] = {"applicationsSync": "create-update", "preserveResourcesOnDeletion": True}
    spec["template"] = _template(settings, name)
    about = metadata(project_name(settings, name))
    if production:
        # The finalizer gives the controller time to let go of its Applications before the set is gone.
        about |= {"annotations": CONFIRM, "finalizers": [FINALIZER]}
    return {"apiVersion": API, "kind": "ApplicationSet", "metadata": about, "spec": spec}


def _template(settings: Settings, name: str) -> dict[str, Any]:
    return {
        "metadata": {
            # Neither name may hold a dot, so no two pairs of model and environment share a name.
            "name": f"{{{{ .path.basename }}}}.{name}",
            "labels": {"modelops.dev/model": "{{ .path.basename }}", "modelops.dev/environment": name},
            "annotations": {
                "argocd.argoproj.io/compare-options": "ServerSideDiff=true",
                "argocd.argoproj.io/manifest-generate-paths": ".",
            },
        },
        "spec": {
            "project": project_name(settings, name),
            "source": {
                "repoURL": repository(settings),
                "targetRevision": settings.branch,
                "path": f"argocd/environments/{name}/{{{{ .path.basename }}}}",
                "directory": {"recurse": False, "include": "manifests.yaml"},
            },
            "destination": _destination(settings.environments[name]),
            "revisionHistoryLimit": 10,
            "syncPolicy": _sync_policy(),
        },
    }


def _sync_policy() -> dict[str, Any]:
    labels = {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
    }
    return {
        "automated": {"enabled": True, "prune": True, "selfHeal": True, "allowEmpty": False},
        "managedNamespaceMetadata": {"labels": labels},
        "syncOptions": [
            "CreateNamespace=true",
            "ServerSideApply=true",
            "ApplyOutOfSyncOnly=true",
            "PruneLast=true",
            "FailOnSharedResource=true",
        ],
        "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}},
    }
