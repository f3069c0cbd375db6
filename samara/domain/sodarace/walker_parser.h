// Parsing: the only way in for walkers from outside. parse_walker reads what a program returned,
// parse_walker_json the same value as JSON text, and both enforce every rule of docs/sodarace.md again,
// whatever the Python interface did. The result is a pure function of the bytes, the same on every machine.
// Free functions without state: thread safe.
#pragma once

#include <string>
#include <string_view>

#include "samara/base/result.h"
#include "samara/domain/sodarace/walker.h"

namespace samara::sodarace {

/// Coordinates are kept in steps of 1/1024 unit and phases in steps of 1/1024 turn. So a walker does not hang
/// on the last bit of a machine's sine, moving it as a whole changes nothing about it, and floats hold every
/// step exactly.
inline constexpr int kTicksPerUnit = 1024;
inline constexpr int kTicksPerTurn = 1024;

/// The walker in the MessagePack value {"joints": [(x, y), ...], "muscles": [[i, j, {"type": ...}], ...]}.
/// Errors: kInvalidData, naming the place: "muscle 7: joint 12 does not exist; the walker has 9 joints".
Result<Walker> parse_walker(std::string_view msgpack);

/// The walker in a JSON text of the same shape. Errors: kInvalidData.
Result<Walker> parse_walker_json(std::string_view text);

/// JSON text, on one line, from which parse_walker_json makes the same walker again.
std::string walker_json(const Walker& walker);

/// Enforces the rules about several parts at once (counts, distances, duplicates, muscles per joint) on a
/// walker whose numbers are in range each, names the lower joint of every muscle `a`, and keeps the largest
/// connected piece, the one with the earliest joint if several are as large. Errors: kInvalidData.
Result<Walker> assemble_walker(Walker parts);

}  // namespace samara::sodarace
