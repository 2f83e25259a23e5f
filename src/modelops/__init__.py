"""Machine-learning models as YAML in git: validated, trained, released and retrained by pull request."""

__version__ = "0.1.0"
