"""What pages cost, as a table and as targets: the time as a ratio, and whether the statements stay the same."""

from __future__ import annotations

from bench.pages import LARGE, SEARCHES, SMALL, Cost, Costs
from bench.report import Part, Target, missing, ratio, summary, target

LIMIT = 1.2


def part(measured: dict[str, Costs | None]) -> Part:
    there = {kind: costs for kind, costs in measured.items() if costs is not None}
    return Part(
        tables=[_table(kind, costs) for kind, costs in there.items()],
        numbers={"pages_ms": {kind: _numbers(costs) for kind, costs in there.items()}},
        targets=[it for kind, costs in there.items() for it in _targets(kind, costs)],
        left_out=missing(measured),
    )


def _targets(kind: str, costs: Costs) -> list[Target]:
    """A search reads every name until a page is full: it is measured, and has no target."""
    of_time = [
        target(f"{name}: {LARGE} ÷ {SMALL}, {kind}", cost.times, LARGE, SMALL, LIMIT, at_least=False)
        for name, cost in costs.items()
        if not name.startswith(SEARCHES)
    ]
    more = max(cost.statements[LARGE] - cost.statements[SMALL] for cost in costs.values())
    return [*of_time, Target(f"statements more for {LARGE}, any page, {kind}", more, 0, at_least=False)]


def _table(kind: str, costs: Costs) -> str:
    lines = [
        f"Pages of an organization, {kind} (ms; statements)",
        f"  {'':46}{SMALL:>14}{LARGE:>16}{'clock':>8}{'computing':>12}",
    ]
    for name, cost in costs.items():
        shown = summary(cost.times)
        small, large = (f"{shown[size]['median']:.2f}; {cost.statements[size]:2}" for size in (SMALL, LARGE))
        lines.append(f"  {name:46}{small:>14}{large:>16}{_of(cost, 'clock'):>8.2f}{_of(cost, 'computing'):>12.2f}")
    return "\n".join(lines)


def _of(cost: Cost, what: str) -> float:
    return ratio(cost.times, LARGE, SMALL, what) or 0.0


def _numbers(costs: Costs) -> dict[str, object]:
    return {name: {**summary(cost.times), "statements": cost.statements} for name, cost in costs.items()}
