#include "checkpoint.h"

#include <chrono>
#include <functional>
#include <map>
#include <new>
#include <utility>

#include "checkpoint_folder.h"
#include "checkpoint_text.h"
#include "descriptor.h"
#include "error.h"
#include "safetensors_file.h"

namespace handgrad {
namespace fs = std::filesystem;
namespace {

class Stopwatch {
 public:
  /// Since it was made, or since the last call.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(begin_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Older ones than that, until `keep` are left with it.
void remove_older(const CheckpointFolder& folder, std::int64_t number, int keep) {
  int left = 1;
  for (const CheckpointPlace& place : list_checkpoints(folder.path())) {  // the newest first
    if (place.number < number && ++left > keep) folder.remove(place.folder.filename().string());
  }
}

std::string read_text(const fs::path& path) {
  const ReadableFile in = open_to_read(path);
  require(in.bytes <= kLongestCheckpointText, "cannot read '", path.string(), "': it has ", in.bytes, " bytes, more than the ",
          kLongestCheckpointText, " that are allowed; it was not written by handgrad");
  std::string content(in.bytes, '\0');
  try {
    read_exactly(in.file, content);
  } catch (const Error& error) {
    fail("cannot read '", path.string(), "': ", error.what());
  }
  return content;
}

}  // namespace

CheckpointCost write_checkpoint(const fs::path& parent, std::int64_t number, const Checkpoint& checkpoint, int keep) {
  require(number >= 0, "cannot write checkpoint ", number, ": its number has to be at least 0");
  require(keep >= 1, "cannot keep ", keep, " checkpoints: it has to be at least 1");
  Stopwatch stopwatch;
  CheckpointCost cost;
  SafetensorsImage arrays;
  std::string text;
  try {
    arrays = make_safetensors({}, checkpoint.state.arrays);
    text = format_checkpoint({checkpoint.configuration, checkpoint.state.values, arrays.bytes, arrays.checksum});
  } catch (const Error& error) {
    fail("cannot write '", (parent / checkpoint_name(number)).string(), "': ", error.what());
  }
  cost.bytes = arrays.bytes + text.size();

  const CheckpointFolder folder(parent);
  CheckpointFolder::Unfinished unfinished(folder, number);
  arrays.data.insert(arrays.data.begin(), arrays.header);
  const std::string_view text_piece = text;
  unfinished.write(kCheckpointArraysFile, arrays.data);
  unfinished.write(kCheckpointTextFile, std::span(&text_piece, 1));
  cost.seconds_to_write = stopwatch.lap();

  unfinished.sync();
  unfinished.become_checkpoint();
  folder.sync();
  cost.seconds_to_sync = stopwatch.lap();

  folder.remove(hidden_checkpoint_name(number, kReplaced));
  remove_older(folder, number, keep);
  return cost;
}

std::vector<CheckpointPlace> list_checkpoints(const fs::path& parent) {
  std::map<std::int64_t, fs::path, std::greater<>> found;
  std::error_code problem;
  for (fs::directory_iterator i(parent, problem), end; !problem && i != end; i.increment(problem)) {
    std::error_code ignored;
    if (!fs::is_directory(i->symlink_status(ignored))) continue;
    const std::string name = i->path().filename().string();
    if (const auto number = checkpoint_number(name, "")) found[*number] = i->path();
    if (const auto number = checkpoint_number(name, kReplaced)) found.emplace(*number, i->path());
  }
  if (problem && problem != std::errc::no_such_file_or_directory) fail_with_reason("read the folder", parent, problem.value());
  std::vector<CheckpointPlace> places;
  for (const auto& [number, path] : found) places.push_back({number, path});
  return places;
}

Checkpoint read_checkpoint(const fs::path& folder) {
  const fs::path text_file = folder / kCheckpointTextFile, arrays_file = folder / kCheckpointArraysFile;
  CheckpointText text;
  try {
    const std::string content = read_text(text_file);
    try {
      text = parse_checkpoint(content);
    } catch (const Error& error) {
      fail("cannot read '", text_file.string(), "' as a checkpoint: ", error.what());
    }
  } catch (const std::bad_alloc&) {
    fail("cannot read '", text_file.string(), "': it does not fit into memory; use a machine with more of it");
  }
  std::error_code problem;
  const std::uintmax_t bytes = fs::file_size(arrays_file, problem);
  require(problem || bytes == text.arrays_bytes, "cannot read '", arrays_file.string(), "': it has ", bytes,
          " bytes, but the state.json beside it says ", text.arrays_bytes, "; use another checkpoint");
  RawTensorFile arrays = read_raw_safetensors(arrays_file);
  require(arrays.checksum == text.arrays_checksum, "cannot read '", arrays_file.string(),
          "': it does not belong to the state.json beside it; use another checkpoint");
  return {std::move(text.configuration), {std::move(text.values), std::move(arrays.tensors)}};
}

std::optional<NewestCheckpoint> newest_checkpoint(const fs::path& parent) {
  std::vector<std::string> refused;
  for (const CheckpointPlace& place : list_checkpoints(parent)) {
    try {
      return NewestCheckpoint{read_checkpoint(place.folder), place, std::move(refused)};
    } catch (const Error& error) {
      refused.emplace_back(error.what());
    }
  }
  if (refused.empty()) return std::nullopt;
  std::string reasons;
  for (const std::string& reason : refused) reasons += (reasons.empty() ? "" : "; ") + reason;
  fail("none of the ", refused.size(), " checkpoints in '", parent.string(), "' can be read: ", reasons);
}

}  // namespace handgrad
