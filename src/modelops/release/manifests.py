"""The Kubernetes objects of one model in one environment, as plain YAML that Argo CD reads.

Defaults of the API server are written out where a difference could show, quantities are in the server's own form, and
an autoscaled Deployment names no `replicas`: what is in git is what a cluster gives back.
"""

from __future__ import annotations

from typing import Any

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.settings import Settings
from modelops.records.release import Release
from modelops.release.document import dump
from modelops.release.quantity import canonical
from modelops.spec.model import Spec
from modelops.spec.operation import Replicas

NAME = "manifests.yaml"
HEADER = "# rendered by `modelops render` from the spec, modelops.yaml and release.yaml; do not edit\n"
PORT = 3000
# The user of the images that BentoML builds.
USER = 1034
Object = dict[str, Any]


def render(spec: Spec, settings: Settings, release: Release) -> str:
    """Return the manifests of the pinned version in its environment.

    Raises
    ------
    ModelopsError
        When the version has no image digest and the environment refuses unpinned images.
    """
    replicas = spec.serve.override(release.environment).replicas or spec.serve.replicas
    namespace = settings.environments[release.environment].namespace
    objects = [deployment(spec, settings, release, replicas), service(spec.name)]
    if replicas.max > replicas.min:
        objects.append(autoscaler(spec.name, replicas))
    if replicas.min > 1:
        objects.append(disruption_budget(spec.name))
    for item in objects:
        item["metadata"] = {"name": spec.name, "namespace": namespace, **item["metadata"]}
    return HEADER + "".join(f"---\n{dump(item, width=60)}" for item in objects)


def image(settings: Settings, release: Release) -> str:
    """Return the image of a pinned version: by digest, else by a tag that names the Bento.

    Raises
    ------
    ModelopsError
        When the version has no image digest and the environment refuses unpinned images.
    """
    name = settings.image(release.model)
    if release.image is not None:
        return f"{name}@{release.image}"
    if settings.environments[release.environment].unpinned_images == "refuse":
        raise ModelopsError(
            f"{release.environment} only runs images pinned by digest, "
            f"and version {release.version} of {release.model} has none",
            hint=f"modelops package {release.model} --push builds and pushes it and pins it in the lock; then release "
            f"that. To try without a registry, write unpinned_images: accept below environments.{release.environment} "
            "in modelops.yaml",
        )
    return f"{name}:{digest.short(release.bento)}"


def _metadata(name: str) -> Object:
    return {"name": name, "labels": {**_selector(name), "app.kubernetes.io/part-of": "modelops"}}


def _selector(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name}


def deployment(spec: Spec, settings: Settings, release: Release, replicas: Replicas) -> Object:
    """Return the Deployment; `replicas` is left to the autoscaler where there is one."""
    metadata = _metadata(spec.name)
    metadata["annotations"] = _annotations(release)
    body: Object = {} if replicas.max > replicas.min else {"replicas": replicas.min}
    body |= {
        "revisionHistoryLimit": 3,
        "progressDeadlineSeconds": 600,
        "selector": {"matchLabels": _selector(spec.name)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
        "template": {
            "metadata": {"labels": {**metadata["labels"], "app.kubernetes.io/version": str(release.version)}},
            "spec": _pod(spec, image(settings, release), release.environment),
        },
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": body}


def _annotations(release: Release) -> dict[str, str]:
    annotations = {
        "modelops.dev/lock": release.lock,
        "modelops.dev/snapshot": release.snapshot,
        "modelops.dev/bento": release.bento,
    }
    if release.image is None:
        annotations["modelops.dev/unpinned-image"] = "true"
    return annotations


def _pod(spec: Spec, image_name: str, environment: str) -> Object:
    """Return a pod that passes the restricted pod security standard."""
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(spec, image_name, environment)],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}],
    }


def _container(spec: Spec, image_name: str, environment: str) -> Object:
    resources = spec.serve.override(environment).resources or spec.serve.resources
    memory = canonical(resources.memory)
    return {
        "name": "model",
        "image": image_name,
        "imagePullPolicy": "IfNotPresent",
        "env": [
            {"name": "BENTOML_DO_NOT_TRACK", "value": "True"},
            # The root file system is read-only.
            {"name": "BENTOML_HOME", "value": "/tmp/bentoml"},  # noqa: S108 - inside the pod
            {"name": "OMP_NUM_THREADS", "value": "1"},
        ],
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "startupProbe": _probe("/readyz", period=2, failures=60),
        "readinessProbe": _probe("/readyz", period=5, failures=3),
        "livenessProbe": _probe("/livez", period=10, failures=3),
        # Endpoints forget a pod a moment after it is told to stop: answer until they have.
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "resources": {"requests": {"cpu": canonical(resources.cpu), "memory": memory}, "limits": {"memory": memory}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - inside the pod
    }


def _probe(path: str, *, period: int, failures: int) -> Object:
    return {
        "httpGet": {"path": path, "port": "http", "scheme": "HTTP"},
        "periodSeconds": period,
        "timeoutSeconds": 2,
        "successThreshold": 1,
        "failureThreshold": failures,
    }


def service(name: str) -> Object:
    """Return the Service that clients call, on port 80."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(name),
        "spec": {
            "type": "ClusterIP",
            "selector": _selector(name),
            "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}],
        },
    }


def autoscaler(name: str, replicas: Replicas) -> Object:
    """Return the autoscaler that keeps the mean processor use near 70% of the request."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": _metadata(name),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": replicas.min,
            "maxReplicas": replicas.max,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
                }
            ],
        },
    }


def disruption_budget(name: str) -> Object:
    """Return the budget by which a node is drained one pod at a time, pods that are not ready first."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _metadata(name),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": _selector(name)},
        },
    }
