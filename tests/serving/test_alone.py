"""What runs in the image needs nothing else of modelops, no training library, and reports to nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import tiny_model

LOAD = """
import json, os, sys
from pathlib import Path
from modelops.serving.app import ModelApplication
from modelops.serving.predictor import Predictor
application = ModelApplication(Predictor.load(Path(sys.argv[1])), "1", None)
application.predict(sys.argv[2].encode())
print(json.dumps(sorted(name for name in sys.modules)))
"""


def test_predicting_imports_no_training_library_and_writes_no_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    body = json.dumps({"rows": [tiny_model.ROW]})
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", LOAD, str(tiny_model.write(tmp_path / "model")), body]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    modules = json.loads(done.stdout)
    foreign = {"pandas", "sklearn", "skops", "mlflow", "pydantic", "click", "yaml"} & {
        name.partition(".")[0] for name in modules
    }
    assert foreign == set()
    assert {
        name for name in modules if name.startswith("modelops.") and not name.startswith("modelops.serving")
    } == set()
    assert list(home.rglob("*")) == []  # ONNX Runtime's telemetry keeps a device id in the home folder
