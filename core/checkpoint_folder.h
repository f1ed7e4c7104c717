#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "descriptor.h"

namespace handgrad {

// What may be in a folder of checkpoints. Whatever else is there is left alone.
//
//   step-<number>        a checkpoint
//   .step-<number>.tmp   one that is being made
//   .step-<number>.old   one that is being replaced by another of the same number
constexpr std::string_view kCheckpoint = "step-", kUnfinished = ".tmp", kReplaced = ".old";
constexpr const char* kCheckpointTextFile = "state.json";
constexpr const char* kCheckpointArraysFile = "state.safetensors";

std::string checkpoint_name(std::int64_t number);
std::string hidden_checkpoint_name(std::int64_t number, std::string_view suffix);

/// The number in a name that one of the two gives, of that suffix ("" for the first); none in all other names.
std::optional<std::int64_t> checkpoint_number(std::string_view name, std::string_view suffix);

/// A folder of checkpoints, this program's alone as long as this object lives. What it does stays inside the open folder,
/// whatever lies there and wherever links in it lead: a checkpoint is removed by unlinking its two files and the empty folder.
class CheckpointFolder {
 public:
  /// Makes it if it alone is missing; waits for other writers; removes what a killed one left. Throws Error.
  explicit CheckpointFolder(std::filesystem::path path);

  /// A new, empty folder, to be removed unless it becomes the checkpoint of that number.
  class Unfinished {
   public:
    Unfinished(const CheckpointFolder& parent, std::int64_t number);
    ~Unfinished();
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

    /// Writes a file, to stay open until sync(). Throws Error.
    void write(const char* name, std::span<const std::string_view> pieces);
    /// Syncs files and folder to disk. Throws Error.
    void sync();
    /// Puts it in its place, and what was there aside. Throws Error; then everything is as before.
    void become_checkpoint();

   private:
    std::filesystem::path place_of(const char* name) const;

    const CheckpointFolder& parent_;
    std::int64_t number_;
    Descriptor folder_;
    struct File {
      std::filesystem::path place;  ///< where it will be
      Descriptor file;
    };
    std::vector<File> files_;
    bool renamed_ = false;
  };

  /// Throws Error.
  void sync() const;
  /// Does what it can: who runs on must not fail for what is no longer needed.
  void remove(const std::string& name) const;
  bool has_folder(const std::string& name) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  int rename(const std::string& from, const std::string& to) const;
  void tidy() const;

  std::filesystem::path path_;
  Descriptor folder_;
};

}  // namespace handgrad
