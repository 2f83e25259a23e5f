"""What is applied to Argo CD once, by hand: the root Application and the project that keeps it small."""

from __future__ import annotations

from typing import Any

from modelops.core.settings import Settings

API = "argoproj.io/v1alpha1"
# Where Argo CD runs, as its own installation manifests have it.
NAMESPACE = "argocd"
SERVER = "https://kubernetes.default.svc"


def repository(settings: Settings) -> str:
    """Return the address that Argo CD clones."""
    return f"{settings.url}.git"


def project_name(settings: Settings, part: str) -> str:
    """Return the name of the project of one part of this repository: repositories may share an Argo CD."""
    name = "".join(letter if letter.isalnum() else "-" for letter in settings.repository.lower())
    return f"{name.strip('-') or 'models'}-{part}"


def metadata(name: str) -> dict[str, Any]:
    """Return the metadata of an object that Argo CD itself reads."""
    return {"name": name, "namespace": NAMESPACE}


def render(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the objects to apply once: path from the repository's root to object."""
    return {
        "argocd/bootstrap/project.yaml": project(settings),
        "argocd/bootstrap/root.yaml": root(settings),
    }


def project(settings: Settings) -> dict[str, Any]:
    """Return the project of the root: it may only make ApplicationSets and AppProjects."""
    return {
        "apiVersion": API,
        "kind": "AppProject",
        "metadata": metadata(project_name(settings, "control")),
        "spec": {
            "description": "The environments themselves: ApplicationSets and AppProjects, nothing else",
            "sourceRepos": [repository(settings)],
            "destinations": [{"server": SERVER, "namespace": NAMESPACE}],
            "clusterResourceWhitelist": [],
            "namespaceResourceWhitelist": [
                {"group": "argoproj.io", "kind": "ApplicationSet"},
                {"group": "argoproj.io", "kind": "AppProject"},
            ],
        },
    }


def root(settings: Settings) -> dict[str, Any]:
    """Return the Application that keeps `argocd/control` applied."""
    return {
        "apiVersion": API,
        "kind": "Application",
        "metadata": metadata(project_name(settings, "root")),
        "spec": {
            "project": project_name(settings, "control"),
            "source": {
                "repoURL": repository(settings),
                "targetRevision": settings.branch,
                "path": "argocd/control",
                "directory": {"recurse": True},
            },
            "destination": {"server": SERVER, "namespace": NAMESPACE},
            "syncPolicy": {
                "automated": {"enabled": True, "prune": True, "selfHeal": True},
                "syncOptions": ["ServerSideApply=true"],
            },
        },
    }
