"""`python -m bench [--json] [--quick] [--only PART]`: side by side in one run; docs/performance.md explains it."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.report import Part

RESULTS = Path(__file__).parent / "results"
PARTS = ("sign-ins", "pages")
DATABASES = ("SQLite", "PostgreSQL")


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")), help="fewer rounds")
    options.add_argument("--only", choices=PARTS, help="one part, not all")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-bench-") as folder:
        _run(Path(folder), chosen.quick, chosen.json, [chosen.only] if chosen.only else PARTS)


def _run(folder: Path, quick: bool, as_json: bool, wanted: list[str] | tuple[str, ...]) -> None:
    # The settings are read when the application is imported.
    from bench.world import settings

    os.environ |= settings(f"sqlite:///{folder / 'unused.db'}")
    from bench import report

    measured = {"sign-ins": lambda: _sign_ins(folder, quick), "pages": lambda: _pages(quick)}
    parts = [measured[name]() for name in wanted]
    left_out = sorted({name for part in parts for name in part.left_out})
    results = report.as_json(parts, left_out)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        print(json.dumps(results, indent=2, ensure_ascii=False))
        return
    for part in parts:
        print(*part.tables, sep="\n\n", end="\n\n")
    if left_out:
        print("Left out, not installed: " + ", ".join(left_out), end="\n\n")
    print(report.verdicts([target for part in parts for target in part.targets]))


def _sign_ins(folder: Path, quick: bool) -> Part:
    from bench import over_http, report, validating
    from bench.over_http import Load
    from bench.world import build

    world = build(f"sqlite:///{folder / 'one.db'}", 1)
    times, left_out = validating.side_by_side(world, 15 if quick else 120)
    scaling, memory = validating.by_organizations(folder, 60 if quick else 400)
    load = Load(batches=2, ours=20, theirs=10) if quick else Load(batches=6, ours=80, theirs=30)
    measured = {kind: over_http.measure(kind, load) for kind in DATABASES}
    whole = {kind: rates for kind, rates in measured.items() if rates is not None}
    return report.sign_ins(times, scaling, memory, whole, left_out + report.missing(measured))


def _pages(quick: bool) -> Part:
    from bench import pages, report_pages

    return report_pages.part({kind: pages.measure(kind, 10 if quick else 150) for kind in DATABASES})


if __name__ == "__main__":
    main()
