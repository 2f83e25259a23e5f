from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from release_samples import settings
from yamllint import linter
from yamllint.config import YamlLintConfig

from modelops.core.errors import ModelopsError
from modelops.core.settings import Settings
from modelops.release import control
from modelops.spec.load import load_settings

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "schemas"
LINT = YamlLintConfig("{extends: default, rules: {line-length: {max: 120, allow-non-breakable-inline-mappings: true}}}")
METADATA = ("name", "namespace", "labels", "annotations", "finalizers")

names = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)


def strict(node: Any, *, root: bool = False) -> Any:
    """Return a structural schema in which unknown keys are errors, as the API server's strict mode has it."""
    if not isinstance(node, dict):
        return node
    if node.get("x-kubernetes-int-or-string"):
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    result = {key: _strict_part(key, value) for key, value in node.items() if key not in ("format", "default")}
    if root:
        closed = {"type": "object", "additionalProperties": False, "properties": {key: {} for key in METADATA}}
        result["properties"] = {**result["properties"], "metadata": closed}
        result["properties"].pop("status", None)
    if "properties" in result and not node.get("x-kubernetes-preserve-unknown-fields"):
        result.setdefault("additionalProperties", False)
    return result


def _strict_part(key: str, value: Any) -> Any:
    if key in ("properties", "patternProperties"):
        return {name: strict(below) for name, below in value.items()}
    return strict(value) if key in ("items", "additionalProperties", "not") else value


def check_schema(item: dict[str, Any]) -> None:
    group, version = item["apiVersion"].split("/")
    schema = json.loads((SCHEMAS / f"{group}_{item['kind']}_{version}.json").read_text())
    errors = [
        f"{list(error.absolute_path)}: {error.message}"
        for error in Draft7Validator(strict(schema, root=True)).iter_errors(item)
    ]
    assert errors == []


def everything(platform: Settings) -> list[dict[str, Any]]:
    return [item for text in control.render(platform).values() for item in yaml.safe_load_all(text)]


def one(platform: Settings, kind: str, name: str) -> dict[str, Any]:
    (found,) = [item for item in everything(platform) if (item["kind"], item["metadata"]["name"]) == (kind, name)]
    return found


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas of custom resources are not beside this repository")
def test_every_object_passes_the_strict_schema_of_its_kind() -> None:
    for item in everything(settings()):
        check_schema(item)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas of custom resources are not beside this repository")
def test_the_strict_schema_notices_a_typo() -> None:
    item = one(settings(), "ApplicationSet", "model-ops-staging")
    item["spec"]["template"]["spec"]["syncPolicy"]["automated"]["selfheal"] = True
    with pytest.raises(AssertionError, match="selfheal"):
        check_schema(item)


@given(st.lists(names, min_size=1, max_size=4, unique=True), st.from_regex(r"[A-Za-z0-9._-]{1,30}", fullmatch=True))
@hypothesis_settings(max_examples=15, deadline=None)
def test_any_settings_give_clean_stable_yaml_with_usable_names(environments: list[str], repository: str) -> None:
    platform = settings(**{name: {"namespace": f"models-{place}"} for place, name in enumerate(environments)})
    platform = platform.model_copy(update={"repository": repository})
    files = control.render(platform)
    assert files == control.render(platform)
    assert sorted(files) == sorted(
        ["argocd/bootstrap/project.yaml", "argocd/bootstrap/root.yaml"]
        + [f"argocd/control/{name}.yaml" for name in environments]
    )
    for text in files.values():
        assert list(linter.run(text, LINT)) == []
        for item in yaml.safe_load_all(text):
            label = item["metadata"]["name"]
            assert label.strip("-") == label
            assert label.replace("-", "").isalnum()
            assert label.isascii()
            assert label.islower()


def test_the_committed_files_are_what_the_settings_render(repository_root: Path) -> None:
    for path, text in control.render(load_settings(repository_root)).items():
        assert (repository_root / path).read_text() == text, f"{path} is stale: modelops render"


def test_each_environment_is_kept_to_its_own_place() -> None:
    for name in ("staging", "production"):
        project = one(settings(), "AppProject", f"model-ops-{name}")["spec"]
        place = {"server": "https://kubernetes.default.svc", "namespace": f"models-{name}"}
        assert project["destinations"] == [place]
        assert project["sourceRepos"] == ["https://github.com/acme/model-ops.git"]
        assert project["clusterResourceWhitelist"] == [{"group": "", "kind": "Namespace", "name": f"models-{name}"}]
        template = one(settings(), "ApplicationSet", f"model-ops-{name}")["spec"]["template"]
        assert template["spec"]["destination"] == place
        assert template["spec"]["project"] == f"model-ops-{name}"


def test_the_project_allows_every_kind_that_a_model_has() -> None:
    from release_samples import release, spec

    from modelops.release import manifests

    allowed = {
        (item["group"], item["kind"])
        for item in one(settings(), "AppProject", "model-ops-staging")["spec"]["namespaceResourceWhitelist"]
    }
    rendered = manifests.render(spec(low=2, high=9), settings(), release())
    used = {(item["apiVersion"].rpartition("/")[0], item["kind"]) for item in yaml.safe_load_all(rendered)}
    assert used == allowed


def test_an_application_is_made_of_every_pin_and_reads_only_the_manifests_beside_it() -> None:
    spec = one(settings(), "ApplicationSet", "model-ops-staging")["spec"]
    (generator,) = spec["generators"]
    assert generator["git"]["files"] == [{"path": "argocd/environments/staging/*/release.yaml"}]
    assert (spec["goTemplate"], spec["goTemplateOptions"]) == (True, ["missingkey=error"])
    source = spec["template"]["spec"]["source"]
    assert source["path"] == "argocd/environments/staging/{{ .path.basename }}"
    assert source["directory"] == {"recurse": False, "include": "manifests.yaml"}
    assert "ignoreDifferences" not in spec["template"]["spec"]


def test_only_the_last_environment_keeps_its_models_whatever_git_says() -> None:
    staging = one(settings(), "ApplicationSet", "model-ops-staging")
    production = one(settings(), "ApplicationSet", "model-ops-production")
    assert "syncPolicy" not in staging["spec"]
    assert production["spec"]["syncPolicy"] == {
        "applicationsSync": "create-update",
        "preserveResourcesOnDeletion": True,
    }
    assert production["metadata"]["annotations"] == {"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm"}
    assert production["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]


def test_the_root_may_make_sets_and_projects_only() -> None:
    project = one(settings(), "AppProject", "model-ops-control")["spec"]
    assert {item["kind"] for item in project["namespaceResourceWhitelist"]} == {"ApplicationSet", "AppProject"}
    assert project["clusterResourceWhitelist"] == []
    root = one(settings(), "Application", "model-ops-root")["spec"]
    assert (root["project"], root["source"]["path"]) == ("model-ops-control", "argocd/control")


def test_two_environments_in_one_namespace_are_refused() -> None:
    with pytest.raises(ModelopsError, match="environments staging and production share namespace models of cluster"):
        control.render(settings(staging={}, production={}))
    other = "https://eu.acme.internal:6443"
    assert control.render(settings(staging={}, production={"cluster": other}))
