#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace handgrad {

/// Replaces `path` by `content`: written to a temporary file in the same folder, synced, renamed over the old file, the
/// folder synced. A reader sees the old file or the complete new one, never a part.
///
/// A new file gets the usual permissions (umask), an old one keeps its own; a symbolic link stays and what it points to is
/// replaced. Throws Error naming the file, the system's reason and what to do; then the old file is untouched and the
/// temporary one is gone. (The one exception is said in the message: the folder could not be synced after the rename.)
/// Refuses what is not a regular file, such as a folder or /dev/null. Safe to call from several threads.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);
/// The same by pieces, one after the other.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::string_view> pieces);

/// Afterwards what the file holds now is on the disk, and that it is there. Throws Error naming the file and the system's reason.
void sync_file(const std::filesystem::path& path);

/// The whole file as bytes. Throws Error naming the file and the system's reason.
std::string read_file(const std::filesystem::path& path);

}  // namespace handgrad
