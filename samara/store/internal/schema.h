// The run database's schema, version 1. docs/formats/run-store.md explains every table and says what stays;
// change neither without the other.
#pragma once

#include <cstdint>

namespace samara::internal {

/// In the header of the file, so that any tool can tell a run: "Smra".
inline constexpr std::int64_t kApplicationId = 0x536d7261;
/// PRAGMA user_version. A change that older programs cannot read raises it.
inline constexpr std::int64_t kSchemaVersion = 1;

inline constexpr const char* kSchema = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE arms(arm INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE dictionaries(dictionary INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE programs(
  program INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  size INTEGER NOT NULL,
  first_evaluation INTEGER NOT NULL,
  dictionary INTEGER,
  text BLOB NOT NULL);
CREATE TABLE iterations(
  iteration INTEGER PRIMARY KEY,
  first_evaluation INTEGER NOT NULL,
  evaluations INTEGER NOT NULL,
  digest BLOB NOT NULL,
  stats TEXT NOT NULL);
CREATE TABLE evaluations(
  evaluation INTEGER PRIMARY KEY,
  iteration INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  arm INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  program INTEGER,
  parent_1 INTEGER,
  parent_2 INTEGER,
  fitness,
  behavior BLOB,
  note TEXT NOT NULL,
  message TEXT NOT NULL);
)";

/// Came later than the others, so runs of before lack it until they are next opened for writing.
inline constexpr const char* kDetailsSchema = R"(
CREATE TABLE IF NOT EXISTS details(
  evaluation INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  text BLOB NOT NULL);
)";

}  // namespace samara::internal
