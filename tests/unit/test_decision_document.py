"""docs/decision.md is the decision: both of its tables are read, and run through the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.decision import RULES, Outcome, Reason, decide
from provisioning.wording import WORDING
from tests.unit.facts import COLUMNS, OWN_ROLE, PLANS_ROLE, Facts, as_arguments, every_combination

DOCUMENT = Path(__file__).parents[2] / "docs" / "decision.md"
ANY = "–"
THEN = {
    "refuse": Outcome.REFUSE,
    "sign in": Outcome.SIGN_IN,
    "accept the invitation": Outcome.ACCEPT_INVITATION,
    "link": Outcome.LINK,
    "create": Outcome.CREATE,
}
ROLE = {
    "none": None,
    "unchanged": OWN_ROLE,
    "as invited": OWN_ROLE,
    # What the rules say is in a table of their own; here there is at most one, which refuses.
    "unchanged, or by role rule": OWN_ROLE,
    "by role rule, else the plan's": PLANS_ROLE,
}


def read_table(first_heading: str) -> list[dict[str, str]]:
    """The rows of the table that begins with this heading, as {heading: cell}."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    rows: list[list[str]] = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


RULES_WRITTEN = read_table("#")
SENTENCES_WRITTEN = read_table("reason")


def fits(row: dict[str, str], facts: Facts) -> bool:
    return all(row[column] in (ANY, facts[column]) for column in COLUMNS)


def first_row_for(facts: Facts) -> dict[str, str]:
    return next(row for row in RULES_WRITTEN if fits(row, facts))


def test_the_table_has_a_column_for_each_fact_and_only_values_that_there_are() -> None:
    assert list(RULES_WRITTEN[0]) == ["#", *COLUMNS, "then", "reason", "role"]
    for row in RULES_WRITTEN:
        for column, values in COLUMNS.items():
            assert row[column] in (ANY, *values), f"row {row['#']}, {column}: {row[column]!r}"


def test_every_expansion_of_the_table_is_what_the_code_decides() -> None:
    for facts in every_combination():
        row = first_row_for(facts)
        decision = decide(*as_arguments(facts))
        written = (int(row["#"]), THEN[row["then"]], row["reason"].strip("`"), ROLE[row["role"]])
        assert (decision.rule, decision.outcome, decision.reason, decision.role) == written, facts


@pytest.mark.parametrize("row", RULES_WRITTEN, ids=lambda row: f"rule {row['#']}")
def test_every_row_decides_something(row: dict[str, str]) -> None:
    assert any(first_row_for(facts) is row for facts in every_combination())


def test_the_rows_are_the_rules_of_the_code_in_the_same_order() -> None:
    written = [(int(row["#"]), THEN[row["then"]], row["reason"].strip("`")) for row in RULES_WRITTEN]
    assert written == [(rule, outcome, reason) for rule, outcome, reason, _ in RULES]


def test_every_reason_is_there_with_both_of_its_sentences() -> None:
    written = {row["reason"].strip("`"): (row["the person reads"], row["the admin reads"]) for row in SENTENCES_WRITTEN}
    assert written == {reason.value: (WORDING[reason].employee, WORDING[reason].admin) for reason in Reason}
    assert len(SENTENCES_WRITTEN) == len(Reason)


def test_a_wrong_table_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of this file is not so lenient that it agrees with everything."""
    wrong = [dict(row) for row in RULES_WRITTEN]
    wrong[11]["JIT on"] = ANY
    monkeypatch.setattr("tests.unit.test_decision_document.RULES_WRITTEN", wrong)
    with pytest.raises(AssertionError):
        test_every_expansion_of_the_table_is_what_the_code_decides()
    with pytest.raises(AssertionError):
        test_every_row_decides_something(wrong[12])
