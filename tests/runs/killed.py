"""One run in parts in a process of its own, for tests that kill it: folder, participants, part size."""

import sys
from pathlib import Path

from antitrypsim.runs.large import run_large
from antitrypsim.simulation.settings import Settings

SMALL = Path(__file__).parents[1] / "cli" / "small.yaml"

if __name__ == "__main__":
    folder, people, size, threads = sys.argv[1], *map(int, sys.argv[2:])
    print("begun", flush=True)
    run_large(
        SMALL,
        folder,
        participants=people,
        part_size=size,
        settings=Settings(seed=3, threads=threads),
    )
    print("done", flush=True)
