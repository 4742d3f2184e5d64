"""Hold the words of a cell's fate against the published kinetics of a living drug.

Stein 2019 (CELL-H09, CELL-H10): expansion to a peak, then a fall in two phases. The folder
``living_drug`` says that in the words of ``antitrypsim.therapies.fate`` and in nothing else. Every
number is read from the simulated course as an analyst would read it. Verdict: within 2 %.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from antitrypsim.foundations.discovery import load_module
from antitrypsim.modelling import Model, compose
from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all

HERE = Path(__file__).parent
WITHIN = 0.02
COPIES = "living_drug.copies"
PUBLISHED = {
    "fold expansion": 3900.0,
    "time of the peak, days": 9.3,
    "height of the peak, copies/µg": 24_000.0,
    "doubling time, days": 0.78,
    "first half-life, days": 4.3,
    "second half-life, days": 217.0,
    "share of the peak that the second phase starts from": 0.0079,
}


def living_drug() -> Model:
    """Return the model of the folder alone: no organ is needed."""
    return compose([load_module(HERE / "living_drug").MODULE])


def course(days: np.ndarray) -> np.ndarray:
    """Return copies/µg of the typical patient at days after the infusion."""
    model = living_drug()
    peak = model.parameter("living_drug.peak_time").value
    one = np.array([1.0])
    person = People(ids=np.array([0]), seed=0, covariates={}, effects={}, birth=0 * one, age=one)
    regimen = repeated("tisagenlecleucel/intravenous", 1.0, at=[0.0]) + Regimen(
        "expansion", inputs=(InputRecord("living_drug.expanding", (0.0, peak), (1.0, 0.0)),)
    )
    run = simulate_all(
        model, person, regimen, times=days, outputs=[COPIES], settings=Settings(tolerance=1e-6)
    )
    return np.asarray(run[COPIES][0, 0])


def days_seen() -> np.ndarray:
    """Return the days at which the course is read: hours at first, then days."""
    return np.concatenate([np.arange(0.01, 60, 0.01), np.arange(60.0, 1001.0)])


def read(days: np.ndarray, copies: np.ndarray) -> dict[str, float]:
    """Return the published quantities of a course; the two phases by peeling the slow one off."""
    top = int(np.argmax(copies))
    rising, last = days < 5, days > 500

    def line(chosen: np.ndarray, values: np.ndarray) -> tuple[float, float]:
        slope, start = np.polyfit(days[chosen] - days[top], np.log(values[chosen]), 1)
        return float(slope), float(np.exp(start))

    growth, _ = line(rising, copies)
    slow, slow_start = line(last, copies)
    falling = (days > days[top] + 0.5) & (days < days[top] + 15)
    fast, _ = line(falling, copies - slow_start * np.exp(slow * (days - days[top])))
    values = (
        copies[top] / copies[0] * np.exp(growth * days[0]),
        days[top],
        copies[top],
        np.log(2) / growth,
        -np.log(2) / fast,
        -np.log(2) / slow,
        slow_start / copies[top],
    )
    return dict(zip(PUBLISHED, map(float, values), strict=True))


def table(found: dict[str, float]) -> str:
    """Return published beside simulated, one line each."""
    lines = [f"{'':52s} {'published':>10s} {'simulated':>10s} {'apart %':>8s}"]
    for name, published in PUBLISHED.items():
        apart = found[name] / published - 1
        verdict = "ok" if abs(apart) <= WITHIN else "OUTSIDE"
        lines.append(
            f"{name:52s} {published:10.4g} {found[name]:10.4g} {100 * apart:8.2f}  {verdict}"
        )
    return "\n".join(lines)


def draw(days: np.ndarray, copies: np.ndarray, file: Path) -> None:
    """Write the course as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4.5, 3), dpi=80, layout="constrained")
    axes.semilogy(days, copies, color="#0b6e75")
    axes.plot(PUBLISHED["time of the peak, days"], PUBLISHED["height of the peak, copies/µg"], "o")
    axes.set(xlabel="days after the infusion", ylabel="transgene copies/µg of DNA", xlim=(0, 700))
    figure.savefig(file)
    pyplot.close(figure)


def main() -> int:
    """Run the comparison, write ``output.txt`` and ``course.png``; return 1 where it is outside."""
    days = days_seen()
    copies = course(days)
    found = read(days, copies)
    text = table(found)
    print(text)
    (HERE / "output.txt").write_text(text + "\n", encoding="utf-8")
    draw(days, copies, HERE / "course.png")
    return int("OUTSIDE" in text)


if __name__ == "__main__":
    sys.exit(main())
