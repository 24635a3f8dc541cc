#!/usr/bin/env python3
"""Lets tshark read the captures that the program writes; exit code 1 if anything is wrong.

Usage: tshark_judge.py PROGRAM FILE...

Each FILE is a lesson, played in every mode, or a session. What tshark finds in
the capture is held against what `wirestep play --format json` says of the same
run: the bytes of each stream, requests, frames, and what was sent again.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

MODES = ("polling", "long-polling", "sse", "websocket")
FIRST_CLIENT_PORT = 49152
CHECKSUMS = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
GOOD = "1"
FIELDS = [
    "tcp.stream",
    "tcp.dstport",
    "tcp.srcport",
    "ip.checksum.status",
    "tcp.checksum.status",
    "tcp.analysis.flags",
    "_ws.malformed",
    "http.request",
    "websocket.opcode",
    "frame.comment",
]


def output_of(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def rows_of(capture):
    command = ["tshark", *CHECKSUMS, "-r", capture, "-T", "fields", "-E", "separator=|"]
    for field in FIELDS:
        command += ["-e", field]
    lines = output_of(command).splitlines()
    return [dict(zip(FIELDS, line.split("|"), strict=True)) for line in lines]


def link_of(row):
    return max(int(row["tcp.srcport"]), int(row["tcp.dstport"])) - FIRST_CLIENT_PORT


def written(played):
    """The bytes of each flow, as they arrived."""
    flows = defaultdict(bytearray)
    patches = []
    for record in played["records"]:
        flow = (record.get("link"), record.get("from"))
        if record["kind"] == "wrote":
            flows[flow] += bytes.fromhex(record["bytes"])
        if record["kind"] == "overwritten" or record.get("edit") == "patch":
            patches.append((flow, record["offset"], bytes.fromhex(record["bytes"])))
    for flow, offset, patch in patches:
        flows[flow][offset : offset + len(patch)] = patch
    return {flow: bytes(carried) for flow, carried in flows.items()}


def followed(capture, links):
    """The bytes of each flow, as tshark puts them together."""
    command = ["tshark", "-r", capture, "-q"]
    for stream in links:
        command += ["-z", f"follow,tcp,raw,{stream}"]
    flows = defaultdict(bytearray)
    link = server_first = None
    for line in output_of(command).splitlines():
        if line.startswith("Filter: tcp.stream eq "):
            link = links[int(line.rsplit(" ", 1)[1])]
        elif line.startswith("Node 0: "):
            server_first = line.endswith(":80")
        elif line and not line.startswith(("=", "Follow: ", "Node ")):
            from_server = line.startswith("\t") != server_first
            flows[link, "server" if from_server else "client"] += bytes.fromhex(line.strip())
    return {flow: bytes(carried) for flow, carried in flows.items()}


def judge(program, file, mode, folder):
    capture = Path(folder) / "run.pcapng"
    how = ["--mode", mode] if mode else []
    output_of([program, "export", file, *how, "--to", capture])
    played = json.loads(output_of([program, "play", file, *how, "--format", "json"]))
    rows = rows_of(capture)
    links = {int(row["tcp.stream"]): link_of(row) for row in rows}
    resent = sum(record["kind"] == "resent" for record in played["records"])
    flagged = [row for row in rows if row["tcp.analysis.flags"]]
    told = [row for row in rows if "sent again" in row["frame.comment"]]
    requests = sum(bool(row["http.request"]) for row in rows)
    frames = sum(len(row["websocket.opcode"].split(",")) for row in rows if row["websocket.opcode"])
    totals = played["totals"]
    faults = []

    def demand(held, fault):
        if not held:
            faults.append(fault)

    demand(rows, "there is no packet")
    demand(all(row["ip.checksum.status"] == GOOD for row in rows), "an IP checksum is bad")
    demand(all(row["tcp.checksum.status"] == GOOD for row in rows), "a TCP checksum is bad")
    demand(not any(row["_ws.malformed"] for row in rows), "a packet is malformed")
    demand(len(told) == resent, f"{len(told)} packets say that they are sent again, of {resent}")
    # An ACK without bytes leaves no trace that tshark could miss.
    demand(all(row in told for row in flagged), "tshark finds fault with TCP")
    demand(flagged or not told, "tshark finds nothing that was sent again")
    demand(requests == totals["requests"], f"{requests} requests, not {totals['requests']}")
    demand(frames == totals["frames"], f"{frames} frames, not {totals['frames']}")
    demand(followed(capture, links) == written(played), "the bytes of a stream differ")
    for fault in faults:
        print(f"{file} by {mode or 'its own mode'}: {fault}", file=sys.stderr)
    return not faults, (len(rows), requests, frames)


def main():
    program, *files = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        # The preferences of whoever runs this would change what tshark says.
        os.environ["WIRESHARK_CONFIG_DIR"] = folder
        runs = []
        for file in files:
            is_session = "version: 1" in Path(file).read_text(encoding="utf-8")
            runs += [(file, mode) for mode in ((None,) if is_session else MODES)]
        results = [judge(program, file, mode, folder) for file, mode in runs]
    sums = [sum(found) for found in zip(*(found for _, found in results))]
    print("==== tshark read {} captures: {} packets, {} requests, {} frames".format(len(runs), *sums))
    return 0 if all(well for well, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
