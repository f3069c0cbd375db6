#include "samara/corpus/corpus_harness.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

namespace samara {
extern const std::string_view kCorpusDrawModule;
extern const std::string_view kCorpusExclusionsModule;
extern const std::string_view kCorpusProgramModule;
extern const std::string_view kCorpusFunctionsModule;
extern const std::string_view kCorpusNamesModule;
extern const std::string_view kCorpusSynthesisModule;
extern const std::string_view kCorpusBuildersModule;
extern const std::string_view kCorpusDescribedModule;
extern const std::string_view kCorpusBugsModule;
extern const std::string_view kCorpusChangeModule;
extern const std::string_view kCorpusLikenessModule;
extern const std::string_view kCorpusValuesModule;
extern const std::string_view kCorpusStatementsModule;
extern const std::string_view kCorpusRewritingModule;
extern const std::string_view kCorpusTidyingModule;
extern const std::string_view kCorpusMessagesModule;
extern const std::string_view kCorpusWindowsModule;
extern const std::string_view kCorpusCommitsModule;
}  // namespace samara

namespace samara::corpus {
namespace {

// A JSON string (or list of strings) is a Python literal with the same meaning.
std::string python_literal(const nlohmann::json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Harness harness(const Vocabulary& vocabulary, const HeldOut& held_out) {
  // The collector of cycles finds nothing in jobs that end with their process.
  std::string source = "import gc, sys, types\ngc.disable()\n";
  const std::pair<std::string_view, std::string_view> modules[] = {
      {"draw", kCorpusDrawModule},
      {"exclusions", kCorpusExclusionsModule},
      {"program", kCorpusProgramModule},
      {"functions", kCorpusFunctionsModule},
      {"names", kCorpusNamesModule},
      {"synthesis", kCorpusSynthesisModule},
      {"builders", kCorpusBuildersModule},
      {"described", kCorpusDescribedModule},
      {"bugs", kCorpusBugsModule},
      {"change", kCorpusChangeModule},
      {"likeness", kCorpusLikenessModule},
      {"values", kCorpusValuesModule},
      {"statements", kCorpusStatementsModule},
      {"rewriting", kCorpusRewritingModule},
      {"tidying", kCorpusTidyingModule},
      {"messages", kCorpusMessagesModule},
      {"windows", kCorpusWindowsModule},
      {"commits", kCorpusCommitsModule},
  };
  for (const auto& [name, text] : modules) {
    source += fmt::format("module = sys.modules['{0}'] = types.ModuleType('{0}')\n", name);
    source +=
        fmt::format("exec(compile({}, '{}.py', 'exec'), module.__dict__)\n", python_literal(text), name);
  }
  source += fmt::format("sys.modules['exclusions'].set_held_out({})\n", python_literal(held_out));
  source += fmt::format("sys.modules['names'].set_vocabulary({}, {})\n", python_literal(vocabulary.names),
                        python_literal(vocabulary.methods));
  source += "entry = module.entry\n";
  return {.name = "corpus", .source = source, .entry = "entry", .kind = Harness::Kind::kFunction};
}

Result<std::unique_ptr<PythonRunner>> start_runner(const Vocabulary& vocabulary, const HeldOut& held_out) {
  PythonRunner::Options options;
  options.harnesses.push_back(harness(vocabulary, held_out));
  options.cpu_limit = std::chrono::seconds(30);
  options.stall_limit = std::chrono::seconds(60);
  options.memory_limit = std::size_t{2} << 30;
  options.result_limit = std::size_t{2} << 20;
  options.batch = 16;
  return PythonRunner::start(std::move(options));
}

}  // namespace samara::corpus
