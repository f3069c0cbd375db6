// FailingDisk: makes SQLite's nth write fail, wherever in the store it happens. Read run_store_fault_test.cc
// for its use. It wraps the file methods of the default VFS, for databases opened while it lives; one at a
// time.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>

#include "samara/base/check.h"

namespace samara::test {

class FailingDisk {
 public:
  FailingDisk() : real_(sqlite3_vfs_find(nullptr)), failing_(*real_) {
    SAMARA_CHECK(current() == nullptr);
    current() = this;
    failing_.zName = "samara-failing-disk";
    failing_.xOpen = open;
    SAMARA_CHECK(sqlite3_vfs_register(&failing_, 1) == SQLITE_OK);
  }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;
  ~FailingDisk() {
    sqlite3_vfs_unregister(&failing_);
    sqlite3_vfs_register(real_, 1);
    current() = nullptr;
  }

  /// Lets `skip` writes, syncs and truncations pass; from then on all fail with `code`, until stop().
  void fail_write(int skip, int code) {
    skip_ = skip;
    code_ = code;
    has_failed_ = false;
  }
  /// All is well again. True if anything has failed since fail_write().
  bool stop() {
    skip_ = -1;
    return has_failed_;
  }

 private:
  struct Methods {
    sqlite3_io_methods failing;
    const sqlite3_io_methods* real;
  };

  static FailingDisk*& current() {
    static FailingDisk* disk = nullptr;
    return disk;
  }

  /// The code to fail with, or SQLITE_OK.
  int next() {
    if (skip_ < 0) return SQLITE_OK;
    if (skip_ > 0) return --skip_, SQLITE_OK;
    has_failed_ = true;
    return code_;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    FailingDisk& disk = *current();
    const int result = disk.real_->xOpen(disk.real_, name, file, flags, flags_out);
    if (file->pMethods == nullptr) return result;
    std::unique_ptr<Methods>& methods = disk.methods_[file->pMethods];
    if (!methods) {
      methods = std::make_unique<Methods>(Methods{*file->pMethods, file->pMethods});
      methods->failing.xWrite = write;
      methods->failing.xSync = sync;
      methods->failing.xTruncate = truncate;
    }
    file->pMethods = &methods->failing;
    return result;
  }

  // The failing table is the first member of Methods, so a file leads back to the real one.
  static const sqlite3_io_methods& real(sqlite3_file* file) {
    return *reinterpret_cast<const Methods*>(file->pMethods)->real;
  }
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    const int code = current()->next();
    return code != SQLITE_OK ? code : real(file).xWrite(file, bytes, size, offset);
  }
  static int sync(sqlite3_file* file, int flags) {
    const int code = current()->next();
    return code != SQLITE_OK ? SQLITE_IOERR_FSYNC : real(file).xSync(file, flags);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int code = current()->next();
    return code != SQLITE_OK ? SQLITE_IOERR_TRUNCATE : real(file).xTruncate(file, size);
  }

  sqlite3_vfs* real_;
  sqlite3_vfs failing_;
  std::map<const sqlite3_io_methods*, std::unique_ptr<Methods>> methods_;
  int skip_ = -1;
  int code_ = SQLITE_OK;
  bool has_failed_ = false;
};

}  // namespace samara::test
