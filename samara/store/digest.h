// The log digest: what makes two runs the same run. The evolution loop, verify and the tests all hash records
// with this one function. The bytes are written down in docs/formats/digest.md and do not change. Pure.
#pragma once

#include "samara/base/sha256.h"
#include "samara/program/evaluation.h"

namespace samara {

/// Adds every field of the record. Times are no part of a record, so none enters.
void digest_record(Sha256& hash, const Record& record);

}  // namespace samara
