#pragma once

#include <string>

#include "options.h"
#include "tabular.h"

namespace handgrad {

struct RoomsOptions {
  /// What the -1 of the reward matrix means.
  enum class Dynamics {
    doors,       ///< no door: the action is not allowed there
    doors_stay,  ///< no door: the agent stays and pays 1
    teleport,    ///< no door, but the agent gets there all the same, and pays 1
    argmax,      ///< the mistake of a program that looked for the next room with the action: the agent goes to the room with
                 ///< the largest reward, whatever the action
  } dynamics = Dynamics::doors;
  /// Whether an episode may start in the goal, one in six.
  bool start_in_goal = false;
};

/// Reads dynamics ("doors", "doors_stay", "teleport", "argmax") and start_in_goal. Throws Error for a wrong type or unknown
/// dynamics.
RoomsOptions rooms_options(const EnvironmentOptions& options);

/// Six rooms, some with doors between them, from which to find the way to room 5: a table of rewards that is handed around
/// as "gridworld" in exercises on Q-learning, though it is a graph. Handgrad's own; Gymnasium has no such environment.
///
///   state   the room, 0 to 5
///   action  the room to go to, 0 to 5
///   reward  100 for a step into room 5, else 0; -1 where there is no door, see RoomsOptions
///   end     in room 5, which nothing leaves: steps from there stay and pay 0
///
/// An episode starts in one of the rooms 0 to 4, each as likely. Programs that draw the start from all six have one episode
/// in six that is over before its first step. An Environment cannot end at its reset, so with start_in_goal such an episode
/// is one step long: whatever the action, it stays in room 5, pays nothing and terminates. Return and values are those of an
/// empty episode (the update of a table there is zero towards zero); its length is 1 instead of 0, and it takes an action.
/// There is no time limit: a policy that never gets to room 5 is played for ever.
class Rooms : public TabularEnvironment {
 public:
  explicit Rooms(const RoomsOptions& options = {});

  /// A line with the last action, then a line a room: its number, the agent's on a red background, and where doors lead.
  std::string ansi() const override;
};

}  // namespace handgrad
