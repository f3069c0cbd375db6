#include "samara/corpus/vocabulary.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace samara::corpus {
namespace {

using Counts = std::map<std::string_view, std::size_t>;

std::vector<std::string> most_frequent(const Counts& counts, std::size_t most) {
  std::vector<std::pair<std::string_view, std::size_t>> ranked(counts.begin(), counts.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  ranked.resize(std::min(ranked.size(), most));
  std::vector<std::string> names;
  for (const auto& [name, count] : ranked) names.emplace_back(name);
  return names;
}

}  // namespace

Vocabulary count_vocabulary(std::span<const Function> functions, std::size_t most) {
  Counts names;
  Counts methods;
  for (const Function& function : functions) {
    for (const std::string& name : function.names) ++names[name];
    for (const std::string& method : function.methods) ++methods[method];
  }
  return {most_frequent(names, most), most_frequent(methods, most)};
}

}  // namespace samara::corpus
