#include "samara/store/run_store.h"

#include <algorithm>
#include <bit>
#include <system_error>

#include "samara/base/file.h"
#include "samara/store/digest.h"
#include "samara/store/internal/run_store_impl.h"
#include "samara/store/internal/schema.h"

namespace samara {
namespace {

using internal::Database;
using internal::RunLock;
using internal::Statement;

static_assert(std::endian::native == std::endian::little, "behaviors are stored as they lie in memory");

constexpr const char* kDatabaseName = "run.db";

// Programs drift as they evolve, and a dictionary of recent ones compresses best: a new one is made after
// this many programs, the first ones after the run has doubled. Each takes 110 KB, 14 bytes per program.
constexpr std::size_t kFirstDictionaryAt = 256;
constexpr std::size_t kDictionaryEvery = 8192;
constexpr std::int64_t kDictionaryPrograms = 128;

Status write_description(Database& database, const RunDescription& description) {
  SAMARA_TRY(Statement meta, database.prepare("INSERT INTO meta VALUES (?, ?)"));
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"samara_version", description.samara_version}, {"spec", description.spec}};
  for (const auto& [key, value] : rows) {
    SAMARA_TRY_STATUS(meta.bind_text(1, key).bind_text(2, value).run());
  }
  if (!description.task_files.empty()) {
    SAMARA_TRY_STATUS(meta.bind_text(1, "task_files").bind_text(2, description.task_files).run());
  }
  SAMARA_TRY(Statement arm, database.prepare("INSERT INTO arms VALUES (?, ?)"));
  for (std::size_t i = 0; i < description.arms.size(); ++i) {
    SAMARA_TRY_STATUS(arm.bind(1, static_cast<std::int64_t>(i)).bind_text(2, description.arms[i]).run());
  }
  return {};
}

/// A complete database with no iterations at `path`.
Status write_empty_database(const std::filesystem::path& path, const RunDescription& description) {
  SAMARA_TRY(const auto database, Database::open(path, internal::sqlite_uri(path, "mode=rwc"),
                                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  SAMARA_TRY_STATUS(database->execute("PRAGMA page_size = 8192; BEGIN"));
  SAMARA_TRY_STATUS(database->execute(internal::kSchema));
  SAMARA_TRY_STATUS(database->execute(internal::kDetailsSchema));
  const std::string versions = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                           internal::kApplicationId, internal::kSchemaVersion);
  SAMARA_TRY_STATUS(database->execute(versions.c_str()));
  SAMARA_TRY_STATUS(write_description(*database, description));
  SAMARA_TRY_STATUS(database->execute("COMMIT"));
  // Last, so that all of it stands in the file itself and not in a write-ahead log beside it.
  return database->execute("PRAGMA journal_mode = WAL");
}

Result<RunDescription> read_description(Database& database) {
  RunDescription description;
  SAMARA_TRY(Statement meta, database.prepare("SELECT key, value FROM meta"));
  while (true) {
    SAMARA_TRY(const bool row, meta.step());
    if (!row) break;
    if (meta.bytes(0) == "spec") description.spec = meta.bytes(1);
    if (meta.bytes(0) == "samara_version") description.samara_version = meta.bytes(1);
    if (meta.bytes(0) == "task_files") description.task_files = meta.bytes(1);
  }
  SAMARA_TRY(Statement arms, database.prepare("SELECT name FROM arms ORDER BY arm"));
  while (true) {
    SAMARA_TRY(const bool row, arms.step());
    if (!row) break;
    description.arms.emplace_back(arms.bytes(0));
  }
  return description;
}

}  // namespace

RunStore::RunStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunStore::RunStore(RunStore&&) noexcept = default;
RunStore& RunStore::operator=(RunStore&&) noexcept = default;
RunStore::~RunStore() = default;

const std::filesystem::path& RunStore::folder() const {
  return impl_->folder;
}
const RunDescription& RunStore::description() const {
  return impl_->description;
}

Result<RunStore> RunStore::create(const std::filesystem::path& folder, const RunDescription& description) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) {
    return make_error(ErrorCode::kIo, "cannot make the folder {}: {}. Check its parent's permissions",
                      folder.string(), failure.message());
  }
  const std::filesystem::path path = folder / kDatabaseName;
  const std::filesystem::path partial = path.string() + ".partial";
  {
    SAMARA_TRY(const RunLock lock, RunLock::acquire(folder));
    if (std::filesystem::exists(path, failure)) {
      return make_error(ErrorCode::kAlreadyExists,
                        "{} holds a run already. Resume that one, or name another folder for the new run",
                        folder.string());
    }
    SAMARA_TRY_STATUS(write_file(folder / "run.toml", description.spec));
    // Made under another name and then renamed: whoever finds run.db finds a whole one.
    const auto remove_partial = [&] {
      for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
        std::filesystem::remove(partial.string() + suffix, failure);
      }
    };
    remove_partial();
    if (const Status written = write_empty_database(partial, description); !written.ok()) {
      remove_partial();
      return written.error();
    }
    std::filesystem::rename(partial, path, failure);
    if (failure) {
      return make_error(ErrorCode::kIo, "cannot make {}: {}", path.string(), failure.message());
    }
  }
  return open(folder, Access::kWrite);
}

bool RunStore::is_in(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / kDatabaseName, ignored);
}

Result<RunStore> RunStore::open(const std::filesystem::path& folder, Access access) {
  const std::filesystem::path path = folder / kDatabaseName;
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) {
    return make_error(ErrorCode::kNotFound,
                      "there is no run in {}: it has no {}. Check the path, or start a run there",
                      folder.string(), kDatabaseName);
  }
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  if (access == Access::kRead) {
    SAMARA_TRY(impl->database, Database::open_to_read(path));
  } else {
    SAMARA_TRY(RunLock lock, RunLock::acquire(folder));
    impl->lock.emplace(std::move(lock));
    SAMARA_TRY(impl->database,
               Database::open(path, internal::sqlite_uri(path, "mode=rw"), SQLITE_OPEN_READWRITE));
    // Until its version is known, closing must not move anything from the write-ahead log into the file.
    sqlite3_db_config(impl->database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  SAMARA_TRY_STATUS(
      impl->database->check_format(internal::kApplicationId, internal::kSchemaVersion, "a Samara run"));
  SAMARA_TRY(impl->description, read_description(*impl->database));
  if (access == Access::kWrite) {
    sqlite3_db_config(impl->database->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    SAMARA_TRY_STATUS(impl->prepare_writing());
  }
  return RunStore(std::move(impl));
}

Status RunStore::Impl::prepare_writing() {
  SAMARA_TRY_STATUS(database->execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 2000"));
  SAMARA_TRY_STATUS(database->execute(internal::kDetailsSchema));
  SAMARA_TRY(insert_program, database->prepare("INSERT INTO programs VALUES (?, ?, ?, ?, ?, ?)"));
  SAMARA_TRY(insert_iteration, database->prepare("INSERT INTO iterations VALUES (?, ?, ?, ?, ?)"));
  SAMARA_TRY(insert_evaluation,
             database->prepare("INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  SAMARA_TRY(insert_details, database->prepare("INSERT INTO details VALUES (?, ?, ?)"));

  SAMARA_TRY_STATUS(refresh_index());
  SAMARA_TRY(const auto iteration, database->query_integer("SELECT max(iteration) FROM iterations"));
  if (iteration) next_iteration = static_cast<std::uint32_t>(*iteration + 1);
  SAMARA_TRY(const auto evaluation, database->query_integer("SELECT max(evaluation) FROM evaluations"));
  next_evaluation = evaluation.value_or(0) + 1;
  // Numbers go on from those of earlier writers, and a run resumed gets a fresh dictionary at once.
  SAMARA_TRY(const auto last_dictionary, database->query_integer("SELECT max(dictionary) FROM dictionaries"));
  dictionaries = last_dictionary.value_or(0);
  next_dictionary_at = std::max(kFirstDictionaryAt, index.size());
  return {};
}

Status RunStore::append_iteration(std::uint32_t iteration, std::span<const Record> records,
                                  std::span<const Program* const> programs, std::string_view stats_json) {
  SAMARA_CHECK(impl_->lock.has_value());
  SAMARA_CHECK(iteration == impl_->next_iteration);
  SAMARA_TRY_STATUS(impl_->renew_dictionary_when_due());

  const std::size_t known = impl_->index.size();
  std::vector<const Program*> new_programs;
  for (const Program* program : programs) {
    if (impl_->index.add(program->id(), program->size())) new_programs.push_back(program);
  }
  if (Status written = impl_->write_iteration(iteration, records, new_programs, stats_json); !written.ok()) {
    impl_->insert_program->reset();
    impl_->insert_iteration->reset();
    impl_->insert_evaluation->reset();
    impl_->insert_details->reset();
    impl_->database->roll_back();
    impl_->index.truncate(known);
    return written;
  }
  ++impl_->next_iteration;
  impl_->next_evaluation += static_cast<std::int64_t>(records.size());
  return {};
}

Status RunStore::Impl::write_iteration(std::uint32_t iteration, std::span<const Record> records,
                                       std::span<const Program* const> new_programs,
                                       std::string_view stats_json) {
  const std::size_t known = index.size() - new_programs.size();
  std::vector<std::int64_t> first_evaluation(new_programs.size(), 0);

  SAMARA_TRY_STATUS(database->execute("BEGIN IMMEDIATE"));
  Sha256 hash;
  for (std::size_t i = 0; i < records.size(); ++i) {
    SAMARA_CHECK(records[i].iteration == iteration && records[i].slot == i);
    const std::int64_t evaluation = next_evaluation + static_cast<std::int64_t>(i);
    SAMARA_TRY_STATUS(insert(records[i], evaluation));
    SAMARA_TRY_STATUS(insert_details_of(records[i], evaluation));
    digest_record(hash, records[i]);
    if (!records[i].program) continue;
    const std::uint32_t number = index.find(*records[i].program);
    if (number > known && first_evaluation[number - known - 1] == 0)
      first_evaluation[number - known - 1] = evaluation;
  }
  for (std::size_t i = 0; i < new_programs.size(); ++i) {
    SAMARA_CHECK(first_evaluation[i] != 0);
    const Program& program = *new_programs[i];
    insert_program->bind(1, static_cast<std::int64_t>(known + i + 1));
    insert_program->bind_blob(2, internal::bytes_of(program.id().bytes));
    insert_program->bind(3, std::int64_t{program.size()});
    insert_program->bind(4, first_evaluation[i]);
    if (dictionary != 0) {
      insert_program->bind(5, dictionary);
    } else {
      insert_program->bind_null(5);
    }
    insert_program->bind_blob(6, codec.compress(program.source()));
    SAMARA_TRY_STATUS(insert_program->run());
  }
  const Sha256Digest digest = hash.finish();
  insert_iteration->bind(1, std::int64_t{iteration}).bind(2, next_evaluation);
  insert_iteration->bind(3, static_cast<std::int64_t>(records.size()));
  insert_iteration->bind_blob(4, internal::bytes_of(digest)).bind_text(5, stats_json);
  SAMARA_TRY_STATUS(insert_iteration->run());
  return database->execute("COMMIT");
}

Status RunStore::Impl::insert(const Record& record, std::int64_t evaluation) {
  SAMARA_CHECK(record.arm < description.arms.size() && record.parents.size() <= 2);
  SAMARA_CHECK(record.score.has_value() == is_scored(record.outcome));
  const auto bind_program = [&](int parameter, const ProgramId* id) {
    if (id == nullptr) {
      insert_evaluation->bind_null(parameter);
      return;
    }
    const std::uint32_t number = index.find(*id);
    SAMARA_CHECK(number != 0);
    insert_evaluation->bind(parameter, std::int64_t{number});
  };
  insert_evaluation->bind(1, evaluation);
  insert_evaluation->bind(2, std::int64_t{record.iteration}).bind(3, std::int64_t{record.slot});
  insert_evaluation->bind(4, std::int64_t{record.arm}).bind(5, static_cast<std::int64_t>(record.outcome));
  bind_program(6, record.program ? &*record.program : nullptr);
  bind_program(7, !record.parents.empty() ? &record.parents[0] : nullptr);
  bind_program(8, record.parents.size() > 1 ? &record.parents[1] : nullptr);
  if (record.score) {
    const Behavior& behavior = record.score->behavior;
    insert_evaluation->bind(9, record.score->fitness);
    insert_evaluation->bind_blob(
        10, {reinterpret_cast<const char*>(behavior.data()), behavior.size() * sizeof(double)});
  } else {
    insert_evaluation->bind_null(9).bind_null(10);
  }
  insert_evaluation->bind_text(11, record.note).bind_text(12, record.message);
  return insert_evaluation->run();
}

Status RunStore::Impl::insert_details_of(const Record& record, std::int64_t evaluation) {
  if (record.details.empty()) return {};
  insert_details->bind(1, evaluation).bind(2, static_cast<std::int64_t>(record.details.size()));
  return insert_details->bind_blob(3, details_codec.compress(record.details)).run();
}

Status RunStore::Impl::renew_dictionary_when_due() {
  if (index.size() < next_dictionary_at) return {};
  SAMARA_TRY(Statement latest,
             database->prepare("SELECT program, text, dictionary, size FROM programs WHERE program > ?"));
  latest.bind(1, static_cast<std::int64_t>(index.size()) - kDictionaryPrograms);
  std::vector<std::string> texts;
  while (true) {
    SAMARA_TRY(const bool row, latest.step());
    if (!row) break;
    SAMARA_TRY(texts.emplace_back(),
               decode_text(latest.integer(0), latest.bytes(1), latest.integer(2), latest.integer(3)));
  }
  if (const std::optional<std::string> bytes = internal::make_dictionary(texts)) {
    SAMARA_TRY(Statement insert, database->prepare("INSERT INTO dictionaries VALUES (?, ?)"));
    SAMARA_TRY_STATUS(insert.bind(1, dictionaries + 1).bind_blob(2, *bytes).run());
    ++dictionaries;
    codec.add_dictionary(dictionaries, *bytes);
    codec.compress_with(*bytes);
    dictionary = dictionaries;
  }
  next_dictionary_at = index.size() + std::min(index.size(), kDictionaryEvery);
  return {};
}

}  // namespace samara
