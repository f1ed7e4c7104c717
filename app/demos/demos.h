#pragma once

#include "app/demos/demo.h"

namespace handgrad::app {

// One function a demo, each in a source of its name.

Demo adam_101_demo();
Demo cartpole_random_demo();
Demo epsilon_curve_demo();
Demo epsilon_schedules_demo();
Demo frozenlake_fit_demo();
Demo frozenlake_questions_demo();
Demo frozenlake_random_init_demo();
Demo frozenlake_tour_demo();
Demo mountaincar_phase_demo();
Demo qnet_shape_demo();
Demo rooms_explained_demo();
Demo spaces_demo();
Demo table_limits_demo();
Demo tensor_101_demo();

}  // namespace handgrad::app
