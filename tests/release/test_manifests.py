from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from release_samples import release, settings, sha, spec
from yamllint import linter
from yamllint.config import YamlLintConfig

from modelops.core.errors import ModelopsError
from modelops.core.settings import Settings
from modelops.records.release import Release
from modelops.release import manifests
from modelops.release.quantity import canonical
from modelops.spec.model import Spec

LINT = YamlLintConfig("{extends: default, rules: {line-length: {max: 120, allow-non-breakable-inline-mappings: true}}}")


def objects(text: str) -> dict[str, dict[str, Any]]:
    return {item["kind"]: item for item in yaml.safe_load_all(text)}


def pod(text: str) -> dict[str, Any]:
    found: dict[str, Any] = objects(text)["Deployment"]["spec"]["template"]["spec"]
    return found


def check(text: str, kubernetes: str = "1.37") -> None:
    """Every object passes Kubernetes' own schema, strictly; the text is clean YAML without aliases."""
    for item in yaml.safe_load_all(text):
        kubernetes_validate.validate(item, kubernetes, strict=True)
    assert list(linter.run(text, LINT)) == []
    assert not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text))


names = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)
digests = st.text("0123456789abcdef", min_size=64, max_size=64).map(lambda digits: f"sha256:{digits}")
quantities = st.builds("{}{}".format, st.integers(1, 5000), st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi"]))
replicas = st.tuples(st.integers(1, 50), st.integers(0, 50)).map(lambda pair: {"min": pair[0], "max": sum(pair)})


@st.composite
def cases(draw: st.DrawFn) -> tuple[Spec, Settings, Release]:
    name, environment = draw(names), draw(names)
    changed = {"replicas": draw(replicas), "resources": {"cpu": draw(quantities), "memory": draw(quantities)}}
    override = draw(st.sampled_from([None, {"replicas": {"min": 3, "max": 3}}, {"resources": {"cpu": "2"}}]))
    model = Spec.model_validate(
        spec().model_dump(by_alias=True)
        | {"name": name, "serve": changed | ({"environments": {environment: override}} if override else {})}
    )
    registry = draw(st.sampled_from(["ghcr.io/acme/models", "localhost:5000", "r.acme.internal:443/a/b_c"]))
    platform = settings(**{environment: {"namespace": draw(names), "unpinned_images": "accept"}})
    image = draw(st.none() | digests)
    pin = Release(
        model=name,
        environment=environment,
        version=draw(st.integers(1, 10**6)),
        lock=draw(digests),
        snapshot=draw(
            st.sampled_from(["1", "2013-03-31", "y", "1e3", "0o17", "null", "été: #1", "2013-03-31T05:00:00Z"])
        ),
        bento=draw(digests),
        image=image,
    )
    return model, platform.model_copy(update={"registry": registry}), pin


@given(cases())
@hypothesis_settings(max_examples=30, deadline=None)
def test_whatever_is_rendered_is_valid_stable_and_pinned(case: tuple[Spec, Settings, Release]) -> None:
    model, platform, pin = case
    text = manifests.render(model, platform, pin)
    check(text)
    assert text == manifests.render(model, platform, pin)
    (container,) = pod(text)["containers"]
    image = f"{platform.registry}/{model.name}"
    assert container["image"] == (f"{image}@{pin.image}" if pin.image else f"{image}:{pin.bento[7:19]}")
    deployment = objects(text)["Deployment"]
    assert (deployment["metadata"]["annotations"].get("modelops.dev/unpinned-image") == "true") is (pin.image is None)
    wanted = model.serve.override(pin.environment).replicas or model.serve.replicas
    assert ("HorizontalPodAutoscaler" in text) is (wanted.max > wanted.min) is ("replicas" not in deployment["spec"])
    assert ("PodDisruptionBudget" in text) is (wanted.min > 1)
    namespaces = {item["metadata"]["namespace"] for item in objects(text).values()}
    assert namespaces == {platform.environments[pin.environment].namespace}
    for item in yaml.safe_load_all(text):
        labels = item["metadata"].get("labels", {}) | item["metadata"].get("annotations", {})
        assert all(isinstance(value, str) for value in labels.values())


@pytest.mark.parametrize("kubernetes", ["1.30", "1.33", "1.37"])
def test_older_and_newer_clusters_take_the_same_objects(kubernetes: str) -> None:
    check(manifests.render(spec(low=2, high=10), settings(), release()), kubernetes)


def test_one_replica_is_a_deployment_and_a_service() -> None:
    found = objects(manifests.render(spec(), settings(), release()))
    assert list(found) == ["Deployment", "Service"]
    assert found["Deployment"]["spec"]["replicas"] == 1


def test_an_autoscaled_deployment_names_no_replicas() -> None:
    found = objects(manifests.render(spec(low=2, high=10), settings(), release()))
    assert list(found) == ["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"]
    assert "replicas" not in found["Deployment"]["spec"]
    assert found["HorizontalPodAutoscaler"]["spec"]["minReplicas"] == 2
    assert found["HorizontalPodAutoscaler"]["spec"]["maxReplicas"] == 10


def test_selectors_find_the_pods_and_nothing_of_another_model() -> None:
    found = objects(manifests.render(spec(low=2, high=10), settings(), release()))
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        found["Deployment"]["spec"]["selector"]["matchLabels"],
        found["Service"]["spec"]["selector"],
        found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert selector["app.kubernetes.io/name"] == "wine"


def test_the_pod_passes_the_restricted_standard() -> None:
    found = pod(manifests.render(spec(), settings(), release()))
    (container,) = found["containers"]
    assert found["securityContext"]["runAsNonRoot"] is True
    assert found["securityContext"]["runAsUser"] == 1034
    assert found["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert found["automountServiceAccountToken"] is False
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http", "scheme": "HTTP"}
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["ports"] == [{"name": "http", "containerPort": 3000, "protocol": "TCP"}]


def test_what_the_server_writes_is_mounted_because_the_root_is_read_only() -> None:
    found = pod(manifests.render(spec(), settings(), release()))
    (container,) = found["containers"]
    home = next(item["value"] for item in container["env"] if item["name"] == "BENTOML_HOME")
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    assert any(home.startswith(f"{path}/") for path in mounts)


def test_overrides_of_an_environment_count_there_only() -> None:
    plain = spec().model_dump(by_alias=True)
    model = Spec.model_validate(
        plain
        | {
            "serve": {
                "environments": {
                    "staging": {"replicas": {"min": 1, "max": 1}, "resources": {"cpu": "100m"}},
                    "production": {},
                },
                "replicas": {"min": 4, "max": 4},
            }
        }
    )
    staging = objects(manifests.render(model, settings(), release("staging")))["Deployment"]["spec"]
    production = objects(manifests.render(model, settings(), release("production")))["Deployment"]["spec"]
    assert (staging["replicas"], production["replicas"]) == (1, 4)
    resources = staging["template"]["spec"]["containers"][0]["resources"]
    assert resources == {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}}


def test_production_refuses_an_image_without_a_digest_and_says_what_to_do() -> None:
    with pytest.raises(ModelopsError) as caught:
        manifests.render(spec(), settings(), release("production", image=None))
    assert "production only runs images pinned by digest, and version 1 of wine has none" in str(caught.value)
    assert "modelops package wine --push" in caught.value.hint
    assert "unpinned_images: accept below environments.production" in caught.value.hint


def test_an_accepted_image_without_a_digest_is_a_tag_that_names_the_bento() -> None:
    text = manifests.render(spec(), settings(), release("staging", image=None))
    assert pod(text)["containers"][0]["image"] == f"ghcr.io/acme/models/wine:{'f' * 12}"
    assert objects(text)["Deployment"]["metadata"]["annotations"]["modelops.dev/unpinned-image"] == "true"
    assert "unpinned" not in manifests.render(spec(), settings(), release("staging", image=sha("d")))


@pytest.mark.parametrize(
    ("written", "canonical_form"),
    [
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1.5", "1500m"),
        ("250m", "250m"),
        ("2", "2"),
        ("1024Mi", "1Gi"),
        ("0.5Gi", "512Mi"),
        ("1536Mi", "1536Mi"),
        ("512Mi", "512Mi"),
        ("1000M", "1G"),
        ("1000", "1k"),
        ("0", "0"),
        ("0.0001", "1m"),
        ("1.5Ki", "1536"),
    ],
)
def test_quantities_are_written_as_the_api_server_writes_them(written: str, canonical_form: str) -> None:
    assert canonical(written) == canonical_form
    assert canonical(canonical_form) == canonical_form
