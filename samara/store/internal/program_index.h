// ProgramIndex: which programs a run has, by id and by number, in memory: 16 bytes of id, 4 of size and about
// 6 of hash table per program. An index in the database would be five times slower to maintain, because ids
// are random. Read run_store.cc for its use. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "samara/program/program.h"

namespace samara::internal {

/// Programs are numbered from 1 in the order in which they are added: their row numbers in the database.
class ProgramIndex {
 public:
  std::size_t size() const { return ids_.size(); }
  std::span<const ProgramId> ids() const { return ids_; }

  /// The program's number, or 0 when it is unknown.
  std::uint32_t find(const ProgramId& id) const;
  /// Numbers from 1 to size().
  const ProgramId& id(std::uint32_t number) const { return ids_[number - 1]; }
  std::uint32_t program_size(std::uint32_t number) const { return sizes_[number - 1]; }

  /// False when the program is known already.
  bool add(const ProgramId& id, std::uint32_t program_size);
  /// Forgets the programs added last, so that `size` remain.
  void truncate(std::size_t size);

 private:
  /// Where the id is in the table or, when it is unknown, where it would go.
  std::size_t slot_of(const ProgramId& id) const;
  void grow();

  std::vector<ProgramId> ids_;
  std::vector<std::uint32_t> sizes_;
  std::vector<std::uint32_t> table_ = std::vector<std::uint32_t>(16);  // numbers, 0 for free; linear probing
};

}  // namespace samara::internal
