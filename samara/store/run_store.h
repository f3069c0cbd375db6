// RunStore: a run on disk, and the only truth about it: the evaluation log, the programs' texts and the run's
// spec. Read docs/formats/run-store.md for the files and tables and program/evaluation.h for Record. An
// iteration is appended in one transaction, so a kill at any moment loses at most the iteration under way,
// and what is read back is what was appended, bit for bit. An object belongs to one thread at a time; open a
// second one to read elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/sha256.h"
#include "samara/program/evaluation.h"

namespace samara {

enum class Access {
  kRead,   ///< also while another process writes, after it was killed, and where nothing can be written
  kWrite,  ///< one process at a time
};

/// What a run is set up with; fixed when it is created.
struct RunDescription {
  std::string spec;  ///< the resolved spec, as it stands in run.toml; the store does not look into it
  std::vector<std::string> arms;  ///< names of the operator's arms: Record::arm indexes them
  std::string samara_version;     ///< of the program that created the run
  std::string task_files = {};    ///< of a task: a digest of each of its files, for the store a text
};

/// Errors of every function, beside those named: kIo (full disk, permissions, a failing disk), kInvalidData
/// (a damaged database), kInUse (another process kept the database locked for 10 s).
class RunStore {
 public:
  /// Makes a run in `folder`, which is created when missing, and opens it for writing. It appears as a whole
  /// or not at all. Errors: kAlreadyExists when the folder holds a run, kInUse when a process is just making
  /// one.
  static Result<RunStore> create(const std::filesystem::path& folder, const RunDescription& description);

  /// Whether the folder holds a run, be it whole or damaged.
  static bool is_in(const std::filesystem::path& folder);

  /// Errors: kNotFound; kInUse when another process writes to the run and `access` is kWrite; kUnsupported
  /// when a newer Samara wrote it (the files stay untouched).
  static Result<RunStore> open(const std::filesystem::path& folder, Access access);

  RunStore(RunStore&&) noexcept;
  RunStore& operator=(RunStore&&) noexcept;
  ~RunStore();

  const std::filesystem::path& folder() const;
  const RunDescription& description() const;

  // Writing.

  /// Appends iteration `iteration`, which must be the one after last_iteration(), or 0. On an error the run
  /// is as it was and the same call may be repeated.
  /// @param records     in slot order, from slot 0; their programs and parents are in the store or in
  /// `programs`
  /// @param programs    texts of the programs that these records propose; those already stored are passed
  /// over, and
  ///                    each new one must be the program of one of the records
  /// @param stats_json  times and other figures for people; never part of a digest
  Status append_iteration(std::uint32_t iteration, std::span<const Record> records,
                          std::span<const Program* const> programs, std::string_view stats_json);

  // Reading. Each call sees the state that was committed when it began.

  /// None while no iteration has been stored.
  Result<std::optional<std::uint32_t>> last_iteration();

  /// `program_size` is the bytes of the record's program, 0 without one. An error ends the walk and is passed
  /// on.
  using RecordCallback = std::function<Status(const Record& record, std::uint32_t program_size)>;
  /// All records with `from_iteration` or later, ordered by (iteration, slot). Their details are left out:
  /// ask program_details() for those that matter.
  Status for_each_record(const RecordCallback& callback, std::uint32_t from_iteration = 0);

  using IterationCallback = std::function<Status(std::uint32_t iteration, std::string_view stats_json)>;
  Status for_each_iteration(const IterationCallback& callback);

  /// The program's text; errors: kNotFound.
  Result<std::string> program_source(const ProgramId& id);

  /// The record that first proposed the program: its parents and how it was made, with its details. Errors:
  /// kNotFound.
  Result<Record> first_record(const ProgramId& id);

  /// What evaluating the program said besides its score: the details of its first record, empty without any.
  /// Errors: kNotFound when the program is not in the run.
  Result<Details> program_details(const ProgramId& id);

  /// All programs in the order in which they were stored. Valid until the next call that is not const.
  Result<std::span<const ProgramId>> program_ids();

  /// The program whose id starts with these hexadecimal digits. Errors: kNotFound; kInvalidArgument when
  /// there are several (the message lists some) or `prefix` is not hexadecimal.
  Result<ProgramId> find_program(std::string_view prefix);

  /// SHA-256 over all records (digest.h): equal digests mean equal runs, whatever the number of workers and
  /// kills.
  Result<Sha256Digest> digest();

  /// Reads everything and verifies it: the database's structure, that every text hashes to its id, that every
  /// reference resolves and every key follows its predecessor. Errors: kInvalidData with the first fault
  /// found.
  Status check();

 private:
  struct Impl;
  explicit RunStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace samara
