"""`python -m bench [SECTION [OPTIONS]]...`: what things cost, as ratios to a floor measured in the same run."""

from typing import Any

import click

from bench import crowd, duo, equivalence, growth, pages, queues, requests, rules, takeover, upload, webhooks
from referencing import registers

#: Each section, with sizes at which it shows in seconds that it still works.
SECTIONS: dict[click.Command, dict[str, Any]] = {
    equivalence.run: {"items": equivalence.EACH, "history": (100, 200), "batch": 2},
    rules.run: {"dossiers": 2, "items": 10},
    takeover.run: {"referencings": 2, "items": 10},
    upload.run: {"mib": 1, "runs": 1},
    queues.run: {"tasks": (queues.ITEMS,)},
    pages.run: {"tasks": (queues.ITEMS,)},
    duo.run: {"items": 4, "watchers": 2, "crowd": 5},
    growth.run: {"dossiers": 1, "items": 2},
    requests.run: {"dossiers": 5, "items": 40, "verifications": 150, "runs": 1},
    crowd.run: {"dossiers": 5, "items": 40, "seconds": 1, "runs": 1},
    webhooks.run: {"receivers": 2, "events": 3, "seconds": 1, "dossiers": 5, "items": 40},
}


@click.group(chain=True, invoke_without_command=True)
@click.option("--tiny", is_flag=True, help="Every section at sizes that say nothing but that it works.")
@click.pass_context
def bench(context: click.Context, *, tiny: bool) -> None:
    """Measure the sections that are named, each by its options, or all of them by their defaults."""
    registers.tables()
    if context.invoked_subcommand is None:
        for section, sizes in SECTIONS.items():
            context.invoke(section, **(sizes if tiny else {}))


for section in SECTIONS:
    bench.add_command(section)

if __name__ == "__main__":
    bench(prog_name="python -m bench")
