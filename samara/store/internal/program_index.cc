#include "samara/store/internal/program_index.h"

namespace samara::internal {

std::size_t ProgramIndex::slot_of(const ProgramId& id) const {
  std::size_t slot = std::hash<ProgramId>()(id) & (table_.size() - 1);
  while (table_[slot] != 0 && ids_[table_[slot] - 1] != id) slot = (slot + 1) & (table_.size() - 1);
  return slot;
}

std::uint32_t ProgramIndex::find(const ProgramId& id) const {
  return table_[slot_of(id)];
}

bool ProgramIndex::add(const ProgramId& id, std::uint32_t program_size) {
  if (ids_.size() + 1 > table_.size() / 4 * 3) grow();
  const std::size_t slot = slot_of(id);
  if (table_[slot] != 0) return false;
  ids_.push_back(id);
  sizes_.push_back(program_size);
  table_[slot] = static_cast<std::uint32_t>(ids_.size());
  return true;
}

void ProgramIndex::truncate(std::size_t size) {
  // Last in, first out: no remaining program's probe passed over a slot that was filled after it.
  while (ids_.size() > size) {
    table_[slot_of(ids_.back())] = 0;
    ids_.pop_back();
    sizes_.pop_back();
  }
}

void ProgramIndex::grow() {
  table_.assign(table_.size() * 2, 0);
  for (std::uint32_t number = 1; number <= ids_.size(); ++number) table_[slot_of(id(number))] = number;
}

}  // namespace samara::internal
