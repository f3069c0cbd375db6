#include "samara/store/digest.h"

namespace samara {
namespace {

void add_id(Sha256& hash, const ProgramId& id) {
  hash.add({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

}  // namespace

void digest_record(Sha256& hash, const Record& record) {
  hash.add_u64(record.iteration).add_u64(record.slot).add_u64(record.arm);
  hash.add_u64(static_cast<std::uint64_t>(record.outcome));
  hash.add_u64(record.program.has_value());
  if (record.program) add_id(hash, *record.program);
  hash.add_u64(record.parents.size());
  for (const ProgramId& parent : record.parents) add_id(hash, parent);
  hash.add_u64(record.score.has_value());
  if (record.score) {
    hash.add_double(record.score->fitness);
    hash.add_u64(record.score->behavior.size());
    for (const double x : record.score->behavior) hash.add_double(x);
  }
  hash.add_string(record.note).add_string(record.message);
}

}  // namespace samara
