#include "samara/store/reply_journal.h"

#include <algorithm>
#include <mutex>
#include <system_error>

#include "samara/store/internal/run_store_impl.h"
#include "samara/store/internal/sqlite.h"
#include "samara/store/internal/text_codec.h"

namespace samara {
namespace {

using internal::Database;
using internal::Statement;

constexpr const char* kName = "replies.db";
/// In the file's header: "Smrj". Version 1; docs/formats/reply-journal.md says what each column is.
constexpr std::int64_t kApplicationId = 0x536d726a;
constexpr std::int64_t kVersion = 1;
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS replies(
  iteration INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  model TEXT NOT NULL,
  arm TEXT NOT NULL,
  request BLOB NOT NULL,
  subject BLOB NOT NULL,
  refused INTEGER NOT NULL,
  size INTEGER NOT NULL,
  text BLOB NOT NULL,
  served_model TEXT NOT NULL,
  finish_reason TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  cost REAL NOT NULL,
  PRIMARY KEY(iteration, slot, attempt)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures(
  model TEXT NOT NULL,
  arm TEXT NOT NULL,
  calls INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cost REAL NOT NULL,
  PRIMARY KEY(model, arm)) WITHOUT ROWID;
)";

std::int64_t as_integer(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
}

Result<std::unique_ptr<Database>> open_database(const std::filesystem::path& path, Access access) {
  if (access == Access::kRead) return Database::open_to_read(path);
  SAMARA_TRY(auto database, Database::open(path, internal::sqlite_uri(path, "mode=rwc"),
                                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  SAMARA_TRY_STATUS(database->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
  SAMARA_TRY(const auto application, database->query_integer("PRAGMA application_id"));
  if (application.value_or(0) == 0) {
    const std::string header = fmt::format(
        "BEGIN IMMEDIATE; {} PRAGMA application_id = {}; "
        "PRAGMA user_version = {}; COMMIT",
        kSchema, kApplicationId, kVersion);
    SAMARA_TRY_STATUS(database->execute(header.c_str()));
  }
  return database;
}

}  // namespace

struct ReplyJournal::Impl {
  std::mutex mutex;
  std::unique_ptr<Database> database;
  internal::TextCodec codec;
  std::optional<Statement> select, insert, insert_failure;
};

ReplyJournal::ReplyJournal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReplyJournal::~ReplyJournal() = default;

bool ReplyJournal::is_in(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / kName, ignored);
}

Result<std::unique_ptr<ReplyJournal>> ReplyJournal::open(const std::filesystem::path& folder, Access access) {
  const std::filesystem::path path = folder / kName;
  if (access == Access::kRead && !is_in(folder)) {
    return make_error(ErrorCode::kNotFound,
                      "the run in {} has no recorded replies ({}): it asked no endpoint", folder.string(),
                      kName);
  }
  auto impl = std::make_unique<Impl>();
  SAMARA_TRY(impl->database, open_database(path, access));
  SAMARA_TRY_STATUS(impl->database->check_format(kApplicationId, kVersion, "recorded replies"));
  SAMARA_TRY(
      impl->select,
      impl->database->prepare("SELECT model, arm, request, refused, size, text, served_model, finish_reason, "
                              "prompt_tokens, completion_tokens, counted, cost, subject FROM replies "
                              "WHERE iteration = ? AND slot = ? AND attempt = ?"));
  if (access == Access::kWrite) {
    SAMARA_TRY(impl->insert,
               impl->database->prepare(
                   "INSERT INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    SAMARA_TRY(impl->insert_failure,
               impl->database->prepare(
                   "INSERT INTO failures VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(model, arm) DO UPDATE SET "
                   "calls = calls + excluded.calls, prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
                   "completion_tokens = completion_tokens + excluded.completion_tokens, "
                   "cost = cost + excluded.cost"));
  }
  return std::unique_ptr<ReplyJournal>(new ReplyJournal(std::move(impl)));
}

Status ReplyJournal::copy(const std::filesystem::path& from_folder, const std::filesystem::path& to_folder) {
  SAMARA_TRY(const auto from, open(from_folder, Access::kRead));
  const std::filesystem::path path = to_folder / kName, partial = path.string() + ".partial";
  std::error_code failure;
  std::filesystem::remove(partial, failure);
  {
    SAMARA_TRY(Statement copy, from->impl_->database->prepare("VACUUM INTO ?"));
    const std::string name = partial.string();
    SAMARA_TRY_STATUS(copy.bind_text(1, name).run());
  }
  std::filesystem::rename(partial, path, failure);
  if (failure) return make_error(ErrorCode::kIo, "cannot make {}: {}", path.string(), failure.message());
  return {};
}

Result<std::optional<RecordedReply>> ReplyJournal::find(std::uint32_t iteration, std::uint32_t slot,
                                                        std::uint32_t attempt) {
  const std::lock_guard lock(impl_->mutex);
  Statement& select = *impl_->select;
  select.bind(1, std::int64_t{iteration}).bind(2, std::int64_t{slot}).bind(3, std::int64_t{attempt});
  SAMARA_TRY(const bool row, select.step());
  if (!row) return std::optional<RecordedReply>();
  RecordedReply reply;
  reply.iteration = iteration;
  reply.slot = slot;
  reply.attempt = attempt;
  reply.model = select.bytes(0);
  reply.arm = select.bytes(1);
  const std::string_view request = select.bytes(2);
  auto text = impl_->codec.decompress(select.bytes(5), 0, static_cast<std::size_t>(select.integer(4)));
  reply.refused = select.integer(3) != 0;
  reply.served_model = select.bytes(6);
  reply.finish_reason = select.bytes(7);
  reply.prompt_tokens = static_cast<std::uint64_t>(select.integer(8));
  reply.completion_tokens = static_cast<std::uint64_t>(select.integer(9));
  reply.counted = select.integer(10) != 0;
  reply.cost = select.real(11);
  const std::string_view subject = select.bytes(12);
  const bool whole = text && request.size() == reply.request.size() && subject.size() == reply.subject.size();
  if (whole) {
    std::copy(request.begin(), request.end(), reinterpret_cast<char*>(reply.request.data()));
    std::copy(subject.begin(), subject.end(), reinterpret_cast<char*>(reply.subject.data()));
  }
  select.reset();
  if (!whole) {
    return impl_->database->damaged(fmt::format(
        "the reply to iteration {}, slot {}, attempt {} cannot be read", iteration, slot, attempt));
  }
  reply.text = std::move(*text);
  return std::optional(std::move(reply));
}

Status ReplyJournal::add(const RecordedReply& reply) {
  const std::lock_guard lock(impl_->mutex);
  SAMARA_CHECK(impl_->insert.has_value());
  Statement& insert = *impl_->insert;
  insert.bind(1, std::int64_t{reply.iteration}).bind(2, std::int64_t{reply.slot});
  insert.bind(3, std::int64_t{reply.attempt}).bind_text(4, reply.model).bind_text(5, reply.arm);
  insert.bind_blob(6, internal::bytes_of(reply.request)).bind_blob(7, internal::bytes_of(reply.subject));
  insert.bind(8, std::int64_t{reply.refused}).bind(9, static_cast<std::int64_t>(reply.text.size()));
  insert.bind_blob(10, impl_->codec.compress(reply.text));
  insert.bind_text(11, reply.served_model).bind_text(12, reply.finish_reason);
  insert.bind(13, as_integer(reply.prompt_tokens)).bind(14, as_integer(reply.completion_tokens));
  insert.bind(15, std::int64_t{reply.counted}).bind(16, reply.cost);
  return insert.run();
}

Status ReplyJournal::add_failure(const LedgerLine& line) {
  const std::lock_guard lock(impl_->mutex);
  SAMARA_CHECK(impl_->insert_failure.has_value());
  Statement& insert = *impl_->insert_failure;
  insert.bind_text(1, line.model).bind_text(2, line.arm).bind(3, as_integer(line.failures));
  insert.bind(4, as_integer(line.prompt_tokens))
      .bind(5, as_integer(line.completion_tokens))
      .bind(6, line.cost);
  return insert.run();
}

Result<std::vector<LedgerLine>> ReplyJournal::ledger() {
  const std::lock_guard lock(impl_->mutex);
  SAMARA_TRY(
      Statement select,
      impl_->database->prepare(
          "SELECT model, arm, sum(requests), sum(failures), sum(prompt), sum(completion), sum(cost) FROM ("
          "SELECT model, arm, 1 AS requests, 0 AS failures, prompt_tokens AS prompt, completion_tokens AS "
          "completion, cost FROM replies WHERE NOT refused UNION ALL "
          "SELECT model, arm, calls, calls, prompt_tokens, completion_tokens, cost FROM failures) "
          "GROUP BY model, arm ORDER BY model, arm"));
  std::vector<LedgerLine> lines;
  while (true) {
    SAMARA_TRY(const bool row, select.step());
    if (!row) return lines;
    LedgerLine& line = lines.emplace_back();
    line.model = select.bytes(0);
    line.arm = select.bytes(1);
    line.requests = static_cast<std::uint64_t>(select.integer(2));
    line.failures = static_cast<std::uint64_t>(select.integer(3));
    line.prompt_tokens = static_cast<std::uint64_t>(select.integer(4));
    line.completion_tokens = static_cast<std::uint64_t>(select.integer(5));
    line.cost = select.real(6);
  }
}

Status ReplyJournal::for_each_slot(std::uint32_t from, std::uint32_t to,
                                   const std::function<void(const SlotCost&)>& callback) {
  const std::lock_guard lock(impl_->mutex);
  SAMARA_TRY(Statement select,
             impl_->database->prepare("SELECT iteration, slot, model, cost FROM replies "
                                      "WHERE iteration BETWEEN ? AND ? ORDER BY iteration, slot, attempt"));
  select.bind(1, std::int64_t{from}).bind(2, std::int64_t{to});
  std::optional<SlotCost> current;
  while (true) {
    SAMARA_TRY(const bool row, select.step());
    if (!row) break;
    const auto iteration = static_cast<std::uint32_t>(select.integer(0));
    const auto slot = static_cast<std::uint32_t>(select.integer(1));
    if (current && (current->iteration != iteration || current->slot != slot)) {
      callback(*current);
      current.reset();
    }
    if (!current) current = SlotCost{iteration, slot, std::string(select.bytes(2)), 0.0};
    current->cost += select.real(3);
  }
  if (current) callback(*current);
  return {};
}

Result<std::uint64_t> ReplyJournal::size() {
  const std::lock_guard lock(impl_->mutex);
  SAMARA_TRY(const auto count, impl_->database->query_integer("SELECT count(*) FROM replies"));
  return static_cast<std::uint64_t>(count.value_or(0));
}

}  // namespace samara
