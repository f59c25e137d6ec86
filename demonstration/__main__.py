"""`python -m demonstration`: see it at work, with invented editors and requirements."""

import click

from demonstration.story.application import Failed
from demonstration.story.client import Refused
from demonstration.story.telling import Unexpected, tell
from referencing.base.errors import DomainError
from referencing.commands import settings_given

from .serving import CannotServe, run


@click.group()
def main() -> None:
    """See it at work, with invented editors and requirements."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Load the demonstration where it is not there yet, print keys and what to try, and serve the API."""
    with settings_given() as settings:
        try:
            run(settings, host, port)
        except (CannotServe, DomainError) as error:
            raise click.ClickException(str(error)) from error


@main.command()
def story() -> None:
    """Tell three referencings and a live session over HTTP, on a server of their own that leaves nothing behind."""
    try:
        tell()
    except (Failed, Refused, Unexpected) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
