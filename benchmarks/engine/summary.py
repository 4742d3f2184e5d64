"""Say how many times faster our kernel is than each tool, at the error that the tool achieved.

python benchmarks/engine/summary.py weekly.json quarterly.json none.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np


def main(files: list[str]) -> None:
    """Print one table for each file; our time at an error is read off its log-log course."""
    for file in files:
        data = json.loads(Path(file).read_text(encoding="utf-8"))
        ours = [r for r in data["rows"] if r["tool"] == "antitrypsim"]
        errors = np.log([r["error"] for r in ours])[::-1]
        times = np.log([r["ms"] for r in ours])[::-1]
        print(f"\n{Path(file).stem} doses ({data['patients']} patients, {data['years']:g} years)\n")
        print("| tool | asked | error | of all | ms | ours at that error, ms | ratio |")
        print("|---|---|---|---|---|---|---|")
        for row in ours:
            print(
                f"| antitrypsim | {row['tolerance']:.0e} | {row['error']:.1e} | {row['error_of_all']:.1e} "
                f"| {row['ms']:.3g} | | |"
            )
        for row in data["rows"]:
            if row["tool"].startswith("antitrypsim"):
                continue
            mine = float(np.exp(np.interp(np.log(row["error"]), errors, times)))
            print(
                f"| {row['tool']} | {row['tolerance']:.0e} | {row['error']:.1e} | {row['error_of_all']:.1e} | {row['ms']:.1f} "
                f"| {mine:.3g} | {row['ms'] / mine:.0f} |"
            )
        for wanted in (1e-4, 1e-6):
            best = {}
            for tool in {r["tool"] for r in data["rows"]} - {r["tool"] for r in ours}:
                rows = sorted(
                    (r for r in data["rows"] if r["tool"] == tool), key=lambda r: r["error"]
                )
                if tool.startswith("antitrypsim") or len(rows) < 2:
                    continue
                best[tool] = float(
                    np.exp(
                        np.interp(
                            np.log(wanted),
                            np.log([r["error"] for r in rows]),
                            np.log([r["ms"] for r in rows]),
                        )
                    )
                )
            tool = min(best, key=lambda k: best[k])
            mine = float(np.exp(np.interp(np.log(wanted), errors, times)))
            print(
                f"\nAt an error of {wanted:.0e}: ours {mine:.3g} ms, the fastest other ({tool}) "
                f"{best[tool]:.1f} ms: {best[tool] / mine:.0f} times."
            )


if __name__ == "__main__":
    main(sys.argv[1:])
