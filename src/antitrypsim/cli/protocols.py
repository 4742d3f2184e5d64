"""``antitrypsim protocols``: the bundled protocols."""

from __future__ import annotations


def protocols() -> None:
    """List the bundled protocols."""
    from antitrypsim.protocols import bundled_protocols

    found = bundled_protocols()
    width = max(map(len, found))
    for id, title in found.items():
        print(f"{id:<{width}}  {title}")
    print("\nRun one with 'antitrypsim run ID', or a protocol file of your own by its name.")
