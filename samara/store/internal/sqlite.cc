#include "samara/store/internal/sqlite.h"

#include <cerrno>
#include <cstring>

namespace samara::internal {

Statement& Statement::bind(int parameter, std::int64_t value) {
  SAMARA_CHECK(sqlite3_bind_int64(handle_.get(), parameter, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  SAMARA_CHECK(sqlite3_bind_double(handle_.get(), parameter, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  SAMARA_CHECK(sqlite3_bind_null(handle_.get(), parameter) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view text) {
  // An empty view may have a null pointer, which would bind NULL.
  const char* start = text.empty() ? "" : text.data();
  SAMARA_CHECK(sqlite3_bind_text64(handle_.get(), parameter, start, text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  const char* start = bytes.empty() ? "" : bytes.data();
  SAMARA_CHECK(sqlite3_bind_blob64(handle_.get(), parameter, start, bytes.size(), SQLITE_STATIC) ==
               SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  const Error error = database_->error();
  reset();
  return error;
}

Status Statement::run() {
  SAMARA_TRY(const bool row, step());
  SAMARA_CHECK(!row);
  return {};
}

std::string_view Statement::bytes(int column) const {
  const void* start = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return {static_cast<const char*>(start), static_cast<std::size_t>(size)};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& name, const std::string& uri,
                                                 int flags) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(uri.c_str(), &handle, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  SAMARA_CHECK(handle != nullptr);  // only without memory
  std::unique_ptr<Database> database(new Database(name, handle));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 10'000);
  if (code != SQLITE_OK) return database->error();
  return database;
}

Result<std::unique_ptr<Database>> Database::open_to_read(const std::filesystem::path& path) {
  SAMARA_TRY(auto shared, open(path, sqlite_uri(path, "mode=ro"), SQLITE_OPEN_READONLY));
  const auto readable = shared->query_integer("SELECT count(*) FROM sqlite_master");
  if (readable.ok() || readable.error().code != ErrorCode::kIo) return shared;
  std::error_code failure;
  const bool has_log = std::filesystem::exists(path.string() + "-wal", failure);
  const std::string uri = sqlite_uri(path, has_log ? "mode=ro&vfs=unix-none" : "mode=ro&immutable=1");
  SAMARA_TRY(auto alone, open(path, uri, SQLITE_OPEN_READONLY));
  SAMARA_TRY_STATUS(alone->execute("PRAGMA locking_mode = EXCLUSIVE"));
  return alone;
}

Status Database::check_format(std::int64_t application_id, std::int64_t version, std::string_view content) {
  SAMARA_TRY(const auto application, query_integer("PRAGMA application_id"));
  if (application != application_id) {
    return make_error(ErrorCode::kInvalidData, "{} is a database, but not of {}. Check the path",
                      name_.string(), content);
  }
  SAMARA_TRY(const auto found, query_integer("PRAGMA user_version"));
  if (found == version) return {};
  return make_error(
      ErrorCode::kUnsupported,
      "{} was written by a newer Samara (format {}; this program knows format {}) and was left untouched. "
      "Use the newer Samara",
      name_.string(), found.value_or(0), version);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK) {
    return error();
  }
  return Statement(*this, statement);
}

Status Database::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

Result<std::optional<std::int64_t>> Database::query_integer(std::string_view sql) {
  SAMARA_TRY(Statement statement, prepare(sql));
  SAMARA_TRY(const bool row, statement.step());
  if (!row || statement.is_null(0)) return std::optional<std::int64_t>();
  return std::optional(statement.integer(0));
}

void Database::roll_back() {
  if (sqlite3_get_autocommit(handle_.get()) == 0) {
    // It can only fail by having been rolled back already.
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Error Database::error() const {
  const int code = sqlite3_extended_errcode(handle_.get());
  const int system = sqlite3_system_errno(handle_.get());
  const char* reason = sqlite3_errmsg(handle_.get());
  switch (code & 0xff) {
    case SQLITE_FULL:
      return make_error(
          ErrorCode::kIo,
          "no space left for {}. Nothing that was stored is lost: free some space and try again",
          name_.string());
    case SQLITE_IOERR:
      return make_error(
          ErrorCode::kIo,
          "cannot read or write {}: {}{}{}. Nothing that was stored is lost: see to the disk and try again",
          name_.string(), reason, system != 0 ? ": " : "", system != 0 ? std::strerror(system) : "");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return make_error(
          ErrorCode::kIo,
          "cannot open {}: {}{}{}. Check the permissions of its folder and whether the medium is writable",
          name_.string(), reason, system != 0 ? ": " : "", system != 0 ? std::strerror(system) : "");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(reason);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make_error(ErrorCode::kInUse,
                        "{} is locked by another process. Wait until it has finished, then try again",
                        name_.string());
    default:
      return make_error(ErrorCode::kInternal, "SQLite failed on {}: {} (code {})", name_.string(), reason,
                        code);
  }
}

Error Database::damaged(std::string_view fault) const {
  return make_error(
      ErrorCode::kInvalidData,
      "{} is damaged: {}. Restore it from a copy; 'sqlite3 {} .recover' saves what is still readable",
      name_.string(), fault, name_.string());
}

std::string sqlite_uri(const std::filesystem::path& path, std::string_view parameters) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", c);
    } else {
      uri += c;
    }
  }
  return uri.append("?").append(parameters);
}

}  // namespace samara::internal
