#include "samara/pipeline/training_data.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "samara/base/text.h"
#include "samara/patch/line_diff.h"
#include "samara/patch/patch.h"
#include "samara/patch/search_replace.h"

namespace samara {
namespace {

using Json = nlohmann::ordered_json;
using Options = TrainingDataOptions;

/// A program that was evaluated, and what it was made from.
struct Child {
  ProgramId program, parent;
  std::uint32_t iteration = 0, slot = 0;
  std::uint16_t arm = 0;
  Outcome outcome = Outcome::kRejected;
  std::optional<double> fitness;
  std::uint32_t niche = 0;  // of scored ones
  std::string note;
};

struct Family {
  std::vector<Child> children;                    // of one parent, in the order of the log
  std::unordered_map<ProgramId, double> fitness;  // of every scored program
};

Result<Family> read_children(Run& run, const NicheMap& map) {
  Family family;
  SAMARA_TRY_STATUS(run.store().for_each_record([&](const Record& record, std::uint32_t) -> Status {
    if (record.score) family.fitness.emplace(*record.program, record.score->fitness);
    if (!record.program || record.parents.size() != 1 || !is_evaluated(record.outcome)) return {};
    Child child{
        *record.program, record.parents[0], record.iteration, record.slot, record.arm, record.outcome, {}, 0,
        record.note};
    if (record.score) {
      child.fitness = record.score->fitness;
      child.niche = map.niche_of(record.score->behavior);
    }
    family.children.push_back(std::move(child));
    return {};
  }));
  return family;
}

/// The text between fences longer than any in it.
std::string code_block(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fmt::format("{0}\n{1}{2}{0}\n", fence, text, text.ends_with('\n') ? "" : "\n");
}

const char* form_name(Options::Edits edits) {
  switch (edits) {
    case Options::Edits::kUnifiedDiff:
      return "a unified diff";
    case Options::Edits::kSearchReplace:
      return "search/replace blocks";
    case Options::Edits::kRewrite:
      return "the whole new program in a code block";
  }
  return "";
}

std::string written(Options::Edits edits, const std::string& from, const std::string& to) {
  switch (edits) {
    case Options::Edits::kUnifiedDiff:
      return exact_unified_diff(from, to);
    case Options::Edits::kSearchReplace:
      return search_replace_blocks(from, to);
    case Options::Edits::kRewrite:
      return code_block(to);
  }
  return "";
}

/// Two children of a parent, by their places in Family::children.
struct Pair {
  std::size_t better = 0, worse = 0;
};

/// The best child with the worst, the second best with the second worst, and so on: a child is in one pair at
/// most. Failures are worse than every score. Pairs are in the order of their parents' first children.
std::vector<Pair> pair_siblings(const Family& family, const Options& options) {
  std::map<std::pair<ProgramId, std::uint32_t>, std::size_t> group_of;
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < family.children.size(); ++i) {
    const Child& child = family.children[i];
    const bool by_niche = options.pairs == Options::Pairs::kNiche;
    if (by_niche && !child.fitness) continue;
    const auto [place, is_new] =
        group_of.try_emplace({child.parent, by_niche ? child.niche : 0}, groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(i);
  }
  const auto may_be_worse = [&](const Child& child) {
    return std::find(options.outcomes.begin(), options.outcomes.end(), child.outcome) !=
           options.outcomes.end();
  };
  std::vector<Pair> pairs;
  for (std::vector<std::size_t>& group : groups) {
    std::erase_if(group, [&](std::size_t i) {
      return !family.children[i].fitness && !may_be_worse(family.children[i]);
    });
    std::stable_sort(group.begin(), group.end(), [&](std::size_t a, std::size_t b) {
      return family.children[a].fitness > family.children[b].fitness;  // nothing is less than any number
    });
    for (std::size_t i = 0, j = group.size(); i + 1 < j; ++i) {
      const Child& better = family.children[group[i]];
      do --j;
      while (j > i && !may_be_worse(family.children[group[j]]));
      if (j <= i || !better.fitness) break;
      const Child& worse = family.children[group[j]];
      if (worse.fitness &&
          (*better.fitness <= *worse.fitness || *better.fitness - *worse.fitness < options.min_improvement)) {
        break;
      }
      pairs.push_back({group[i], group[j]});
    }
  }
  return pairs;
}

class Writer {
 public:
  Writer(Run& run, const Options& options, const Family& family, std::string digest,
         const std::function<Status(std::string_view)>& sink)
      : run_(run), options_(options), family_(family), digest_(std::move(digest)), sink_(sink) {}

  Status write_sft(const Child& child) {
    SAMARA_TRY(const std::optional<Task> task, task_of(child.parent));
    if (!task) return {};
    SAMARA_TRY(const std::optional<std::string> edit, edit_of(*task, child));
    if (!edit) return {};
    Json line;
    line["messages"] = Json::array({message("user", task->prompt), message("assistant", *edit)});
    add_provenance(line, child.parent);
    add_child(line, "", child);
    return write(line);
  }

  Status write_dpo(const Child& better, const Child& worse) {
    SAMARA_TRY(const std::optional<Task> task, task_of(better.parent));
    if (!task) return {};
    SAMARA_TRY(const std::optional<std::string> chosen, edit_of(*task, better));
    if (!chosen) return {};
    SAMARA_TRY(const std::optional<std::string> rejected, edit_of(*task, worse));
    if (!rejected) return {};
    Json line;
    line["prompt"] = Json::array({message("user", task->prompt)});
    line["chosen"] = Json::array({message("assistant", *chosen)});
    line["rejected"] = Json::array({message("assistant", *rejected)});
    add_provenance(line, better.parent);
    add_child(line, "chosen_", better);
    add_child(line, "rejected_", worse);
    return write(line);
  }

  const TrainingDataCounts& counts() const { return counts_; }

 private:
  struct Task {
    std::string source;  // of the parent
    std::string prompt;
  };

  static Json message(const char* role, const std::string& content) {
    return {{"role", role}, {"content", content}};
  }

  static bool is_text(const std::string& source) { return sanitize_utf8(source) == source; }

  Result<std::optional<Task>> task_of(const ProgramId& parent) {
    SAMARA_TRY(std::string source, run_.store().program_source(parent));
    if (!is_text(source)) {
      ++counts_.not_text;
      return std::optional<Task>();
    }
    const std::string instruction =
        options_.instruction.empty()
            ? fmt::format("Change this program so that its fitness grows. Answer with {} only.",
                          form_name(options_.edits))
            : options_.instruction;
    std::string prompt = fmt::format("{}\n\n{}", instruction, code_block(source));
    return std::optional(Task{std::move(source), std::move(prompt)});
  }

  /// The edit that makes the child, which has been tried.
  Result<std::optional<std::string>> edit_of(const Task& task, const Child& child) {
    SAMARA_TRY(const std::string source, run_.store().program_source(child.program));
    if (!is_text(source)) {
      ++counts_.not_text;
      return std::optional<std::string>();
    }
    std::string edit = written(options_.edits, task.source, source);
    const PatchResult result = apply_patch(task.source, edit);
    const Patched* patched = std::get_if<Patched>(&result);
    if (patched && patched->text == source) return std::optional(std::move(edit));
    ++counts_.not_edited;
    return std::optional<std::string>();
  }

  void add_provenance(Json& line, const ProgramId& parent) const {
    const auto fitness = family_.fitness.find(parent);
    line["run"] = digest_;
    line["domain"] = run_.spec().domain;
    line["parent"] = parent.hex();
    line["parent_fitness"] = fitness == family_.fitness.end() ? Json(nullptr) : Json(fitness->second);
  }

  void add_child(Json& line, const std::string& prefix, const Child& child) const {
    line[prefix + "program"] = child.program.hex();
    line[prefix + "iteration"] = child.iteration;
    line[prefix + "slot"] = child.slot;
    line[prefix + "outcome"] = outcome_name(child.outcome);
    line[prefix + "fitness"] = child.fitness ? Json(*child.fitness) : Json(nullptr);
    line[prefix + "operator"] = run_.store().description().arms.at(child.arm);
    line[prefix + "note"] = sanitize_utf8(child.note);
  }

  Status write(const Json& line) {
    ++counts_.lines;
    return sink_(line.dump());
  }

  Run& run_;
  const Options& options_;
  const Family& family_;
  std::string digest_;
  const std::function<Status(std::string_view)>& sink_;
  TrainingDataCounts counts_;
};

}  // namespace

Result<TrainingDataCounts> write_training_data(Run& run, const Options& given,
                                               const std::function<Status(std::string_view)>& sink) {
  Options options = given;
  const bool sft = options.format == Options::Format::kSft;
  if (options.outcomes.empty()) {
    options.outcomes = {Outcome::kAccepted};
    if (!sft) options.outcomes.push_back(Outcome::kRejected);
  }
  SAMARA_TRY(const RunState state, run.state());
  SAMARA_TRY(std::string digest, run.digest(state));
  SAMARA_TRY(const Family family, read_children(run, state.archive().map()));
  Writer writer(run, options, family, std::move(digest), sink);
  if (!sft) {
    for (const Pair& pair : pair_siblings(family, options)) {
      SAMARA_TRY_STATUS(writer.write_dpo(family.children[pair.better], family.children[pair.worse]));
    }
    return writer.counts();
  }
  for (const Child& child : family.children) {
    const auto parent = family.fitness.find(child.parent);
    const bool wanted =
        std::find(options.outcomes.begin(), options.outcomes.end(), child.outcome) != options.outcomes.end();
    const bool improves = options.min_improvement == Options().min_improvement ||
                          (child.fitness && parent != family.fitness.end() &&
                           *child.fitness - parent->second >= options.min_improvement);
    if (wanted && improves) SAMARA_TRY_STATUS(writer.write_sft(child));
  }
  return writer.counts();
}

}  // namespace samara
