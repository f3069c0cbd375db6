// What a RunStore owns, shared by the three files that implement it: run_store.cc (create, open, append),
// run_store_read.cc and run_store_check.cc. One thread at a time.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samara/store/internal/program_index.h"
#include "samara/store/internal/run_lock.h"
#include "samara/store/internal/sqlite.h"
#include "samara/store/internal/text_codec.h"
#include "samara/store/run_store.h"

namespace samara {

struct RunStore::Impl {
  std::filesystem::path folder;
  RunDescription description;
  std::optional<internal::RunLock> lock;  // held exactly by a store open for writing
  std::unique_ptr<internal::Database> database;

  // What has been read of the database so far. A writer has read everything; a reader catches up when it
  // meets a row that refers to more.
  internal::ProgramIndex index;
  internal::TextCodec codec;
  internal::TextCodec details_codec;               // without dictionaries: these are of programs
  std::optional<internal::Statement> select_text;  // prepared by the first program_source()

  // Of a writer.
  std::uint32_t next_iteration = 0;
  std::int64_t next_evaluation = 1;
  std::int64_t dictionaries = 0;       // stored so far
  std::int64_t dictionary = 0;         // the one that new texts are compressed with, 0 for none
  std::size_t next_dictionary_at = 0;  // programs stored when the next is due
  std::optional<internal::Statement> insert_program, insert_iteration, insert_evaluation, insert_details;

  Status prepare_writing();
  Status write_iteration(std::uint32_t iteration, std::span<const Record> records,
                         std::span<const Program* const> new_programs, std::string_view stats_json);
  Status insert(const Record& record, std::int64_t evaluation);
  Status insert_details_of(const Record& record, std::int64_t evaluation);
  Status renew_dictionary_when_due();

  Status check_structure();
  /// The number of the program that each evaluation proposes, 0 for none.
  Result<std::vector<std::uint32_t>> check_records();
  Status check_programs(std::span<const std::uint32_t> proposed);
  Status check_details(std::size_t evaluations);

  /// Whether the run has the table at all; one that an older Samara wrote may not.
  Result<bool> has_details();
  Result<std::string> decode_details(std::int64_t evaluation, std::string_view frame, std::int64_t size);
  /// The details of an evaluation by its number; empty without any.
  Result<std::string> details_of(std::int64_t evaluation);

  /// Adds the programs stored since the last call to the index.
  Status refresh_index();
  /// The program's number; errors: kNotFound.
  Result<std::uint32_t> number_of(const ProgramId& id);
  /// The id of a program that a row refers to; errors: kInvalidData.
  Result<ProgramId> referenced_program(std::int64_t number);
  Status load_dictionary(std::int64_t number);
  /// Text from the columns of programs: `frame` may be borrowed from a statement.
  Result<std::string> decode_text(std::int64_t number, std::string_view frame, std::int64_t dictionary,
                                  std::int64_t size);
  /// Fills `record` from a row of kSelectRecords; errors: kInvalidData when it is not a possible record.
  Status decode_record(const internal::Statement& row, Record& record, std::uint32_t& program_size);
};

namespace internal {

/// A hash as the blob that it is stored as.
template <std::size_t kSize>
std::string_view bytes_of(const std::array<std::uint8_t, kSize>& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

/// Add a WHERE clause; decode_record() reads the rows, whose column 0 is the evaluation's number.
inline constexpr std::string_view kSelectRecords =
    "SELECT evaluation, iteration, slot, arm, outcome, program, parent_1, parent_2, fitness, behavior, note, "
    "message "
    "FROM evaluations ";

}  // namespace internal

}  // namespace samara
