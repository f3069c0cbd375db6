// SQLite as values and Results: Database owns a connection, Statement a prepared statement. Every error of
// SQLite becomes an Error here, with what was tried, the file, the reason and the next step. One thread at a
// time per database and its statements. Nothing here knows the run store's tables.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "samara/base/result.h"

namespace samara::internal {

class Statement {
 public:
  /// Parameters count from 1. Text and blobs are borrowed until the statement is reset.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind_null(int parameter);
  Statement& bind_text(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);

  /// True with a row to read, false at the end, after which the statement is reset for its next use.
  Result<bool> step();
  /// For statements that return no rows.
  Status run();
  void reset() { sqlite3_reset(handle_.get()); }

  /// Columns count from 0. Bytes are valid until the next step or reset.
  bool is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  double real(int column) const { return sqlite3_column_double(handle_.get(), column); }
  std::string_view bytes(int column) const;

 private:
  friend class Database;
  Statement(class Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  class Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

class Database {
 public:
  /// `name` is what errors call the file, `uri` what is opened, `flags` are SQLITE_OPEN_*.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& name, const std::string& uri,
                                                int flags);

  /// A reader's connection. Readers of a database in WAL mode share memory through a file beside it. Where
  /// that file cannot be made, nobody can be writing either, so the reader needs neither it nor locks: it
  /// keeps the index of a write-ahead log that a killed writer left to itself, and without one reads the file
  /// as it is.
  static Result<std::unique_ptr<Database>> open_to_read(const std::filesystem::path& path);

  /// Refuses what is no file of ours, or a newer Samara's.
  /// @param content  what the file should be of, for messages
  Status check_format(std::int64_t application_id, std::int64_t version, std::string_view content);

  Result<Statement> prepare(std::string_view sql);
  /// Runs statements without parameters and results.
  Status execute(const char* sql);
  /// The first column of the first row of a query as an integer; none without a row or with a NULL there.
  Result<std::optional<std::int64_t>> query_integer(std::string_view sql);

  /// Leaves a failed transaction, if one is open.
  void roll_back();

  /// The last call's failure.
  Error error() const;
  /// kInvalidData about this file: what is wrong with its contents.
  Error damaged(std::string_view fault) const;

  sqlite3* handle() { return handle_.get(); }

 private:
  Database(std::filesystem::path name, sqlite3* handle) : name_(std::move(name)), handle_(handle) {}

  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::filesystem::path name_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A file: URI for the path with query parameters such as "mode=ro".
std::string sqlite_uri(const std::filesystem::path& path, std::string_view parameters);

}  // namespace samara::internal
