// compare_trajectories FILE: replays recorded Gymnasium trajectories and says whether every bit agrees.
// Exit code 0: all agree; 1: some do not; 2: the file cannot be read, or wrong use.

#include <cstdio>
#include <exception>

#include "../support/trajectory_comparison.h"

int main(int argc, char** argv) {
  using namespace handgrad;
  if (argc != 2) {
    std::fprintf(stderr, "usage: compare_trajectories FILE\n");
    return 2;
  }
  try {
    const test::TrajectoryReport report = test::compare_trajectories(test::read_trajectories(argv[1]), Registry::gymnasium());
    std::fputs(test::summary(report).c_str(), stdout);
    return report.failed == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "compare_trajectories: %s\n", error.what());
    return 2;
  }
}
