"""What the machine is: its GPU, as the driver tells, its processor, and what was built."""

import ctypes
import datetime
import json
import pathlib
import platform
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

CAPABILITY_MAJOR, CAPABILITY_MINOR, MULTIPROCESSORS = 75, 76, 16  # of cuDeviceGetAttribute


class NotHere(Exception):
    """What is missing, as one line."""


class Driver:
    """The few questions that are asked of libcuda, so that neither CUDA nor nvidia-smi need be installed."""

    def __init__(self):
        try:
            self.library = ctypes.CDLL("libcuda.so.1")
        except OSError:
            raise NotHere("no NVIDIA driver is installed: libcuda.so.1 cannot be loaded") from None
        self.call("cuInit", 0)

    def call(self, function, *arguments):
        status = getattr(self.library, function)(*arguments)
        if status != 0:
            message = ctypes.c_char_p()
            self.library.cuGetErrorString(status, ctypes.byref(message))
            raise NotHere(f"the NVIDIA driver answers {function} with error {status}"
                          + (f", {message.value.decode()}" if message.value else ""))

    def integer(self, function, *arguments):
        value = ctypes.c_int()
        self.call(function, ctypes.byref(value), *arguments)
        return value.value

    def gpu(self):
        if self.integer("cuDeviceGetCount") == 0:
            raise NotHere("there is a driver, but no NVIDIA GPU")
        device = self.integer("cuDeviceGet", 0)
        name, memory = ctypes.create_string_buffer(256), ctypes.c_size_t()
        self.call("cuDeviceGetName", name, len(name), device)
        self.call("cuDeviceTotalMem_v2", ctypes.byref(memory), device)
        major, minor, processors = (self.integer("cuDeviceGetAttribute", which, device)
                                    for which in (CAPABILITY_MAJOR, CAPABILITY_MINOR, MULTIPROCESSORS))
        cuda = self.integer("cuDriverGetVersion")
        return {"gpu": name.value.decode(), "capability": f"{major}.{minor}", "multiprocessors": processors,
                "memory_gib": round(memory.value / 2**30, 1), "cuda": f"{cuda // 1000}.{cuda % 1000 // 10}",
                "driver": driver_version()}


def driver_version():
    try:
        text = pathlib.Path("/proc/driver/nvidia/version").read_text()
    except OSError:
        text = output(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"])
    found = re.search(r"\b\d{3}\.\d+(\.\d+)?\b", text)
    return found.group(0) if found else "unknown"


def output(command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return ""


def gpu():
    """Throws NotHere if there is none that works."""
    return Driver().gpu()


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def built(program):
    """What a built program says of itself. Throws NotHere if its cuda backend does not work."""
    done = subprocess.run([program, "doctor", "--json"], capture_output=True, text=True)
    try:
        about = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise NotHere(f"{program} doctor --json says nothing that can be read: {done.stderr.strip()[-300:]}") from None
    for step in about["cuda"].values():
        if not step["available"]:
            raise NotHere(f"the cuda backend of {program} does not work: {step['about']}")
    return {"version": about["version"], "commit": about.get("commit") or "unknown", "compiler": about["compiler"],
            "flags": about["flags"]}


def host():
    return {"cpu": processor(), "date": datetime.date.today().isoformat()}


def file_name(gpu_name):
    """NVIDIA H100 80GB HBM3 -> nvidia-h100-80gb-hbm3"""
    return re.sub(r"[^a-z0-9]+", "-", gpu_name.lower()).strip("-")
