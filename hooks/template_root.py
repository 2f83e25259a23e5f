"""Tell the hooks where the template is, whichever way cookiecutter was started."""

from pathlib import Path

from jinja2.ext import Extension


class TemplateRoot(Extension):
    """Make `template_root` known to every file that cookiecutter renders, hooks included."""

    def __init__(self, environment):
        super().__init__(environment)
        environment.globals["template_root"] = Path(__file__).resolve().parents[1].as_posix()
