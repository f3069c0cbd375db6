// samara lm tokenizer: learns a byte-level BPE tokenizer from text or commits.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "samara/base/clock.h"
#include "samara/base/file.h"
#include "samara/base/text.h"
#include "samara/cli/lm_command.h"
#include "samara/cli/progress.h"
#include "samara/lm/bpe_trainer.h"
#include "samara/lm/diff_specials.h"

namespace samara::cli {
namespace {

// Names with their leading underscores, single digits, and what stands between (blanks, operators, brackets):
// pieces that edits of programs keep or replace as a whole.
constexpr char kDefaultPattern[] = "_*[A-Za-z]+|_+|[0-9]|[^A-Za-z_0-9]+";
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 36;

struct Flags {
  std::vector<std::string> files;
  std::string out;
  std::size_t vocabulary = 1536;
  std::string pattern = kDefaultPattern;
  std::vector<std::string> specials;
  bool no_specials = false;
  std::size_t min_count = 2;
  bool json = false;
};

/// Standard error: one line that is redrawn on a terminal, lines at intervals elsewhere.
class Report {
 public:
  void phase(std::string_view text) {
    fmt::print(stderr, "{}{}\n", terminal_ ? "\r\x1b[K" : "", text);
    next_ = 0.0;
  }
  void progress(std::string_view text) {
    const double now = wall_seconds();
    if (now < next_) return;
    next_ = now + (terminal_ ? 0.1 : 5.0);
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\x1b[K" : "", text, terminal_ ? "" : "\n");
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  double next_ = 0.0;
};

/// Calls visit(line) for each line that is not empty, without its line break.
template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    if (length > 0) visit(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

Status add_commit(const std::string& file, std::size_t number, std::string_view line,
                  std::vector<std::string>& texts) {
  const auto commit = nlohmann::json::parse(line, nullptr, false);
  if (!commit.is_object()) {
    return make_error(ErrorCode::kInvalidData,
                      "{}:{}: not a JSON object; a .jsonl file has a commit per line", file, number);
  }
  for (const char* key : {"before", "message", "after"}) {
    const auto it = commit.find(key);
    if (it == commit.end() || !it->is_string()) {
      return make_error(ErrorCode::kInvalidData,
                        "{}:{}: \"{}\" is missing or not a string; commits have before, message and after",
                        file, number, key);
    }
    for_each_line(it->get_ref<const std::string&>(),
                  [&](std::string_view text) { texts.emplace_back(text); });
  }
  return {};
}

Status add_file(const std::string& file, std::vector<std::string>& texts, Report& report) {
  SAMARA_TRY(const std::string bytes, read_file(file, kMaxFileBytes));
  if (!file.ends_with(".jsonl")) {
    for_each_line(bytes, [&](std::string_view line) { texts.emplace_back(line); });
    return {};
  }
  std::size_t number = 0;
  std::size_t position = 0;
  while (position < bytes.size()) {
    const std::size_t end = std::min(bytes.find('\n', position), bytes.size());
    const std::string_view line = std::string_view(bytes).substr(position, end - position);
    ++number;
    if (!line.empty()) SAMARA_TRY_STATUS(add_commit(file, number, line, texts));
    position = end + 1;
    report.progress(fmt::format("reading {}: {} commits, {:.0f}%", file, grouped(number),
                                100.0 * static_cast<double>(end) / static_cast<double>(bytes.size())));
  }
  return {};
}

std::size_t total_size(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

/// Bytes that a token stands for on average, on an even sample of the texts.
double bytes_per_token(const lm::Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  std::size_t tokens = 0;
  const std::size_t step = texts.size() / 20'000 + 1;
  for (std::size_t i = 0; i < texts.size(); i += step) {
    bytes += texts[i].size();
    tokens += tokenizer.encode(texts[i]).size();
  }
  return static_cast<double>(bytes) / static_cast<double>(std::max<std::size_t>(tokens, 1));
}

Status tokenizer_command(const Flags& flags) {
  Report report;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < flags.files.size(); ++i) {
    report.progress(fmt::format("reading file {} of {}, {} lines so far", i + 1, flags.files.size(),
                                grouped(texts.size())));
    SAMARA_TRY_STATUS(add_file(flags.files[i], texts, report));
  }
  const std::size_t bytes = total_size(texts);
  if (bytes == 0) {
    return make_error(ErrorCode::kInvalidArgument, "the files hold no text; name files with text or commits");
  }
  report.phase(fmt::format("learning from {} lines, {:.1f} MB", grouped(texts.size()),
                           static_cast<double>(bytes) / 1e6));

  lm::BpeOptions options{.vocab_size = flags.vocabulary,
                         .pattern = flags.pattern,
                         .specials = flags.specials,
                         .min_count = flags.min_count};
  if (options.specials.empty() && !flags.no_specials) options.specials = lm::diff_specials();
  SAMARA_TRY(const lm::Tokenizer tokenizer, lm::train_bpe(texts, options));
  SAMARA_TRY_STATUS(write_file(flags.out, tokenizer.to_json()));
  if (tokenizer.size() < flags.vocabulary) {
    report.phase(fmt::format("note: {} tokens instead of {}; no other pair occurs {} times", tokenizer.size(),
                             flags.vocabulary, flags.min_count));
  }

  const double density = bytes_per_token(tokenizer, texts);
  if (flags.json) {
    nlohmann::ordered_json json;
    json["out"] = flags.out;
    json["vocabulary"] = tokenizer.size();
    json["specials"] = options.specials.size();
    json["lines"] = texts.size();
    json["bytes"] = bytes;
    json["bytes_per_token"] = density;
    print(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else {
    print(fmt::format("{}: {} tokens ({} special, 256 bytes, {} merged), {:.2f} bytes per token\n", flags.out,
                      grouped(tokenizer.size()), options.specials.size(),
                      grouped(tokenizer.size() - 256 - options.specials.size()), density));
  }
  return {};
}

}  // namespace

void add_lm_tokenizer(CLI::App& lm, Action& chosen) {
  CLI::App* command = add_subcommand(
      lm, "tokenizer",
      "Learn a byte-level BPE tokenizer from files. A .jsonl file holds commits, one per line: "
      "{\"before\", \"message\", \"after\"}; any other file is text. Each line is a text of its own",
      "  samara lm tokenizer --out tokenizer.json commits.jsonl\n"
      "  samara lm tokenizer --out tokenizer.json --vocab 4096 --no-specials src/*.py\n"
      "  samara lm tokenizer --out tokenizer.json --special '<|end|>' --special '<|user|>' chats.txt");
  auto flags = std::make_shared<Flags>();
  command->add_option("files", flags->files, "Text files, and .jsonl files of commits")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", flags->out, "tokenizer.json to write")->required()->type_name("FILE");
  command->add_option("--vocab", flags->vocabulary, "Tokens: special ones, 256 bytes and merges together")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--pattern", flags->pattern, "Regular expression (PCRE2) that cuts texts into pieces")
      ->capture_default_str()
      ->type_name("REGEX");
  auto* specials =
      command
          ->add_option("--special", flags->specials, "Special token, instead of the diff model's; repeatable")
          ->type_name("NAME")
          ->expected(1)
          ->take_all();
  command->add_flag("--no-specials", flags->no_specials, "No special tokens")->excludes(specials);
  command->add_option("--min-count", flags->min_count, "Do not merge pairs that are rarer than this")
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([&chosen, flags] { chosen = [=] { return tokenizer_command(*flags); }; });
}

}  // namespace samara::cli
