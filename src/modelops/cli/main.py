"""The `modelops` command: verbs in the order of the flow, each imported only when it runs."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence

import click

from modelops import __version__
from modelops.cli.boundary import boundary

# Verb, and what `modelops --help` says of it: kept here so that help imports no verb.
VERBS = {
    "init": "Personalise a fork: owner, repository, registry.",
    "new": "Write a valid first spec from a data file.",
    "set": "Change one value of a spec in place.",
    "validate": "Say every problem of every spec, with file, line and column.",
    "plan": "Say what changed and what must run.",
    "train": "Train one model.",
    "evaluate": "Evaluate one model.",
    "package": "Build one model into a Bento.",
    "run": "Train, evaluate, package and lock, only where something changed.",
    "verify": "Train again from the lock; fail when the result differs.",
    "compare": "Put two versions side by side.",
    "leaderboard": "Rank the versions of a model.",
    "release": "Let an environment run the locked version.",
    "promote": "Let an environment run what the one before it runs.",
    "rollback": "Let an environment run what it ran before.",
    "render": "Write every rendered file.",
    "serve": "Serve a model on this machine.",
    "drift": "Say which models see other data than they learned from.",
    "propose": "Open, update or close retrain pull requests.",
    "status": "Say what runs where.",
    "sync": "Send runs that were logged while the tracking server was away.",
    "schema": "Write the JSON Schemas.",
    "explain": "Explain an error code.",
    "demo": "Show the whole loop on the flights data, in a scratch repository.",
}


class Verbs(click.Group):
    """A group that imports a verb's module only when that verb runs or shows its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the flow."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb's command, None for an unknown one."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"modelops.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; an unknown one gets a suggestion."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], VERBS, n=1)
            suggestion = f' Did you mean "{close[0]}"?' if close else " See modelops --help."
            ctx.fail(f'No such verb "{args[0]}".{suggestion}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs with their sentences, without importing them."""
        with formatter.section("Verbs, in the order of the flow"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="modelops")
def cli() -> None:
    """Machine-learning models as YAML in git: validated, trained, released and retrained by pull request."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code: 0, 1 a mistake, 2 usage, 3 unexpected, 130 interrupted."""
    return boundary(lambda: cli.main(list(arguments), prog_name="modelops", standalone_mode=False))
