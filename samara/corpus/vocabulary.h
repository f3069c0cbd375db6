// Vocabulary: the names that real functions give to variables and methods, most frequent first, from which
// synthesized code draws its own. Counted from a corpus of functions; ties go to the bytewise smaller name. A
// plain value.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace samara::corpus {

/// One function of a corpus.
struct Function {
  std::string text;                  ///< without a final line break
  std::string name;                  ///< the function's
  std::string source;                ///< the file that it comes from
  std::vector<std::string> names;    ///< parameters and local variables
  std::vector<std::string> methods;  ///< names of the methods that it calls
};

struct Vocabulary {
  std::vector<std::string> names;
  std::vector<std::string> methods;
};

/// The `most` most frequent of each; a function counts a name once.
Vocabulary count_vocabulary(std::span<const Function> functions, std::size_t most = 2000);

}  // namespace samara::corpus
