// The programs of examples/: each exits with 0 if it has learned what it should, and says something on the way.

#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace handgrad;

TEST_CASE("Every example learns what it should") {
  std::istringstream paths(HANDGRAD_EXAMPLES);
  int examples = 0;
  for (std::string path; std::getline(paths, path, ':'); ++examples) {
    const Outcome outcome = Program({}, path).wait();
    INFO(path << "\n" << outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK_FALSE(outcome.out.empty());
    CHECK(outcome.err.empty());
  }
  CHECK(examples == 5);
}
