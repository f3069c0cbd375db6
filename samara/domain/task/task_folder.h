// Task folders: the copy that a run keeps of its task, and folders to start a task from. Read docs/tasks.md.
#pragma once

#include <filesystem>
#include <string>

#include "samara/base/result.h"

namespace samara::task {

/// Copies a task's folder, with what it holds of files, to `to`, read-only, replacing what is there. Left out
/// are links that lead out of the folder (a task from elsewhere could fetch private files by them), .git,
/// __pycache__ and folders that hold runs or other tools' output. Errors: kInvalidArgument when it has more
/// than 10,000 files or 512 MiB, which no task has; kIo.
Status copy_task(const std::filesystem::path& from, const std::filesystem::path& to);

/// A line "SHA-256  path" for every file and link that copy_task() copies. Errors: as copy_task().
Result<std::string> digest_files(const std::filesystem::path& folder);

/// Whether the folder still has the files of these digests, as they were; others do not count. Errors:
/// kInvalidData, with the first file that has changed or is gone.
Status check_files(const std::filesystem::path& folder, const std::string& digests);

/// Whether a copy of the task's folder has `path` too, a relative one, as far as links decide it. Errors:
/// kInvalidArgument, with the link and its target.
Status check_links(const std::filesystem::path& folder, const std::filesystem::path& path);

/// Writes a task that runs as it is to `folder`. `language` is python or c, which get an evaluator in Python;
/// any other gets one that is a command. Errors: kAlreadyExists when the folder holds anything, kIo.
Status write_new_task(const std::filesystem::path& folder, const std::string& language);

}  // namespace samara::task
