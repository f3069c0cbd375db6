// Walker building: runs programs in the sandbox with the Python interface of python/walker_creator.py and
// checks what they return with walker_parser.h. The same program builds the same walker whatever runs beside
// it. Free functions; a runner is used by one thread at a time.
#pragma once

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "samara/base/result.h"
#include "samara/domain/sodarace/walker.h"
#include "samara/program/evaluation.h"
#include "samara/sandbox/python_runner.h"

namespace samara::sodarace {

/// The Python interface that programs are run with; their entry is make_walker().
Harness walker_harness();

/// What a program built: a walker, or why there is none.
using Build = std::variant<Walker, Failure>;

/// Runs the programs and checks what they return; one result per program, in order. `harness` is the index of
/// walker_harness() in the runner. Errors: those of PythonRunner::run().
Result<std::vector<Build>> build_walkers(PythonRunner& runner, std::size_t harness,
                                         std::span<const Program* const> programs);

}  // namespace samara::sodarace
