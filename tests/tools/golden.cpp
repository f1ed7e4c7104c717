// Compares the engine with a file of golden data, in the precision this program was built in (HANDGRAD_DOUBLE or not):
//   compare_golden FILE [--backend NAME]...
// Exit code 0 if everything is close, 1 if something is not, 2 for wrong use or a file that makes no sense.

#include <iostream>

#include "core/backends.h"
#include "tests/support/golden.h"

namespace {

constexpr const char* kUsage = "usage: compare_golden FILE [--backend NAME]...   (default: every backend of this build)";

struct Arguments {
  std::string file;
  std::vector<std::string> backends;
};

Arguments parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t k = 0; k < words.size(); ++k) {
    const std::string& word = words[k];
    if (word == "--backend") {
      handgrad::require(k + 1 < words.size(), "--backend needs a name. ", kUsage);
      arguments.backends.push_back(words[++k]);
    } else if (word.starts_with("--backend=")) {
      arguments.backends.push_back(word.substr(word.find('=') + 1));
    } else {
      handgrad::require(!word.starts_with("-"), "no option '", word, "'. ", kUsage);
      handgrad::require(arguments.file.empty(), "one file was expected, got '", arguments.file, "' and '", word, "'. ",
                        kUsage);
      arguments.file = word;
    }
  }
  handgrad::require(!arguments.file.empty(), "the name of a file is missing. ", kUsage);
  if (arguments.backends.empty()) arguments.backends = handgrad::golden::all_backends();
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words == std::vector<std::string>{"--help"} || words == std::vector<std::string>{"-h"}) {
    std::cout << kUsage << "\n";
    return 0;
  }
  try {
    const Arguments arguments = parse_arguments(words);
    const handgrad::golden::Report report =
        handgrad::golden::compare(handgrad::golden::read(arguments.file), arguments.backends);
    handgrad::golden::print(std::cout, report);
    return report.failed() == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "compare_golden: " << error.what() << "\n";
    return 2;
  }
}
