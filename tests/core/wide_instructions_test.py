"""One program for every x86-64: what only newer processors have stays in the sources that are chosen at run time.

Looks into the libraries of a build: $HANDGRAD_BUILD, or build/release.
"""

import os
import pathlib
import platform
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HANDGRAD_BUILD", ROOT / "build" / "release"))
LIBRARIES = [path for path in (BUILD / "libhandgrad_nn.a", BUILD / "libhandgrad.a") if path.exists()]

CHOSEN_AT_RUN_TIME = re.compile(r"_(avx2|avx512)\.cpp\.o$")
BUILT_FOR_THIS_MACHINE = re.compile(r"^eigen_.*\.cpp\.o$")  # HANDGRAD_NATIVE
# All instructions with these registers, and all others in AVX's encoding, whose names begin with a v.
WIDE = re.compile(r"%[yz]mm|\t(v[a-z0-9]+) ")
NOT_AVX = {"verr", "verw", "vmcall", "vmfunc", "vmlaunch"}


def members(program, *options):
    """What a program of binutils says about each member of the libraries: (name, lines)."""
    for library in LIBRARIES:
        said = subprocess.run([program, *options, library], capture_output=True, text=True, check=True).stdout
        name, lines = None, []
        for line in said.splitlines():
            match = re.match(r"([\w.]+\.o):", line)
            if match:
                if name:
                    yield name, lines
                name, lines = match[1], []
            else:
                lines.append(line)
        if name:
            yield name, lines


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "this is about x86-64")
@unittest.skipUnless(LIBRARIES, f"there are no libraries in {BUILD}")
class WideInstructions(unittest.TestCase):
    def test_wide_instructions_stay_where_they_are_chosen_at_run_time(self):
        chosen = 0
        for name, lines in members("objdump", "-d", "--no-show-raw-insn"):
            if BUILT_FOR_THIS_MACHINE.match(name):
                continue
            wide = [line for line in lines if (m := WIDE.search(line)) and m[1] not in NOT_AVX]
            if CHOSEN_AT_RUN_TIME.search(name):
                chosen += 1
                self.assertTrue(wide, f"{name} is compiled without its instruction set")
            else:
                self.assertEqual(wide[:3], [], f"{name} would not run on every processor")
        self.assertGreaterEqual(chosen, 2)

    def test_functions_that_the_linker_may_share_are_not_compiled_for_some_processors_alone(self):
        """Of equal inline functions the linker keeps any one: it must not be one that needs a newer processor."""
        for name, lines in members("nm", "--defined-only"):
            if CHOSEN_AT_RUN_TIME.search(name):
                shared = [line for line in lines if re.search(r" [WVu] ", line)]
                self.assertEqual(shared[:3], [], f"{name} holds inline functions that others may be given")


if __name__ == "__main__":
    unittest.main()
