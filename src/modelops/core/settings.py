"""Platform settings: `modelops.yaml`, the only place where repository, registry and environments are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")]


class Strict(BaseModel):
    """Base of everything people write: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Environment(Strict):
    """One place that models run in, and a folder below `argocd/environments`."""

    cluster: str = Field(
        default="https://kubernetes.default.svc",
        description="The cluster's API server as Argo CD knows it.",
        examples=["https://kubernetes.default.svc"],
    )
    namespace: str = Field(
        default="models",
        description="Kubernetes namespace that the environment's models share.",
        examples=["models-staging"],
        pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
    )
    unpinned_images: Literal["refuse", "accept"] = Field(
        default="refuse",
        description=(
            "Whether a version without an image digest may be released here. "
            "`accept` is for trying the loop where no container engine exists; such manifests cannot be pulled safely."
        ),
        examples=["refuse"],
    )


class Tracking(Strict):
    """Where runs are logged."""

    uri: str = Field(
        default="sqlite:///.modelops/mlflow.db",
        description="MLflow tracking URI; relative SQLite paths start at the repository.",
        examples=["https://mlflow.example.com"],
    )


class StoreSettings(Strict):
    """Where artifacts are kept."""

    remote: str | None = Field(
        default=None,
        description="A shared store behind the local one, as an fsspec URL.",
        examples=["s3://my-org-models/store"],
    )


class Forge(Strict):
    """Where pull requests are opened."""

    kind: Literal["local", "github"] = Field(
        default="local",
        description=(
            "`local`: a branch on the remote plus a Markdown body beside it, no server needed. "
            "`github`: pull requests through GitHub's API."
        ),
        examples=["github"],
    )


class Settings(Strict):
    """Everything a fork decides once."""

    api_version: Literal["modelops/v1"] = Field(
        alias="apiVersion", description="Version of this file's format.", examples=["modelops/v1"]
    )
    kind: Literal["Platform"] = Field(description="Tells this file from a spec.", examples=["Platform"])
    owner: str = Field(
        description="GitHub user or organisation.", examples=["my-org"], pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$"
    )
    repository: str = Field(description="Repository name.", examples=["my-models"], pattern=r"^[A-Za-z0-9._-]{1,100}$")
    registry: str = Field(
        description="Where images are pushed; the model's name is appended.",
        examples=["ghcr.io/my-org/models"],
        pattern=r"^[a-z0-9]([a-z0-9.:_/-]*[a-z0-9])?$",
    )
    branch: str = Field(default="main", description="The branch that Argo CD reads.", examples=["main"])
    environments: dict[Name, Environment] = Field(
        description="In promotion order: pull requests release to the first, the last is production.",
        examples=[{"staging": {}, "production": {}}],
        min_length=1,
    )
    tracking: Tracking = Field(
        default=Tracking(), description="Experiment tracking.", examples=[{"uri": "https://mlflow.example.com"}]
    )
    store: StoreSettings = Field(
        default=StoreSettings(), description="Artifact store.", examples=[{"remote": "s3://my-org-models/store"}]
    )
    forge: Forge = Field(default=Forge(), description="Where pull requests are opened.", examples=[{"kind": "github"}])

    @property
    def url(self) -> str:
        """The repository's address on GitHub."""
        return f"https://github.com/{self.owner}/{self.repository}"

    def image(self, model: str) -> str:
        """Return the name, without digest, of a model's image."""
        return f"{self.registry}/{model}"
