#include "app/demos/demos.h"

namespace handgrad::app {

const std::vector<Demo>& all_demos() {
  static const std::vector<Demo> demos = {
      tensor_101_demo(),              // what a network is made of
      adam_101_demo(),                //
      qnet_shape_demo(),              //
      spaces_demo(),                  // what there is to act in
      frozenlake_tour_demo(),         //
      cartpole_random_demo(),         //
      frozenlake_questions_demo(),    // what can be known without learning
      rooms_explained_demo(),         //
      mountaincar_phase_demo(),       //
      table_limits_demo(),            //
      frozenlake_random_init_demo(),  // what is easily got wrong
      frozenlake_fit_demo(),          // what a network makes of a table
      epsilon_curve_demo(),           // how much to explore
      epsilon_schedules_demo(),       //
  };
  return demos;
}

}  // namespace handgrad::app
