#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace handgrad {

/// Replaces `path` by `content`: written to a temporary file in the same folder, synced, renamed. Whatever goes wrong, the
/// old file is untouched and the temporary one is gone. Throws Error naming the file and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The whole file as bytes. Throws Error naming the file and the system's reason.
std::string read_file(const std::filesystem::path& path);

}  // namespace handgrad
