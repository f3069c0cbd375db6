// The special tokens of the diff model, in the order of their ids; what they mean stands in
// docs/formats/diff-encoding.md. A pure function.
#pragma once

#include <string>
#include <vector>

namespace samara::lm {

inline constexpr int kDiffLines = 128;  ///< lines that a prompt can number

/// <|pad|> <|end|> <|file|> <|message|> <|diff|> <|delete|> <|insert|> <|line 1|> ... <|line 128|>
inline std::vector<std::string> diff_specials() {
  std::vector<std::string> names = {"<|pad|>",  "<|end|>",    "<|file|>",  "<|message|>",
                                    "<|diff|>", "<|delete|>", "<|insert|>"};
  for (int line = 1; line <= kDiffLines; ++line) names.push_back("<|line " + std::to_string(line) + "|>");
  return names;
}

}  // namespace samara::lm
