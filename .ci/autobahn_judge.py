#!/usr/bin/env python3
"""Judges the reports of an Autobahn run; exit code 1 if anything is wrong.

Usage: autobahn_judge.py REPORTS --scope fast|full [--without-compression] [--write FILE]

REPORTS holds the folders `server` and `client`, one for each role in which the
project was tested. `wstest` itself exits with 0 whatever fails, and calls a
case OK that ended without any Close frame: so the cases are counted here, both
of their behaviours looked at, and the close code that came demanded.
"""

import argparse
import json
import re
import sys
from pathlib import Path

AGENT = "wirestep"
MODES = ("server", "client")
COMPRESSION = (12, 13)

# How many cases each section of the suite has.
FULL = {1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1, 12: 90, 13: 126}
FAST = {section: FULL[section] for section in (1, 2, 3, 4, 5, 6, 7, 10)}
FIRST_OF_GROUPS = {12: 5, 13: 7}

SECTIONS = {
    1: "framing",
    2: "pings and pongs",
    3: "reserved bits",
    4: "opcodes",
    5: "fragmentation",
    6: "UTF-8",
    7: "closing",
    9: "limits",
    10: "automatic fragments",
    12: "compression: payloads",
    13: "compression: parameters",
}

# Cases that may come out as something else than OK, and why.
ALLOWED = {
    "7.1.6": ("INFORMATIONAL", "the suite reports what was done and does not judge it"),
    "7.13.1": ("INFORMATIONAL", "the suite takes close code 5000 for undefined by the RFC"),
    "7.13.2": ("INFORMATIONAL", "the suite takes close code 65535 for undefined by the RFC"),
}

# Cases whose closing handshake carries no code.
CODELESS = {
    "7.3.1": "an empty Close is answered by an empty Close (RFC 6455 §5.5.1)",
}

OUTCOMES = ("OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED")


class Unreadable(Exception):
    """A report that is missing or is not what the suite writes."""


class Case:
    """One case as one mode ran it."""

    def __init__(self, name, report):
        self.name = name
        self.section = int(name.split(".")[0])
        self.behavior = report["behavior"]
        self.behavior_close = report["behaviorClose"]
        self.close_code = report["remoteCloseCode"]
        self.expected_codes = report["expectedClose"].get("closeCode", [])
        self.clean = report["wasClean"]
        self.results = f"{report['result']} {report['resultClose']}"

    def order(self):
        return [int(part) for part in self.name.split(".")]

    def faults(self, without_compression):
        """What is wrong with the outcome, a phrase each."""
        unimplemented = without_compression and self.section in COMPRESSION
        for what, outcome in (
            ("behavior", self.behavior),
            ("behaviorClose", self.behavior_close),
        ):
            allowed = ALLOWED.get(self.name, ("OK", ""))[0]
            if outcome not in ("OK", allowed) and not (
                outcome == "UNIMPLEMENTED" and unimplemented
            ):
                yield f"{what} is {outcome}"
        if self.name in CODELESS:
            if self.close_code is not None or not self.clean:
                yield f"expected a clean end by a Close without code, got {self.close_code}"
        elif self.close_code not in self.expected_codes:
            yield f"close code {self.close_code} came, {self.expected_codes} is expected"

    def outcome(self, without_compression):
        """The column of the table to which the case counts."""
        if any(self.faults(without_compression)):
            return "failed"
        return self.behavior


def read_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from error


def read_cases(folder):
    """The cases of one mode in their order, and the version of the suite that ran them."""
    index = read_json(folder / "index.json")
    if list(index) != [AGENT]:
        raise Unreadable(f"{folder}: reports on {list(index)}, not on {AGENT} alone")
    cases, versions = [], set()
    for name, entry in index[AGENT].items():
        report = read_json(folder / entry["reportfile"])
        try:
            for key in ("behavior", "behaviorClose", "remoteCloseCode"):
                if report[key] != entry[key]:
                    raise Unreadable(f"{folder}: {name} and the index disagree on {key}")
            if report["id"] != name:
                raise Unreadable(f"{folder}: the report of {name} is on {report['id']}")
            cases.append(Case(name, report))
            heads = report["httpRequest"] + report["httpResponse"]
        except KeyError as error:
            raise Unreadable(f"{folder}: the report of {name} has no {error}") from error
        versions.update(re.findall(r"AutobahnTestSuite/([0-9.]+)", heads))
    if len(versions) != 1:
        raise Unreadable(f"{folder}: cannot tell the suite's version from {sorted(versions)}")
    return sorted(cases, key=Case.order), versions.pop()


def expected_counts(scope, without_compression):
    if scope == "full":
        return FULL
    return FAST if without_compression else FAST | FIRST_OF_GROUPS


def print_table(runs, counts, without_compression):
    columns = (*OUTCOMES, "failed")
    print(f"{'mode':8}{'section':28}{'cases':>7}", end="")
    print("".join(f"{column.lower():>15}" for column in columns))
    for mode, cases in runs.items():
        for section in sorted({case.section for case in cases} | set(counts)):
            here = [case for case in cases if case.section == section]
            outcomes = [case.outcome(without_compression) for case in here]
            print(f"{mode:8}{f'{section} {SECTIONS[section]}':28}{len(here):7}", end="")
            print("".join(f"{outcomes.count(column):15}" for column in columns))


def complaints(runs, counts, without_compression):
    for mode, cases in runs.items():
        for section in sorted({case.section for case in cases} | set(counts)):
            n_cases = sum(case.section == section for case in cases)
            if n_cases != counts.get(section, 0):
                yield f"{mode}: {n_cases} cases of section {section} ran, not {counts.get(section, 0)}"
        for case in cases:
            faults = list(case.faults(without_compression))
            if faults:
                yield f"{mode} {case.name}: {'; '.join(faults)} ({case.results})"


def write_results(path, runs, version):
    """One line a case, so that a diff shows which case changed."""
    modes = []
    for mode, cases in runs.items():
        rows = (
            f'   "{case.name}": {json.dumps([case.behavior, case.behavior_close, case.close_code])}'
            for case in cases
        )
        modes.append(f'  "{mode}": {{\n' + ",\n".join(rows) + "\n  }")
    columns = json.dumps(["behavior", "behaviorClose", "closeCode"])
    text = (
        f'{{\n "agent": "{AGENT}",\n "suite": "{version}",\n "columns": {columns},\n'
        ' "modes": {\n' + ",\n".join(modes) + "\n }\n}\n"
    )
    json.loads(text)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="Judges the reports of an Autobahn run.")
    parser.add_argument("reports", type=Path)
    parser.add_argument("--scope", choices=("fast", "full"), required=True)
    parser.add_argument("--without-compression", action="store_true")
    parser.add_argument("--write", type=Path, metavar="FILE")
    args = parser.parse_args()
    if args.write and args.scope != "full":
        parser.error("only the outcome of a full run can be written")
    try:
        read = {mode: read_cases(args.reports / mode) for mode in MODES}
    except Unreadable as error:
        print(f"Autobahn failed: {error}", file=sys.stderr)
        return 1
    runs = {mode: cases for mode, (cases, _) in read.items()}
    counts = expected_counts(args.scope, args.without_compression)
    print_table(runs, counts, args.without_compression)
    wrong = list(complaints(runs, counts, args.without_compression))
    for complaint in wrong:
        print(f"Autobahn failed: {complaint}", file=sys.stderr)
    if args.write:
        write_results(args.write, runs, read["server"][1])
        print(f"written to {args.write}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
