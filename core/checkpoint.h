#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "state.h"

namespace handgrad {

/// A state, and what one has to know of it to go on from there.
struct Checkpoint {
  std::string configuration;  ///< any text in UTF-8, such as the settings of the run; kept line by line
  State state;
};

/// What writing one has cost.
struct CheckpointCost {
  double seconds_to_write = 0;  ///< to put it into bytes, with checksums, and to hand these to the system
  double seconds_to_sync = 0;   ///< until the disk had them
  std::uint64_t bytes = 0;      ///< of both files
};

/// Writes `checkpoint` as folder `<parent>/step-<number>` with two files:
///
///   state.json          version, configuration, values, checksums: for people to read
///   state.safetensors   arrays
///
/// Made beside its place and renamed into it, synced to disk: after a crash, of the program or of the machine, there is all of
/// it or nothing. Replaces a checkpoint of the same number. Afterwards older ones (of smaller numbers) are removed until `keep`
/// >= 1 are left, this one among them; never before, and newer ones never.
///
/// Makes `parent` if that alone is missing. What a killed program left unfinished there is removed. Two writers of one parent
/// wait for each other. Throws Error naming the file and the system's reason; what was there before is still there then. (The
/// one exception is said in the message: `parent` could not be synced after the rename.)
CheckpointCost write_checkpoint(const std::filesystem::path& parent, std::int64_t number, const Checkpoint& checkpoint,
                                int keep);

/// The folders of a parent's checkpoints, the newest (the highest number) first. Empty where there is no parent.
struct CheckpointPlace {
  std::int64_t number;
  std::filesystem::path folder;
};
std::vector<CheckpointPlace> list_checkpoints(const std::filesystem::path& parent);

/// Reads the folder of one. Throws Error, naming the file and what is wrong with it, unless both files are whole, of a version
/// that is known, and agree with their checksums.
Checkpoint read_checkpoint(const std::filesystem::path& folder);

/// The newest one that can be read. `refused` tells, a line each, which newer ones could not, and why.
struct NewestCheckpoint {
  Checkpoint checkpoint;
  CheckpointPlace place;
  std::vector<std::string> refused;
};
/// None where there is no checkpoint. Throws Error where there are some but none can be read.
std::optional<NewestCheckpoint> newest_checkpoint(const std::filesystem::path& parent);

}  // namespace handgrad
