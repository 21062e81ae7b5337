#!/usr/bin/env python3
"""What a manage script in Python does for --get-services, and nothing more: the rival of `berth manage` in the bench."""
import argparse
import json
import sqlite3
import subprocess

parser = argparse.ArgumentParser()
parser.add_argument("--registry", required=True)
parser.add_argument("--instance", default="default")
parser.add_argument("--service")
parser.add_argument("--get-services", action="store_true")
for flag in ("start", "stop", "restart", "is-running", "backup", "update", "get-configs", "get-ports", "get-metrics"):
    parser.add_argument(f"--{flag}", action="store_true")
arguments = parser.parse_args()

database = sqlite3.connect(f"file:{arguments.registry}?mode=ro", uri=True)
row = database.execute("select app, id, name, version from instance where id = ?", (arguments.instance,)).fetchone()
app, identifier, name, version = row
unit = f"{app}@{identifier}.service"
state = subprocess.run(
    ["systemctl", "--user", "list-units", "--all", "--plain", "--no-legend", unit], capture_output=True, text=True, check=True)
status = "running" if " active " in state.stdout else "stopped"
service = {"service": unit, "name": name, "instance_id": identifier, "version": version, "status": status}
print(json.dumps({unit: service}, indent=2))
