// Runs a fuzz target without libFuzzer: over every file of a folder and a bounded number of random changes to
// each. Deterministic: the same corpus gives the same inputs, so a failure in CI is the failure at home. The
// input that brings the target down is written beside the working folder before the process ends.
//
//   walker_fuzz CORPUS [CHANGES]     CHANGES per file, 2000 unless given
//   walker_fuzz FILE                 that one input, unchanged

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "samara/base/file.h"
#include "samara/base/rng.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

const char kCrashFile[] = "fuzz-crash-input";
const std::string* current_input = nullptr;

void save_input(int signal) {
  std::ofstream(kCrashFile, std::ios::binary) << *current_input;
  fmt::print(stderr, "signal {}: the input is in ./{}\n", signal, kCrashFile);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  current_input = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// One change: a byte set or one of its bits flipped, a stretch removed, repeated or overwritten by one of
/// another input.
void change(std::string& input, const std::string& other, samara::Rng& rng) {
  const auto position = [&](const std::string& text) {
    return rng.below(static_cast<std::uint32_t>(text.size()) + 1);
  };
  const std::size_t at = position(input);
  const std::size_t length = 1 + rng.below(16);
  switch (rng.below(5)) {
    case 0:
      if (at < input.size()) input[at] = static_cast<char>(rng.below(256));
      break;
    case 1:
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << rng.below(8)));
      break;
    case 2:
      input.erase(at, length);
      break;
    case 3:
      input.insert(position(input), input.substr(at, length));
      break;
    default:
      input.replace(at, length, other.substr(position(other), length));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint32_t changes = 2000;
  if (argc == 3) std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), changes);
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: {} CORPUS [CHANGES] | FILE\n", argv[0]);
    return 2;
  }
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::is_directory(argv[1])) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) paths.push_back(entry.path());
  } else {
    paths.emplace_back(argv[1]);
    changes = 0;
  }
  std::sort(paths.begin(), paths.end());

  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    auto bytes = samara::read_file(path);
    if (!bytes.ok()) {
      fmt::print(stderr, "{}\n", bytes.error().message);
      return 1;
    }
    inputs.push_back(std::move(*bytes));
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, save_input);
  for (std::uint32_t i = 0; i < inputs.size(); ++i) {
    run(inputs[i]);
    for (std::uint32_t c = 0; c < changes; ++c) {
      samara::Rng rng(0, i, c, samara::Stream::kMutate);
      std::string input = inputs[i];
      const std::uint32_t count = 1 + rng.below(4);
      for (std::uint32_t k = 0; k < count; ++k) {
        change(input, inputs[rng.below(static_cast<std::uint32_t>(inputs.size()))], rng);
      }
      run(input);
    }
  }
  fmt::print("{} files, {} changes each: the target held\n", inputs.size(), changes);
  return inputs.empty() ? 1 : 0;
}
