#include <cmath>

#include "samara/store/digest.h"
#include "samara/store/internal/run_store_impl.h"
#include "samara/store/run_store.h"

namespace samara {

using internal::Statement;

namespace {

bool is_finite(const Score& score) {
  bool finite = std::isfinite(score.fitness);
  for (const double x : score.behavior) finite = finite && std::isfinite(x);
  return finite;
}

}  // namespace

Status RunStore::check() {
  // A statement under way keeps one snapshot for all that follows, though a writer may go on meanwhile.
  SAMARA_TRY(Statement snapshot, impl_->database->prepare("SELECT key FROM meta"));
  SAMARA_TRY(const bool described, snapshot.step());
  if (!described) return impl_->database->damaged("its description is missing");
  SAMARA_TRY_STATUS(impl_->check_structure());
  SAMARA_TRY(const std::vector<std::uint32_t> proposed, impl_->check_records());
  SAMARA_TRY_STATUS(impl_->check_programs(proposed));
  return impl_->check_details(proposed.size());
}

Status RunStore::Impl::check_structure() {
  SAMARA_TRY(Statement integrity, database->prepare("PRAGMA integrity_check(1)"));
  SAMARA_TRY(const bool row, integrity.step());
  if (!row || integrity.bytes(0) != "ok") return database->damaged(row ? integrity.bytes(0) : "no answer");
  return {};
}

Result<std::vector<std::uint32_t>> RunStore::Impl::check_records() {
  SAMARA_TRY(Statement iterations,
             database->prepare("SELECT iteration, first_evaluation, evaluations, digest "
                               "FROM iterations ORDER BY iteration"));
  SAMARA_TRY(Statement evaluations,
             database->prepare(std::string(internal::kSelectRecords) + "ORDER BY evaluation"));
  std::vector<std::uint32_t> proposed;
  Sha256 hash;
  Record record;
  std::uint32_t program_size = 0;
  for (std::int64_t iteration = 0;; ++iteration) {
    SAMARA_TRY(const bool more, iterations.step());
    if (!more) break;
    const auto next_evaluation = [&] { return static_cast<std::int64_t>(proposed.size()) + 1; };
    if (iterations.integer(0) != iteration || iterations.integer(1) != next_evaluation()) {
      return database->damaged(fmt::format("iteration {} is missing or out of order", iteration));
    }
    for (std::int64_t slot = 0; slot < iterations.integer(2); ++slot) {
      SAMARA_TRY(const bool row, evaluations.step());
      if (!row || evaluations.integer(0) != next_evaluation() || evaluations.integer(1) != iteration ||
          evaluations.integer(2) != slot) {
        return database->damaged(
            fmt::format("slot {} of iteration {} is missing or out of order", slot, iteration));
      }
      SAMARA_TRY_STATUS(decode_record(evaluations, record, program_size));
      if (record.score && (!record.program || !is_finite(*record.score))) {
        return database->damaged(
            fmt::format("slot {} of iteration {} has an impossible score", slot, iteration));
      }
      digest_record(hash, record);
      proposed.push_back(record.program ? index.find(*record.program) : 0);
    }
    if (iterations.bytes(3) != internal::bytes_of(hash.finish())) {
      return database->damaged(fmt::format("iteration {} is not what was stored", iteration));
    }
  }
  SAMARA_TRY(const bool extra, evaluations.step());
  if (extra)
    return database->damaged(fmt::format("evaluation {} belongs to no iteration", proposed.size() + 1));
  return proposed;
}

Status RunStore::Impl::check_programs(std::span<const std::uint32_t> proposed) {
  SAMARA_TRY_STATUS(refresh_index());
  SAMARA_TRY(Statement programs, database->prepare("SELECT program, first_evaluation, text, dictionary, size "
                                                   "FROM programs ORDER BY program"));
  while (true) {
    SAMARA_TRY(const bool row, programs.step());
    if (!row) return {};
    const std::int64_t number = programs.integer(0);
    const std::int64_t evaluation = programs.integer(1);
    if (evaluation < 1 || evaluation > static_cast<std::int64_t>(proposed.size()) ||
        proposed[static_cast<std::size_t>(evaluation - 1)] != number) {
      return database->damaged(
          fmt::format("program {} is not the one that its first evaluation proposes", number));
    }
    SAMARA_TRY(const std::string text,
               decode_text(number, programs.bytes(2), programs.integer(3), programs.integer(4)));
    if (ProgramId::of(text) != index.id(static_cast<std::uint32_t>(number))) {
      return database->damaged(
          fmt::format("the text of program {} is not the one its id was made from", number));
    }
  }
}

Status RunStore::Impl::check_details(std::size_t evaluations) {
  SAMARA_TRY(const bool any, has_details());
  if (!any) return {};
  SAMARA_TRY(Statement rows, database->prepare("SELECT evaluation, text, size FROM details"));
  while (true) {
    SAMARA_TRY(const bool row, rows.step());
    if (!row) return {};
    const std::int64_t evaluation = rows.integer(0);
    if (evaluation < 1 || evaluation > static_cast<std::int64_t>(evaluations)) {
      return database->damaged(fmt::format("details belong to evaluation {}, which is missing", evaluation));
    }
    SAMARA_TRY_STATUS(decode_details(evaluation, rows.bytes(1), rows.integer(2)));
  }
}

}  // namespace samara
