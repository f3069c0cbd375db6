#include <algorithm>
#include <cstring>

#include "samara/store/digest.h"
#include "samara/store/internal/run_store_impl.h"
#include "samara/store/run_store.h"

namespace samara {

using internal::Statement;

Status RunStore::Impl::refresh_index() {
  SAMARA_TRY(Statement programs,
             database->prepare("SELECT program, id, size FROM programs WHERE program > ? ORDER BY program"));
  programs.bind(1, static_cast<std::int64_t>(index.size()));
  while (true) {
    SAMARA_TRY(const bool row, programs.step());
    if (!row) return {};
    ProgramId id;
    const std::string_view bytes = programs.bytes(1);
    if (programs.integer(0) != static_cast<std::int64_t>(index.size()) + 1 ||
        bytes.size() != id.bytes.size()) {
      return database->damaged(fmt::format("program {} is missing", index.size() + 1));
    }
    std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
    if (!index.add(id, static_cast<std::uint32_t>(programs.integer(2)))) {
      return database->damaged(fmt::format("program {} is stored twice", id.hex()));
    }
  }
}

Status RunStore::Impl::load_dictionary(std::int64_t number) {
  SAMARA_TRY(Statement select, database->prepare("SELECT bytes FROM dictionaries WHERE dictionary = ?"));
  SAMARA_TRY(const bool row, select.bind(1, number).step());
  if (!row) return database->damaged(fmt::format("dictionary {} is missing", number));
  codec.add_dictionary(number, select.bytes(0));
  return {};
}

Result<std::uint32_t> RunStore::Impl::number_of(const ProgramId& id) {
  if (index.find(id) == 0) SAMARA_TRY_STATUS(refresh_index());
  const std::uint32_t number = index.find(id);
  if (number == 0) {
    return make_error(ErrorCode::kNotFound, "the run in {} has no program {}", folder.string(), id.hex());
  }
  return number;
}

Result<ProgramId> RunStore::Impl::referenced_program(std::int64_t number) {
  if (number > static_cast<std::int64_t>(index.size())) SAMARA_TRY_STATUS(refresh_index());
  if (number < 1 || number > static_cast<std::int64_t>(index.size())) {
    return database->damaged(fmt::format("an evaluation refers to program {}, which is missing", number));
  }
  return index.id(static_cast<std::uint32_t>(number));
}

Result<std::string> RunStore::Impl::decode_text(std::int64_t number, std::string_view frame,
                                                std::int64_t dictionary, std::int64_t size) {
  if (dictionary != 0 && !codec.has_dictionary(dictionary)) SAMARA_TRY_STATUS(load_dictionary(dictionary));
  std::optional<std::string> text = codec.decompress(frame, dictionary, static_cast<std::size_t>(size));
  if (!text) return database->damaged(fmt::format("the text of program {} cannot be decompressed", number));
  return std::move(*text);
}

Status RunStore::Impl::decode_record(const Statement& row, Record& record, std::uint32_t& program_size) {
  const auto impossible = [&](std::string_view what) {
    return database->damaged(fmt::format("evaluation {} has an impossible {}", row.integer(0), what));
  };
  record.iteration = static_cast<std::uint32_t>(row.integer(1));
  record.slot = static_cast<std::uint32_t>(row.integer(2));
  if (row.integer(3) < 0 || row.integer(3) >= static_cast<std::int64_t>(description.arms.size())) {
    return impossible("arm");
  }
  record.arm = static_cast<std::uint16_t>(row.integer(3));
  if (row.integer(4) < 0 || row.integer(4) >= kOutcomeCount) return impossible("outcome");
  record.outcome = static_cast<Outcome>(row.integer(4));

  record.program.reset();
  program_size = 0;
  if (!row.is_null(5)) {
    SAMARA_TRY(record.program, referenced_program(row.integer(5)));
    program_size = index.program_size(static_cast<std::uint32_t>(row.integer(5)));
  }
  record.parents.clear();
  for (const int column : {6, 7}) {
    if (row.is_null(column)) continue;
    SAMARA_TRY(const ProgramId parent, referenced_program(row.integer(column)));
    record.parents.push_back(parent);
  }

  const std::string_view behavior = row.bytes(9);
  if (row.is_null(8) == is_scored(record.outcome)) return impossible("fitness");
  if (behavior.size() % sizeof(double) != 0) return impossible("behavior");
  if (row.is_null(8)) {
    record.score.reset();
  } else {
    Score& score = record.score ? *record.score : record.score.emplace();
    score.fitness = row.real(8);
    score.behavior.resize(behavior.size() / sizeof(double));
    std::copy(behavior.begin(), behavior.end(), reinterpret_cast<char*>(score.behavior.data()));
  }
  record.note = row.bytes(10);
  record.message = row.bytes(11);
  record.details.clear();
  return {};
}

Result<std::optional<std::uint32_t>> RunStore::last_iteration() {
  SAMARA_TRY(const auto last, impl_->database->query_integer("SELECT max(iteration) FROM iterations"));
  if (!last) return std::optional<std::uint32_t>();
  return std::optional(static_cast<std::uint32_t>(*last));
}

Status RunStore::for_each_record(const RecordCallback& callback, std::uint32_t from_iteration) {
  SAMARA_TRY(Statement select, impl_->database->prepare(
                                   std::string(internal::kSelectRecords) +
                                   "WHERE evaluation >= (SELECT first_evaluation FROM iterations "
                                   "WHERE iteration >= ? ORDER BY iteration LIMIT 1) ORDER BY evaluation"));
  select.bind(1, std::int64_t{from_iteration});
  Record record;
  std::uint32_t program_size = 0;
  while (true) {
    SAMARA_TRY(const bool row, select.step());
    if (!row) return {};
    SAMARA_TRY_STATUS(impl_->decode_record(select, record, program_size));
    SAMARA_TRY_STATUS(callback(record, program_size));
  }
}

Status RunStore::for_each_iteration(const IterationCallback& callback) {
  SAMARA_TRY(Statement select,
             impl_->database->prepare("SELECT iteration, stats FROM iterations ORDER BY iteration"));
  while (true) {
    SAMARA_TRY(const bool row, select.step());
    if (!row) return {};
    SAMARA_TRY_STATUS(callback(static_cast<std::uint32_t>(select.integer(0)), select.bytes(1)));
  }
}

Result<std::string> RunStore::program_source(const ProgramId& id) {
  SAMARA_TRY(const std::uint32_t number, impl_->number_of(id));
  std::optional<Statement>& select = impl_->select_text;
  if (!select) {
    SAMARA_TRY(select,
               impl_->database->prepare("SELECT text, dictionary, size FROM programs WHERE program = ?"));
  }
  SAMARA_TRY(const bool row, select->bind(1, std::int64_t{number}).step());
  if (!row) return impl_->database->damaged(fmt::format("program {} is missing", number));
  Result<std::string> text =
      impl_->decode_text(number, select->bytes(0), select->integer(1), select->integer(2));
  select->reset();
  return text;
}

Result<Record> RunStore::first_record(const ProgramId& id) {
  SAMARA_TRY(const std::uint32_t number, impl_->number_of(id));
  SAMARA_TRY(Statement select,
             impl_->database->prepare(
                 std::string(internal::kSelectRecords) +
                 "WHERE evaluation = (SELECT first_evaluation FROM programs WHERE programs.program = ?)"));
  SAMARA_TRY(const bool row, select.bind(1, std::int64_t{number}).step());
  if (!row) return impl_->database->damaged(fmt::format("no evaluation proposes program {}", number));
  Record record;
  std::uint32_t program_size = 0;
  SAMARA_TRY_STATUS(impl_->decode_record(select, record, program_size));
  SAMARA_TRY(record.details, impl_->details_of(select.integer(0)));
  return record;
}

Result<Details> RunStore::program_details(const ProgramId& id) {
  SAMARA_TRY(const std::uint32_t number, impl_->number_of(id));
  SAMARA_TRY(const auto evaluation, impl_->database->query_integer(fmt::format(
                                        "SELECT first_evaluation FROM programs WHERE program = {}", number)));
  return impl_->details_of(evaluation.value_or(0));
}

Result<bool> RunStore::Impl::has_details() {
  SAMARA_TRY(const auto tables,
             database->query_integer("SELECT count(*) FROM sqlite_master WHERE name = 'details'"));
  return tables.value_or(0) > 0;
}

Result<std::string> RunStore::Impl::decode_details(std::int64_t evaluation, std::string_view frame,
                                                   std::int64_t size) {
  std::optional<std::string> text = details_codec.decompress(frame, 0, static_cast<std::size_t>(size));
  if (!text) {
    return database->damaged(fmt::format("the details of evaluation {} cannot be decompressed", evaluation));
  }
  return std::move(*text);
}

Result<std::string> RunStore::Impl::details_of(std::int64_t evaluation) {
  SAMARA_TRY(const bool any, has_details());
  if (!any) return std::string();
  SAMARA_TRY(Statement select, database->prepare("SELECT text, size FROM details WHERE evaluation = ?"));
  SAMARA_TRY(const bool row, select.bind(1, evaluation).step());
  if (!row) return std::string();
  return decode_details(evaluation, select.bytes(0), select.integer(1));
}

Result<std::span<const ProgramId>> RunStore::program_ids() {
  SAMARA_TRY_STATUS(impl_->refresh_index());
  return impl_->index.ids();
}

Result<ProgramId> RunStore::find_program(std::string_view prefix) {
  std::string digits(prefix);
  std::transform(digits.begin(), digits.end(), digits.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? c + 32 : c; });
  if (digits.empty() || digits.size() > 32 ||
      digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return make_error(ErrorCode::kInvalidArgument,
                      "'{}' does not start a program id: expected up to 32 hexadecimal digits", prefix);
  }
  SAMARA_TRY(const std::span<const ProgramId> ids, program_ids());
  std::vector<ProgramId> found;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(found),
               [&](const ProgramId& id) { return id.hex().starts_with(digits); });
  if (found.empty()) {
    return make_error(ErrorCode::kNotFound, "no program of the run in {} has an id that starts with {}",
                      folder().string(), digits);
  }
  if (found.size() > 1) {
    std::string some;
    for (std::size_t i = 0; i < found.size() && i < 5; ++i)
      some += fmt::format("{} {}", i == 0 ? "" : ",", found[i].hex());
    return make_error(ErrorCode::kInvalidArgument,
                      "{} programs have an id that starts with {}:{}{}. Give more digits", found.size(),
                      digits, some, found.size() > 5 ? " ..." : "");
  }
  return found.front();
}

Result<Sha256Digest> RunStore::digest() {
  Sha256 hash;
  SAMARA_TRY_STATUS(for_each_record([&](const Record& record, std::uint32_t) {
    digest_record(hash, record);
    return Status();
  }));
  return hash.finish();
}

}  // namespace samara
