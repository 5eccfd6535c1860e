"""What a measurement must name to mean anything: processor, system, versions."""
from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ai-edge-litert", "tflite-micro", "numpy")
# Instruction sets that decide between int8 kernels, as /proc/cpuinfo names them.
NOTABLE_FEATURES = ("avx2", "avx_vnni", "avx512_vnni", "asimd", "asimddp", "i8mm", "neon")


def describe(swiftlet: Path) -> dict:
    return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "processor": processor(), "processors": os.cpu_count(),
            "features": features(), "system": f"{platform.system()} {platform.release()}",
            "machine": platform.machine(), "load_average": round(os.getloadavg()[0], 2),
            "versions": {**{name: importlib.metadata.version(name) for name in PACKAGES},
                         "python": platform.python_version(), "swiftlet": revision(swiftlet)}}


def processor() -> str:
    """The processor's name; where it is one that many generations share, their number too."""
    fields = cpuinfo()
    name = fields.get("model name") or fields.get("Model") or fields.get("Hardware")
    if "cpu family" in fields:
        return f"{name} (family {fields['cpu family']}, model {fields.get('model', '?')})"
    if "CPU part" in fields:
        part = f"implementer {fields.get('CPU implementer', '?')}, part {fields['CPU part']}"
        return f"{name} ({part})" if name else f"ARM ({part})"
    return name or platform.processor() or "unknown"


def features() -> list[str]:
    fields = cpuinfo()
    present = (fields.get("flags") or fields.get("Features") or "").split()
    return [name for name in NOTABLE_FEATURES if name in present]


def cpuinfo() -> dict[str, str]:
    """The first value of every field of /proc/cpuinfo."""
    fields: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields


def revision(swiftlet: Path) -> str:
    """The program's version, and the revision of the tree beside it."""
    version = subprocess.run([str(swiftlet), "--version"], capture_output=True, text=True)
    git = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                         capture_output=True, text=True)
    words = [version.stdout.strip(), git.stdout.strip() and f"({git.stdout.strip()})"]
    return " ".join(word for word in words if word) or "unknown"
