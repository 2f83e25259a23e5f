"""The BentoML service: what `bentoml build` packs and `bentoml serve` runs.

It stands in the Bento as `modelops/serving/service.py`, beside the folder `model/` and `requirements.txt`.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import bentoml

from modelops.serving.app import Application, ModelApplication
from modelops.serving.predictor import Predictor
from modelops.serving.signature import Signature

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "model"
# One thread each: replicas give more throughput than threads, and one row is answered several times sooner.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "BENTOML_DO_NOT_TRACK": "True",
    "DO_NOT_TRACK": "1",
    # What the build downloads must not stay in the image.
    "PIP_NO_CACHE_DIR": "1",
    "UV_NO_CACHE": "1",
}


class ModelService(bentoml.Service):  # type: ignore[misc]
    """A service whose own URLs bypass BentoML's middleware; health checks and metrics stay BentoML's."""

    def to_asgi(self, is_main: bool = True) -> Application:
        """Load the model and return the application that a worker serves."""
        version = self.bento.tag.version if self.bento is not None else "unbuilt"
        application = ModelApplication(Predictor.load(MODEL), version, super().to_asgi(is_main=is_main))
        gc.collect()
        gc.freeze()  # what is loaded now stays: collections need not walk it again
        return application


def _image() -> Any:
    # No known distro: BentoML would add compilers and git. Versions are pinned already: no network to lock them.
    base = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
    image = bentoml.images.Image(base_image=base, distro="", lock_python_packages=False)
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return image.python_packages(*(pin for pin in pins if not pin.startswith("bentoml==")))  # BentoML adds itself


@bentoml.service(
    name=Signature.read(MODEL).name,
    image=_image(),
    envs=[{"name": name, "value": value} for name, value in ENVIRONMENT.items()],
    service_class=ModelService,
    workers=1,
)
class Model:
    """Predictions of one model: POST /predict, GET /model."""
