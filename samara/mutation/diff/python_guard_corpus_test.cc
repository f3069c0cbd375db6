// The guard against CPython and its standard library: it takes what people wrote, and what it lets random
// writers finish compiles. SAMARA_GUARD_FUNCTIONS and SAMARA_GUARD_EDITS set the sample sizes.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <set>
#include <unordered_map>

#include "samara/base/rng.h"
#include "samara/mutation/diff/internal/python_test_corpus.h"
#include "samara/mutation/diff/name_faults.h"
#include "samara/mutation/diff/python_guard.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace {

std::size_t sample_size(const char* variable, std::size_t usual) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? usual : std::strtoull(value, nullptr, 10);
}

/// Functions of the library, asked for once.
const std::vector<std::string>& functions() {
  static const std::vector<std::string> kFunctions =
      library_functions(sample_size("SAMARA_GUARD_FUNCTIONS", 300));
  return kFunctions;
}

/// Whether the guard takes line `line` of the program byte by byte in its own place.
bool replays(const PythonProgram& program, std::size_t line, std::string_view text) {
  PythonGuard guard(program, {.names = false});
  guard.begin_edit(line, 1);
  guard.begin_line();
  for (const char& byte : text) {
    const std::string_view token(&byte, 1);
    if (!guard.allows_text(token)) return false;
    guard.accept_text(token);
  }
  return guard.allows_line_end() && guard.allows_edit_end();
}

TEST(PythonGuardCorpusTest, LibraryFunctionsAreRead) {
  std::size_t read = 0;
  for (const std::string& function : functions()) {
    const PythonProgram program = PythonProgram::parse(function);
    if (program.well_formed()) {
      ++read;
    } else if (std::getenv("SAMARA_GUARD_SHOW") != nullptr) {
      const auto lines = split_lines(function);
      const std::size_t broken = program.first_broken_line();
      std::cout << "not read: " << (broken < lines.size() ? std::string(lines[broken]) : "(end) " + function)
                << "\n";
    }
  }
  std::cout << read << " of " << functions().size() << " functions read\n";
  EXPECT_GE(static_cast<double>(read), 0.995 * static_cast<double>(functions().size()));
}

/// Names are looked for by lines and blocks, not by scopes, so some that another scope binds pass; a
/// statement that binds very many hides some, and exec() and its like are not for evolved programs.
TEST(PythonGuardCorpusTest, NamesThatLibraryFunctionsDoNotBindAreFound) {
  const std::vector<std::string> truth = unbound_names(functions());
  std::size_t unbound = 0, found = 0, wrong = 0;
  for (std::size_t i = 0; i < functions().size(); ++i) {
    for (const std::string& fault : name_faults(PythonProgram::parse(functions()[i]))) {
      if (fault.ends_with("()") || fault.ends_with(".")) continue;
      const bool is_right = (" " + truth[i]).find(" " + fault + " ") != std::string::npos;
      ++(is_right ? found : wrong);
    }
    unbound += static_cast<std::size_t>(std::count(truth[i].begin(), truth[i].end(), ' '));
  }
  std::cout << found << " of " << unbound << " unbound names found, and " << wrong << " that are bound\n";
  EXPECT_GE(static_cast<double>(found), 0.95 * static_cast<double>(unbound));
  EXPECT_LE(static_cast<double>(wrong), 0.02 * static_cast<double>(unbound));
}

TEST(PythonGuardCorpusTest, EachLineOfLibraryFunctionsIsTakenInItsPlace) {
  std::size_t lines = 0, taken = 0;
  for (const std::string& function : functions()) {
    const PythonProgram program = PythonProgram::parse(function);
    std::size_t i = 0;
    for (const std::string_view line : split_lines(function)) {
      ++lines;
      if (replays(program, i++, line)) {
        ++taken;
      } else if (std::getenv("SAMARA_GUARD_SHOW") != nullptr) {
        std::cout << "refused: " << line << "\n";
      }
    }
  }
  std::cout << taken << " of " << lines << " lines taken\n";
  EXPECT_GE(static_cast<double>(taken), 0.995 * static_cast<double>(lines));
}

// Random writers.

/// What comes after each context of up to `order` bytes in the lines of programs.
class ByteModel {
 public:
  ByteModel(std::span<const std::string> programs, std::size_t order) : order_(order) {
    for (const std::string& program : programs) {
      for (std::size_t i = 0; i < program.size(); ++i) {
        for (std::size_t n = 1; n <= std::min(order, i); ++n) next_[program.substr(i - n, n)] += program[i];
      }
    }
  }
  /// @param loose probability of looking at less context than there is
  std::string draw(const std::string& before, double loose, Rng& rng) const {
    for (std::size_t n = std::min(order_, before.size()); n > 0; --n) {
      const auto found = next_.find(before.substr(before.size() - n));
      if (found == next_.end() || rng.chance(loose)) continue;
      return {found->second[rng.below(static_cast<std::uint32_t>(found->second.size()))]};
    }
    return {static_cast<char>(rng.below(127))};
  }

 private:
  std::size_t order_;
  std::unordered_map<std::string, std::string> next_;
};

/// Pieces of programs, as a tokenizer may cut them, some across lexemes; all equally likely.
class PieceModel {
 public:
  explicit PieceModel(std::span<const std::string> programs) {
    std::set<std::string> pieces;
    Rng rng(5);
    for (const std::string& program : programs) {
      for (std::size_t i = 0; i < program.size();) {
        std::string piece = program.substr(i, 1 + rng.below(5));
        i += piece.size();
        if (const std::size_t end = piece.find('\n'); end != std::string::npos) piece.resize(end);
        if (!piece.empty() && rng.chance(0.05)) pieces.insert(piece);
      }
    }
    for (int byte = 32; byte < 127; ++byte) pieces.insert(std::string(1, static_cast<char>(byte)));
    pieces_.assign(pieces.begin(), pieces.end());
    pieces_.resize(std::min<std::size_t>(pieces_.size(), 1500));
    pieces_.insert(pieces_.end(), 150, "\n");
  }
  std::string draw(const std::string&, double, Rng& rng) const {
    return pieces_[rng.below(static_cast<std::uint32_t>(pieces_.size()))];
  }

 private:
  std::vector<std::string> pieces_;
};

struct Written {
  std::string program;  ///< after the edit
  std::string edit;     ///< for messages
};

/// One edit of a random place of `source`; nothing if the writer does not come to an end.
template <typename Model>
std::optional<Written> write_edit(const std::string& source, const PythonProgram& program, const Model& model,
                                  bool names, Rng& rng) {
  const std::vector<std::string_view> lines = split_lines(source);
  const auto first = rng.below(static_cast<std::uint32_t>(lines.size() + 1));
  const auto removed =
      std::min<std::uint32_t>(rng.below(3), static_cast<std::uint32_t>(lines.size()) - first);
  PythonGuard guard(program, {.names = names});
  guard.begin_edit(first, removed);
  guard.begin_line();
  std::string text, before = "\n";
  if (first > 0) before += std::string(lines[first - 1]) + "\n";
  for (int tokens = 0, tries = 0; tokens < 600 && tries < 4000; ++tries) {
    const std::string token = model.draw(before + text, 0.02 + tries / 2000.0, rng);
    if (token == "\n") {
      if (!guard.allows_line_end()) continue;
      text += token;
      if (guard.allows_edit_end() && rng.chance(0.6)) {
        Written written;
        for (std::size_t i = 0; i < first; ++i) written.program += std::string(lines[i]) + "\n";
        written.program += text;
        for (std::size_t i = first + removed; i < lines.size(); ++i)
          written.program += std::string(lines[i]) + "\n";
        written.edit = fmt::format("line {}, {} removed:\n{}", first, removed, text);
        return written;
      }
      guard.begin_line();
    } else {
      if (!guard.allows_text(token)) continue;
      guard.accept_text(token);
      text += token;
    }
    ++tokens;
    tries = 0;
  }
  if (std::getenv("SAMARA_GUARD_SHOW") != nullptr) {
    std::cout << "unfinished in:\n"
              << source << fmt::format("line {}, {} removed:\n{}$\n", first, removed, text)
              << (guard.allows_line_end() ? "line may end" : "line may not end") << "\n";
  }
  return std::nullopt;
}

template <typename Model>
void expect_edits_compile(const Model& model, bool names, std::size_t count) {
  std::vector<std::string> sources;
  for (const std::string& function : functions()) {
    if (PythonProgram::parse(function).well_formed()) sources.push_back(function);
  }
  std::vector<PythonProgram> programs;
  for (const std::string& source : sources) programs.push_back(PythonProgram::parse(source));
  std::vector<std::string> texts, edits;
  for (std::uint32_t i = 0; i < count; ++i) {
    Rng rng(7, i, 0, Stream::kMutate);
    const auto which = rng.below(static_cast<std::uint32_t>(sources.size()));
    const std::optional<Written> written = write_edit(sources[which], programs[which], model, names, rng);
    if (!written) continue;
    texts.push_back(written->program);
    edits.push_back(written->edit);
  }
  const std::vector<std::string> errors = compile_errors(texts);
  std::size_t good = 0;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    good += errors[i].empty() ? 1 : 0;
    if (!errors[i].empty() && std::getenv("SAMARA_GUARD_SHOW") != nullptr) {
      std::cout << "does not compile: " << errors[i] << "\n" << edits[i] << "-- in\n" << texts[i] << "\n";
    }
  }
  std::cout << fmt::format(
      "{} of {} edits finished, {} ({:.2f}%) of them compile\n", texts.size(), count, good,
      100.0 * static_cast<double>(good) / static_cast<double>(std::max<std::size_t>(1, texts.size())));
  EXPECT_GE(static_cast<double>(good), 0.99 * static_cast<double>(texts.size()));
  EXPECT_GE(static_cast<double>(texts.size()), 0.2 * static_cast<double>(count));
}

/// Lexemes in any order, with or without names, of which the guard takes some; what it has taken to its end
/// compiles.
void expect_lines_compile(std::string_view before, std::string_view behind,
                          std::span<const std::string_view> lexemes, std::size_t least) {
  const std::string head = "def f(x, y, P):\n    P.z = P(z=x)\n";
  const PythonProgram program = PythonProgram::parse(head);
  std::set<std::string> texts;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    Rng rng(11, i, 0, Stream::kMutate);
    PythonGuard guard(program, {.names = true});
    guard.begin_edit(2, 0);
    std::string text;
    const auto write = [&](std::string_view piece) {
      for (const char& byte : piece) {
        const bool allowed = byte == '\n' ? guard.allows_line_end() : guard.allows_text({&byte, 1});
        if (!allowed) return false;
        byte == '\n' ? guard.begin_line() : guard.accept_text({&byte, 1});
        text += byte;
      }
      return true;
    };
    guard.begin_line();
    if (!write(before)) continue;
    for (std::uint32_t left = 1 + rng.below(12), tries = 0; left > 0 && tries < 100; ++tries) {
      const std::string_view lexeme = lexemes[rng.below(static_cast<std::uint32_t>(lexemes.size()))];
      if (guard.allows_text(lexeme) && write(lexeme)) --left;
    }
    if (write(behind) && guard.allows_line_end() && guard.allows_edit_end()) texts.insert(head + text + "\n");
  }
  const std::vector<std::string> programs(texts.begin(), texts.end());
  const std::vector<std::string> errors = compile_errors(programs);
  for (std::size_t i = 0; i < errors.size(); ++i) EXPECT_EQ(errors[i], "") << programs[i];
  EXPECT_GE(programs.size(), least);
  std::cout << programs.size() << " different programs taken\n";
}

TEST(PythonGuardCorpusTest, PatternsThatAreTakenCompile) {
  static constexpr std::string_view kLexemes[] = {
      "a", "b",   "_",    "x", "P",  "1",    "'s'", "None", ".z", "(",   ")",  "[",    "]",  ", ", ",", "*",
      "-", " | ", " as ", "=", "z=", " if ", "b'",  "f'",   "'",  "1.5", "2j", " or ", ":=", "{",  "}"};
  expect_lines_compile("    match x:\n        case ", ":\n            pass", kLexemes, 1000);
  expect_lines_compile("    match x:\n        case ", ": pass\n        case 1: pass", kLexemes, 1000);
}

TEST(PythonGuardCorpusTest, SubjectsThatAreTakenCompile) {
  static constexpr std::string_view kLexemes[] = {
      "x",    "y",  "P", "1", "'s'",     ".z",     "(",      ")",    "[", "]",
      ", ",   ",",  "*", "-", " | ",     " if ",   " else ", "not ", "{", "}",
      " in ", ":=", "=", ":", "lambda ", "await ", "yield ", " for "};
  expect_lines_compile("    match", ":\n        case 1: pass", kLexemes, 10);
  expect_lines_compile("    match ", ":\n        case 1: pass", kLexemes, 100);
}

TEST(PythonGuardCorpusTest, AssignmentsThatAreTakenCompile) {
  static constexpr std::string_view kLexemes[] = {"x",  "y", "P", "1",    ".z",  "(",  ")",    "[",     "]",
                                                  ", ", "*", "-", " += ", " = ", ": ", " if ", " else "};
  expect_lines_compile("    ", "", kLexemes, 500);
  expect_lines_compile("    (", "", kLexemes, 200);
}

TEST(PythonGuardCorpusTest, EditsOfAByteModelCompile) {
  const ByteModel model(functions(), 5);
  for (const bool names : {false, true})
    expect_edits_compile(model, names, sample_size("SAMARA_GUARD_EDITS", 400));
}

TEST(PythonGuardCorpusTest, EditsOfRandomPiecesCompile) {
  const PieceModel model(functions());
  for (const bool names : {false, true})
    expect_edits_compile(model, names, sample_size("SAMARA_GUARD_EDITS", 400));
}

}  // namespace
}  // namespace samara::diff
