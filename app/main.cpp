#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include "app/command_line.h"
#include "app/usage_error.h"

namespace {

constexpr int kFailedWork = 1;
constexpr int kWrongUse = 2;

int complain(const std::exception& error, int exit_code) {
  std::cerr << "handgrad: " << handgrad::one_line(error.what()) << '\n';
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  // A limit on the size of files (ulimit -f) is to be an error like a full disk, not the end of the program.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const auto command = handgrad::app::parse_command_line(argc, argv);
    const int exit_code = command ? (*command)() : 0;
    std::cout.flush();
    handgrad::require(std::cout.good(), "cannot write to standard output");
    return exit_code;
  } catch (const handgrad::app::UsageError& error) {
    return complain(error, kWrongUse);
  } catch (const std::exception& error) {
    return complain(error, kFailedWork);
  }
}
