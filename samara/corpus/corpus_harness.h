// The Python side of corpora: what a PythonRunner has to load, and how to start one that suits it. The edits
// are Python (commits.py and its neighbors) because CPython's own syntax tree is the authority on what
// parses; they run contained, as everything that is Python does.
#pragma once

#include <memory>

#include "samara/base/result.h"
#include "samara/corpus/vocabulary.h"
#include "samara/sandbox/python_runner.h"

namespace samara::corpus {

/// Python sources of functions that no corpus may have, under whatever names: what models are measured on.
using HeldOut = std::vector<std::string>;

/// Jobs are the JSON objects that commits.entry() describes.
Harness harness(const Vocabulary& vocabulary, const HeldOut& held_out);

/// A runner with this harness alone and with limits for long jobs. Errors: those of PythonRunner::start(),
/// which has kInvalidArgument for a held-out source that does not parse.
Result<std::unique_ptr<PythonRunner>> start_runner(const Vocabulary& vocabulary, const HeldOut& held_out);

}  // namespace samara::corpus
