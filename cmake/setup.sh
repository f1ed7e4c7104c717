# shellcheck shell=bash
# What ./handgrad and ./test share: find what is missing on this machine, configure, build. To be sourced, with
# `set -euo pipefail`. Everything it says goes to stderr.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }
die() {  # die STATUS MESSAGE
  say "$2"
  exit "$1"
}

# What a build needs: package|what for|a command or a header by which one sees that it is there.
readonly program_needs=(
  'g++|compiler|c++'
  'cmake|build system|cmake'
  'ninja-build|build system|ninja'
  'libeigen3-dev|matrix kernels|eigen3/Eigen/Core'
  'libcli11-dev|command line|CLI/CLI.hpp'
  'nlohmann-json3-dev|JSON|nlohmann/json.hpp'
  'libtomlplusplus-dev|presets|toml++/toml.h'
  'gnuplot-nox|pictures|gnuplot'
  'libcairo2-dev|frames of watch|cairo/cairo.h'
  'libgif-dev|GIFs of watch|gif_lib.h'
)
readonly test_needs=('catch2|tests|catch2/catch*.hpp')
readonly emulation_needs=(
  'g++-aarch64-linux-gnu|compiler for 64-bit ARM|aarch64-linux-gnu-g++'
  'qemu-user|emulator|qemu-aarch64'
)

is_there() {  # is_there PACKAGE COMMAND|HEADER
  if [[ $2 == *.h || $2 == *.hpp || $2 == */* ]]; then
    compgen -G "/usr/include/$2" >/dev/null || compgen -G "/usr/local/include/$2" >/dev/null && return 0
  else
    command -v "$2" >/dev/null && return 0
  fi
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Sets missing=(package ...) and reasons="package (what for), ...".
find_missing() {
  missing=() reasons=
  local need package purpose where
  for need in "$@"; do
    IFS='|' read -r package purpose where <<<"$need"
    if ! is_there "$package" "$where"; then
      missing+=("$package")
      reasons+="${reasons:+, }$package ($purpose)"
    fi
  done
}

# Pictures alone are not worth a failure.
only_pictures_missing() {
  local package
  for package in "${missing[@]}"; do
    [[ $package =~ ^(gnuplot-nox|libcairo2-dev|libgif-dev)$ ]] || return 1
  done
}

# install_missing NEED...: sees to it that everything is there, or ends with a line that says what to do.
install_missing() {
  find_missing "$@"
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if ! command -v apt-get >/dev/null; then
    only_pictures_missing && { say "Not installed: $reasons. Everything else will work."; return 0; }
    die 2 "Missing: $reasons. These are Debian's names: install what your system calls them, then try again."
  fi
  local as_root=()
  local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [[ $EUID -ne 0 ]]; then
    as_root=(sudo)
    if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
      only_pictures_missing && { say "Not installed: $reasons. Everything else will work."; return 0; }
      die 2 "Missing: $reasons. Run as root: $command"
    fi
  fi
  say "Installing $reasons ..."
  local log="$root/build/install.log"
  if ! { "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=600 update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y \
      --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    find_missing "$@"
    [[ ${#missing[@]} -gt 0 ]] || return 0
    only_pictures_missing && { say "Could not be installed: $reasons. Everything else will work."; return 0; }
    tail -n 20 "$log" >&2
    die 2 "Could not install ${missing[*]}. Run as root: $command"
  fi
}

# As many compilers as there are processors, and no more than one a gigabyte of free memory.
jobs_that_fit() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemAvailable/ {print int($2 / 1e6)}' /proc/meminfo 2>/dev/null) || memory=
  memory=${memory:-$processors}
  ((memory >= 1)) || memory=1
  echo $((processors < memory ? processors : memory))
}

# One line that moves on a terminal, nothing elsewhere: ninja's "[3/80] Building ..." as a percentage.
show_progress() {
  local line
  while IFS= read -r line; do
    if [[ -t 2 && $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      printf '\r  %3d %%' $((100 * BASH_REMATCH[1] / BASH_REMATCH[2])) >&2
    fi
  done
  if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
}

# configure PRESET ON|OFF: with or without tests, unless that has been done. What changes later, CMake sees for itself.
configure() {
  local preset=$1 tests=$2
  local folder="$root/build/$preset"
  local cache="$folder/CMakeCache.txt"
  if [[ -f $folder/build.ninja ]] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
    [[ $tests == OFF ]] || grep -qx 'HANDGRAD_TESTS:[A-Z]*=ON' "$cache" && return
  else
    rm -rf "$cache" "$folder/CMakeFiles"  # nothing, a configuration that failed, or one of a folder that has moved
  fi
  if ! (cd "$root" && cmake --preset "$preset" "-DHANDGRAD_TESTS=$tests") >"$folder.log" 2>&1; then
    cat "$folder.log" >&2
    die 1 "CMake could not configure handgrad: see above."
  fi
}

# build PRESET [TARGET...]: all targets if none is named.
build() {
  local preset=$1
  shift
  local log="$root/build/$preset.log" targets=() first=
  [[ $# -eq 0 ]] || targets=(--target "$@")
  [[ -f $root/build/$preset/.ninja_log ]] || first=" (first time: a few minutes)"
  say "Building handgrad$first ..."
  if ! NINJA_STATUS='[%f/%t] ' CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(jobs_that_fit)} \
    cmake --build "$root/build/$preset" "${targets[@]}" 2>&1 9>&- | tee "$log" | show_progress; then
    # What the compiler said, without progress, CMake's chatter and the command lines that follow FAILED.
    sed -e '/^\[[0-9]*\/[0-9]*\] /d' -e '/^-- /d' -e '/^FAILED: /{n;d}' "$log" | head -n 60 >&2 || true
    die 1 "The build failed: see above, or all of it in $log"
  fi
}

# Whether nothing that goes into a build has changed since the stamp was made. Folders count: a file that comes or goes
# changes them.
newer_than_stamp() {  # newer_than_stamp STAMP
  [[ ! -f $1 ]] || [[ -n $(cd "$root" &&
    find CMakeLists.txt CMakePresets.json cmake core nn cuda envs rl app tests -newer "$1" -print -quit 2>&1) ]]
}

# ensure_built PRESET program|tests|TARGET...: everything that is needed for that, and nothing if nothing has changed.
# Only one at a time may install, configure and build here: others wait.
ensure_built() {
  local preset=$1 what=$2
  shift
  local stamp="$root/build/$preset/.built-$what"
  newer_than_stamp "$stamp" || return 0

  mkdir -p "$root/build" 2>/dev/null || true
  [[ -w $root/build ]] || die 2 "Cannot write to $root/build, where handgrad is built."
  exec 9>"$root/build/.lock"
  if ! flock -n 9; then
    say "Waiting for another build of handgrad ..."
    flock 9
  fi
  if newer_than_stamp "$stamp"; then  # still, now that nobody else is at it
    if [[ $what == program ]]; then
      install_missing "${program_needs[@]}"
      configure "$preset" OFF  # the tests need more than the program does
      touch "$stamp.new"       # before the build: what changes meanwhile is newer
      build "$preset" handgrad_program
    else
      install_missing "${program_needs[@]}" "${test_needs[@]}"
      configure "$preset" ON
      touch "$stamp.new"
      if [[ $what == tests ]]; then build "$preset"; else build "$preset" "$@"; fi
    fi
    mv "$stamp.new" "$stamp"
  fi
  exec 9>&-
}
