"""Tests of tools/tidy.py on a compiler and a clang-tidy that only pretend; run with: python3 tests/tools/tidy_test.py"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What it reads is the source and the header; it fails where the source says so.
COMPILER = '''#!/bin/sh
folder=$(dirname "$0")
for source; do case $source in *.cpp) cat "$source" "$folder/a.h"; grep -q broken "$source" && exit 1; exit 0;; esac; done
'''
# Finds each "wrong" in the source and in the header.
CLANG_TIDY = '''#!/bin/sh
[ "$1" = --version ] && { echo version 1; exit; }
folder=$(dirname "$0") bad=0
for source; do :; done
echo "$source" >>"$folder/looked"
grep -q crash "$source" && exit 3
for file in "$source" "$folder/a.h"; do
  if grep -q wrong "$file"; then echo "$file:1:1: error: wrong [a-check]"; echo "  the line"; bad=1; fi
done
echo "1000 warnings generated." >&2
exit $bad
'''


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, text in (("compiler", COMPILER), ("clang-tidy", CLANG_TIDY)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        self.write("a.h", "fine")
        entries = []
        for name in ("one.cpp", "two.cpp"):
            self.write(name, f"// {name}")
            entries.append({"directory": str(self.folder), "file": str(self.folder / name),
                            "command": f"{self.folder / 'compiler'} -std=c++20 -o {name}.o -c {self.folder / name}"})
        self.write("compile_commands.json", json.dumps(entries))

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def tidy(self):
        """(exit status, lines of output, the sources that clang-tidy looked at)"""
        self.write("looked", "")
        done = subprocess.run([sys.executable, ROOT / "tools" / "tidy.py", self.folder, self.folder / "clean", "--jobs", "2"],
                              env=os.environ | {"PATH": f"{self.folder}:{os.environ['PATH']}"}, capture_output=True, text=True)
        looked = sorted(pathlib.Path(line).name for line in (self.folder / "looked").read_text().splitlines())
        return done.returncode, done.stdout.splitlines(), looked

    def test_what_was_clean_is_looked_at_again_when_it_changes(self):
        self.assertEqual(self.tidy(), (0, ["2 sources, 2 of them looked at now, 0 with findings"], ["one.cpp", "two.cpp"]))
        self.assertEqual(self.tidy(), (0, ["2 sources, 0 of them looked at now, 0 with findings"], []))
        self.write("two.cpp", "changed")
        self.assertEqual(self.tidy()[2], ["two.cpp"])
        self.write("a.h", "changed")
        self.assertEqual(self.tidy()[2], ["one.cpp", "two.cpp"])

    def test_what_is_found_is_said_once_and_stays_until_it_is_mended(self):
        self.write("a.h", "wrong")
        found = [f"{self.folder}/a.h:1:1: error: wrong [a-check]", "  the line"]
        for _ in range(2):
            status, lines, _ = self.tidy()
            self.assertEqual((status, lines[:2], lines[-1]), (1, found, "2 sources, 2 of them looked at now, 2 with findings"))
            self.assertEqual("\n".join(lines).count("error: wrong"), 1)
        self.write("a.h", "mended")
        self.assertEqual(self.tidy()[0], 0)

    def test_a_clang_tidy_that_dies_without_a_word_is_a_finding(self):
        self.write("one.cpp", "crash")
        for sources_looked_at in (2, 1):
            self.assertEqual(self.tidy()[:2], (1, [f"{self.folder}/one.cpp: clang-tidy ended with status 3",
                                                   f"2 sources, {sources_looked_at} of them looked at now, 1 with findings"]))

    def test_a_source_that_does_not_compile_is_left_to_clang_tidy_and_never_remembered(self):
        self.write("one.cpp", "broken")
        self.tidy()
        self.assertEqual(self.tidy()[2], ["one.cpp"])


if __name__ == "__main__":
    unittest.main()
