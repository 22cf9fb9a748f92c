"""``oaktree``: the group of commands, and how an error becomes a message and an exit code.

The folder ``commands`` is the registry: one file there is one command, with no other edit. Command files import nothing
but click at their top, so that ``oaktree --help`` costs little more than click itself.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import sys
from collections.abc import Sequence

import click

from oaktree_cfn import __version__
from oaktree_cfn.cli import commands
from oaktree_cfn.errors import OaktreeError
from oaktree_cfn.memory import collect_rarely

INTERRUPTED = 130


class _Folder(click.Group):
    """The commands found in the folder, imported one by one when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{commands.__name__}.{cmd_name}").command
        return command


@click.group(cls=_Folder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="oaktree")
@click.option("--project", type=click.Path(exists=True, file_okay=False), metavar="DIR", help="Work in this folder.")
@click.pass_context
def oaktree(context: click.Context, project: str | None) -> None:
    """CloudFormation templates with Python, reviewed as change sets and deployed as nested stacks.

    Exit codes: 0 done, 2 invalid input, 3 refused, 4 stack busy, 5 deploy failed, 6 AWS or GitHub error, 7 outcome unknown.
    """
    if project is not None:
        context.with_resource(contextlib.chdir(project))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. An exception that is no error of ours escapes: it is a bug."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter must not end a deploy
    try:
        result = oaktree.main(args=arguments, prog_name="oaktree", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except OaktreeError as error:
        _tell(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nInterrupted.", err=True)
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def _tell(error: OaktreeError) -> None:
    from oaktree_cfn.terminal.words import lines_of_log

    click.echo(f"{click.style('Stopped:', bold=True)} {lines_of_log(error.message)}", err=True)
    if error.advice:
        click.echo(f"{click.style('Next:', bold=True)} {lines_of_log(error.advice)}", err=True)


def main() -> None:
    """The console script."""
    collect_rarely()
    sys.exit(run())
