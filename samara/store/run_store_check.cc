#include <cmath>

#include "samara/store/internal/run_store_impl.h"
#include "samara/store/run_store.h"

namespace samara {
namespace {

using internal::Database;
using internal::Statement;

/// SQLite's own check of pages, keys and types.
Status check_structure(Database& database) {
  SAMARA_TRY(Statement integrity, database.prepare("PRAGMA integrity_check(1)"));
  SAMARA_TRY(const bool row, integrity.step());
  if (!row || integrity.bytes(0) != "ok") return database.damaged(row ? integrity.bytes(0) : "no answer");
  return {};
}

/// Every iteration holds the evaluations that it says, in slot order, and they follow each other without a
/// gap.
Status check_order(Database& database) {
  SAMARA_TRY(
      Statement iterations,
      database.prepare("SELECT iteration, first_evaluation, evaluations FROM iterations ORDER BY iteration"));
  SAMARA_TRY(Statement evaluations,
             database.prepare("SELECT evaluation, iteration, slot FROM evaluations ORDER BY evaluation"));
  std::int64_t next_evaluation = 1;
  for (std::int64_t iteration = 0;; ++iteration) {
    SAMARA_TRY(const bool more, iterations.step());
    if (!more) break;
    if (iterations.integer(0) != iteration || iterations.integer(1) != next_evaluation) {
      return database.damaged(fmt::format("iteration {} is missing or out of order", iteration));
    }
    for (std::int64_t slot = 0; slot < iterations.integer(2); ++slot, ++next_evaluation) {
      SAMARA_TRY(const bool row, evaluations.step());
      if (!row || evaluations.integer(0) != next_evaluation || evaluations.integer(1) != iteration ||
          evaluations.integer(2) != slot) {
        return database.damaged(
            fmt::format("slot {} of iteration {} is missing or out of order", slot, iteration));
      }
    }
  }
  SAMARA_TRY(const bool extra, evaluations.step());
  if (extra) return database.damaged(fmt::format("evaluation {} belongs to no iteration", next_evaluation));
  return {};
}

}  // namespace

Status RunStore::check() {
  Database& database = *impl_->database;
  // One snapshot for all: a writer may go on meanwhile.
  SAMARA_TRY(Statement snapshot, database.prepare("SELECT count(*) OVER () FROM meta"));
  SAMARA_TRY(const bool described, snapshot.step());
  if (!described) return database.damaged("its description is missing");

  SAMARA_TRY_STATUS(check_structure(database));
  SAMARA_TRY_STATUS(check_order(database));

  // Which program each evaluation proposes, while the records prove readable.
  std::vector<std::uint32_t> proposed;
  SAMARA_TRY_STATUS(for_each_record([&](const Record& record, std::uint32_t) -> Status {
    const auto wrong = [&](std::string_view what) {
      return database.damaged(
          fmt::format("slot {} of iteration {} has {}", record.slot, record.iteration, what));
    };
    proposed.push_back(record.program ? impl_->index.find(*record.program) : 0);
    if (!record.score) return {};
    if (!record.program) return wrong("a score but no program");
    if (!std::isfinite(record.score->fitness)) return wrong("an infinite fitness");
    for (const double x : record.score->behavior) {
      if (!std::isfinite(x)) return wrong("an infinite behavior");
    }
    return {};
  }));

  SAMARA_TRY(Statement programs,
             database.prepare(
                 "SELECT program, first_evaluation, text, dictionary, size FROM programs ORDER BY program"));
  SAMARA_TRY_STATUS(impl_->refresh_index());
  while (true) {
    SAMARA_TRY(const bool row, programs.step());
    if (!row) return {};
    const std::int64_t number = programs.integer(0), evaluation = programs.integer(1);
    if (evaluation < 1 || evaluation > static_cast<std::int64_t>(proposed.size()) ||
        proposed[static_cast<std::size_t>(evaluation - 1)] != number) {
      return database.damaged(
          fmt::format("program {} is not the one that its first evaluation proposes", number));
    }
    SAMARA_TRY(const std::string text,
               impl_->decode_text(number, programs.bytes(2), programs.integer(3), programs.integer(4)));
    if (ProgramId::of(text) != impl_->index.id(static_cast<std::uint32_t>(number))) {
      return database.damaged(
          fmt::format("the text of program {} is not the one its id was made from", number));
    }
  }
}

}  // namespace samara
