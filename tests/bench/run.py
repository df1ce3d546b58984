"""Runs the benchmarks and prints one table: times of native code and of Node, and sizes of the wasm.

Figures are from this machine; the ratios are between cases of the same run.
"""

import gzip
import json
import os
import platform
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RATIO_TO = {"native": "serde_json to a Value, same bytes", "node": "JSON.parse, same text"}
WASM = {
    "npm package": "pkg/npm/wasm/cattlegrid_bg.wasm",
    "Envoy filter": "target/cattlegrid_envoy.wasm",
}


def lines(*command):
    """The JSON lines that a command prints; the rest of its output goes to standard error."""
    done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: `{' '.join(command)}` ended with {done.returncode}; its output is above")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":")[1].strip() for line in info if "model name" in line), "?")
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def main():
    rows = lines("cargo", "bench", "--quiet", "--bench", "decide", "--no-default-features")
    rows += lines("node", "tests/bench/node.mjs")
    floor = {row["where"]: row["ns"] for row in rows if row["case"] == RATIO_TO[row["where"]]}
    print(f"\n{machine()}; policy of 100 tools with three conditions each; medians of 31 rounds\n")
    print("| where | case | ns | 10 % to 90 % | ratio |\n|---|---|---:|---:|---:|")
    for row in rows:
        ratio = row["ns"] / floor[row["where"]]
        print(
            f"| {row['where']} | {row['case']} ({row['bytes']} bytes) | {row['ns']:,.0f} "
            f"| {row['low']:,.0f} to {row['high']:,.0f} | {ratio:.2f} |"
        )
    print("\n| wasm | bytes | gzip |\n|---|---:|---:|")
    for name, path in WASM.items():
        with open(os.path.join(TOP, path), "rb") as file:
            data = file.read()
        print(f"| {name} | {len(data):,} | {len(gzip.compress(data, 9)):,} |")


if __name__ == "__main__":
    main()
