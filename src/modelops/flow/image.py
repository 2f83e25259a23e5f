"""`modelops package --push`: the image of a locked version, pushed, and pinned in its lock."""

from __future__ import annotations

from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.one import packaged
from modelops.flow.release import current_lock
from modelops.release import lockfile
from modelops.spec.load import load_spec


def push(workspace: Workspace, name: str) -> str:
    """Build and push the image of a model's locked version, and write its digest into the lock.

    A lock that names an image already is left alone: two builds of one Bento differ in digest, and what was pinned
    stays pinned.

    Returns
    -------
    str
        The digest that the registry knows the image by.

    Raises
    ------
    ModelopsError
        When the lock is not up to date, the Bento is not the locked one, or no container engine works here.
    """
    from modelops.package import image

    lock, _ = current_lock(workspace, load_spec(workspace.root, name))
    if lock.observed.image is not None:
        return lock.observed.image
    record = packaged(workspace, name).record
    if record.bento != lock.resolved.bento:
        raise ModelopsError(
            f"the Bento built here ({record.tag}) is not the one that version {lock.version} of {name} locked",
            hint=f"library versions differ from the lock's: modelops run {name} --refresh",
        )
    engine = image.engine()
    if engine is None:
        raise ModelopsError(
            "no container engine works here (looked for docker, podman and buildah)",
            hint="start one, or let the pull request workflow build the image",
        )
    digest = image.build_and_push(record.tag, workspace.settings, workspace.cache, engine)
    observed = lock.observed.model_copy(update={"image": digest})
    lockfile.write(workspace.lock_path(name), lock.model_copy(update={"observed": observed}))
    return digest
