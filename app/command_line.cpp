#include "app/command_line.h"

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands/commands.h"
#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

using Command = std::function<int()>;

constexpr const char* kAbout =
    "Gradients by hand: a small neural-net engine without autograd, and DQN learners on it.\n"
    "First steps: handgrad train cartpole, handgrad explain cartpole, handgrad list.";

// A sub-command under construction: its grammar, and the options it fills. The options live as long as the command.
template <class Options>
struct Builder {
  Builder(CLI::App& program, Command& chosen, const std::string& name, const std::string& about, int (*run)(const Options&))
      : options(std::make_shared<Options>()), app(program.add_subcommand(name, about)) {
    app->callback([&chosen, run, o = options] { chosen = [run, o] { return run(*o); }; });
  }

  void example(const std::string& text) { app->footer(text); }
  void json(const std::string& what) {
    app->add_flag("--json", options->json, "Print " + what + " as one JSON object on the last line");
  }
  void set(const std::string& about) {
    app->add_option("--set", options->set, about)->type_name("KEY=VALUE")->allow_extra_args(false);
  }

  void variant() {
    app->add_option("--variant", options->variant,
                    "A variant of the preset (handgrad explain PRESET lists them); or --set variant=V")
        ->type_name("V")
        ->allow_extra_args(false);
  }

  std::shared_ptr<Options> options;
  CLI::App* app;
};

void add_list(CLI::App& program, Command& chosen) {
  Builder<ListOptions> b(program, chosen, "list", "Show what there is: presets, environments, algorithms, backends",
                         list_command);
  b.app->add_option("what", b.options->what, "presets, studies, demos, envs, algorithms, backends or measures (default: all)");
  b.json("the lists");
  b.example("Example: handgrad list envs");
}

void add_train(CLI::App& program, Command& chosen) {
  Builder<TrainOptions> b(program, chosen, "train", "Train an agent, and write a run folder", train_command);
  auto& o = *b.options;
  b.app->add_option("preset", o.preset, "A preset (handgrad list presets) or the path of a .toml file");
  b.app
      ->add_option("--resume", o.resume,
                   "Instead of a preset: go on with a run that was stopped, or a folder of several seeds, as if it had\n"
                   "never stopped; with --set train.episodes=N also with one that has ended")
      ->type_name("DIR");
  b.app
      ->add_option("--checkpoint-every", o.checkpoint_every,
                   "How often a run is written down to be gone on with: 30s, 5m, 20000steps or never. Results do not depend\n"
                   "on it")
      ->capture_default_str()
      ->type_name("TIME");
  b.app->add_option("--keep", o.keep, "How many checkpoints to keep, the newest ones")->capture_default_str()->type_name("N");
  b.app->add_option("--seed", o.seed, "All randomness of the run comes from it: 0 to 2^63-1 (default: the preset's, else 1)")
      ->type_name("N");
  b.app
      ->add_option("--seeds", o.seeds,
                   "Train K seeds, N to N+K-1, each in its own folder, and compare them; with --backend cuda all at once\n"
                   "on the GPU, in one folder, by steps alone: nothing is evaluated before the end")
      ->type_name("K");
  b.app->add_option("--backend", o.backend, "Who computes: handgrad list backends (default: the fastest of this build)")
      ->type_name("B");
  b.app
      ->add_option("--threads", o.threads,
                   "With --seeds: runs at a time (default: one a processor); else workers over the environments of the run, "
                   "where it has hundreds (default: 1). Results do not depend on it")
      ->type_name("T");
  b.app
      ->add_option("--out", o.out,
                   "The run folder; must not exist (default: runs/<preset>-seed<N>, with -2, -3 ... if it exists)")
      ->type_name("DIR");
  b.app->add_flag("--watch-norms", o.watch_norms,
                  "Write norms.csv: the L2 norm of every layer's parameters and gradients, a row an episode");
  b.variant();
  b.set("Change a setting; may be given several times (handgrad explain PRESET shows all)");
  b.app->add_flag("--quiet", o.quiet, "Nothing on stderr but errors");
  b.json("the summary");
  b.example(
      "The run folder holds config.toml (every setting), metrics.csv, evaluations.csv, final_evaluation.csv, timing.csv,\n"
      "summary.json, checkpoint/{last,best}/model.safetensors, checkpoint/step-<n>/ and plots/returns.png.\n"
      "Ctrl-C saves a run and ends it; --resume goes on with it, also after a crash, from the last checkpoint. On the way\n"
      "--set may change step sizes, schedules, limits and evaluations.\n"
      "Agents trained at once (--seeds K --backend cuda, or cuda:fused) leave config.toml, agents.csv, progress.csv,\n"
      "agents.safetensors, checkpoint/{best,median}/model.safetensors and summary.json.\n\n"
      "Examples:\n"
      "  handgrad train cartpole\n"
      "  handgrad train cartpole --seed 7 --set dqn.double=true --set 'net.hidden=[128, 128]'\n"
      "  handgrad train cartpole --seeds 10 --threads 2 --out runs/ten-seeds\n"
      "  handgrad train --resume runs/cartpole-seed1\n"
      "  handgrad train cartpole --seeds 1000 --backend cuda\n"
      "  handgrad train runs/cartpole-seed1/config.toml --out runs/again");
}

void add_eval(CLI::App& program, Command& chosen) {
  Builder<EvalOptions> b(program, chosen, "eval", "Play a trained model greedily and report its returns", eval_command);
  auto& o = *b.options;
  b.app->add_option("folder", o.folder, "A run folder")->required()->type_name("DIR");
  b.app->add_option("--episodes", o.episodes, "How many to play")->capture_default_str()->type_name("N");
  b.app
      ->add_option("--seed", o.seed,
                   "Episode i is played in an environment of seed N + i (default: the run's own final\n"
                   "evaluation seed, which gives the figure of summary.json)")
      ->type_name("N");
  b.app
      ->add_option("--model", o.model,
                   "last, or best of the evaluations during training; of agents trained at once best or median")
      ->capture_default_str()
      ->type_name("WHICH");
  b.json("the returns");
  b.example("Example: handgrad eval runs/cartpole-seed1 --model best");
}

void add_trace(CLI::App& program, Command& chosen) {
  Builder<TraceOptions> b(program, chosen, "trace", "Step an environment with given actions; one JSON line a transition",
                          trace_command);
  auto& o = *b.options;
  b.app->add_option("environment", o.environment, "Gymnasium's id: handgrad list envs")->required()->type_name("ENV");
  b.app->add_option("--seed", o.seed, "Of the first reset")->capture_default_str()->type_name("N");
  b.app->add_option("--actions", o.actions, "0,1,1,0 or @FILE with numbers between commas, blanks or line ends")
      ->required()
      ->type_name("LIST");
  b.set("An option of the environment as Gymnasium spells it, or max_episode_steps; may be given several times");
  b.app->add_flag_function(
      "--json", [](std::int64_t) {}, "Accepted; the output is JSON lines anyway");
  b.example(
      "Floating-point observations and rewards are C hex floats, exact to the bit (Python: float.fromhex).\n"
      "Where an episode ends, reset_obs is the first observation of the next one, reset without a seed.\n\n"
      "Examples:\n"
      "  handgrad trace CartPole-v1 --seed 42 --actions 0,1,1,0\n"
      "  handgrad trace FrozenLake-v1 --actions @actions.txt --set map_name=8x8 --set is_slippery=false");
}

void add_explain(CLI::App& program, Command& chosen) {
  Builder<ExplainOptions> b(program, chosen, "explain",
                            "Every setting of a preset, where it comes from, and the update formulas; what a study does",
                            explain_command);
  b.app->add_option("preset", b.options->preset, "A preset, a study, a demo, or the path of a .toml file")->required();
  b.variant();
  b.set("Change a setting first, as for train and study");
  b.json("settings, variants and formulas");
  b.example("Example: handgrad explain cartpole --set optimizer.name=rmsprop");
}

void add_study(CLI::App& program, Command& chosen) {
  Builder<StudyOptions> b(program, chosen, "study", "Run an experiment: several settings, several seeds, what they show",
                          study_command);
  auto& o = *b.options;
  b.app->add_option("study", o.study, "A study (handgrad list studies) or the path of a .toml file")->required();
  b.app->add_option("--seeds", o.seeds, "Seeds a setting, N to N+K-1 (default: the study's)")->type_name("K");
  b.app->add_option("--seed", o.seed, "The first seed (default: the study's)")->type_name("N");
  b.app->add_option("--threads", o.threads, "Runs at a time (default: one a processor); results do not depend on it")
      ->type_name("T");
  b.app
      ->add_option("--out", o.out,
                   "The study's folder (default: runs/<study>, with -2, -3 ... if it exists); one of the same study\n"
                   "is gone on with: only runs that it does not have are made")
      ->type_name("DIR");
  b.set(
      "A setting of every run; preset=ID, and for a study with one sweep key=KEY and values=[...];\n"
      "may be given several times");
  b.app->add_flag("--quiet", o.quiet, "Nothing on stderr but errors");
  b.json("the summary");
  b.example(
      "The folder holds study.toml, runs/<arm>/{config.toml,seed-<n>.json}, results.csv, summary.{csv,json,md}, curves.csv\n"
      "and plots/. Ctrl-C keeps the runs that are done; the same command with the same --out goes on.\n\n"
      "Examples:\n"
      "  handgrad study study-frozenlake-dqn --out runs/frozenlake\n"
      "  handgrad study study-one --set key=optimizer.lr --set 'values=[1e-4, 1e-3, 1e-2]'");
}

void add_check(CLI::App& program, Command& chosen) {
  Builder<CheckOptions> b(program, chosen, "check",
                          "Check every gradient against finite differences, every backend against the oracle", check_command);
  b.json("both tables");
  b.example("Exit code 1 if anything fails. Example: handgrad check");
}

void add_bench(CLI::App& program, Command& chosen) {
  Builder<BenchOptions> b(program, chosen, "bench", "Time train steps and environments beside this machine's measured peak",
                          bench_command);
  auto& o = *b.options;
  b.app->add_option("what", o.what,
                    "Train steps (tutorial, zoo, cleanrl, tf, hadiji, rlmep) and environments (default: all), or agents:\n"
                    "many trained at once");
  b.app->add_option("--backend", o.backend, "Which one to time (default: the fastest of this build)")->type_name("B");
  b.app->add_option("--rounds", o.rounds, "How often everything is timed for 20 ms, taking turns")
      ->type_name("N")
      ->capture_default_str();
  b.app->add_option("--batch", o.batch, "Rows of a train step's batch (default: each configuration's own)")->type_name("N");
  b.app->add_option("--agents", o.agents, "With agents: how many at once, such as 1,256,4096")
      ->delimiter(',')
      ->type_name("K,...");
  b.app->add_flag("--breakdown", o.breakdown, "Of train steps: every operation beside its own floor");
  b.json("all figures");
  b.example(
      "A train step: the batch lies ready; forward online and target, TD target, loss, backward, clip, optimiser, target\n"
      "update. The dense floor is what all multiply-adds would take at the peak. Takes some ten seconds.\n"
      "Examples: handgrad bench\n"
      "          handgrad bench tutorial --breakdown\n"
      "          handgrad bench rlmep CartPole-v1 --backend reference\n"
      "          handgrad bench agents --backend cuda");
}

void add_doctor(CLI::App& program, Command& chosen) {
  Builder<DoctorOptions> b(program, chosen, "doctor", "What of this build works on this machine, what does not, and why",
                           doctor_command);
  b.json("the findings");
  b.example("Example: handgrad doctor");
}

void add_plot(CLI::App& program, Command& chosen) {
  Builder<PlotOptions> b(program, chosen, "plot", "Draw the pictures of a run or a study again (needs gnuplot)", plot_command);
  b.app->add_option("folder", b.options->folder, "A run folder, one with seed-<n> folders in it, or a study's")
      ->required()
      ->type_name("DIR");
  b.app->add_option("--what", b.options->what, "Pictures by name: returns,q,... (default: all that the run has)")
      ->delimiter(',')
      ->type_name("NAME,...");
  b.app->add_option("--set", b.options->set, "mean_lead=zeros, smooth_edge=zero_pad, warmup_loss=inf: as others drew it")
      ->type_name("KEY=VALUE");
  b.app->add_flag("--text", b.options->text, "Draw in the terminal, without gnuplot");
  b.json("the pictures' paths");
  b.example(
      "Each picture is plots/NAME.png and NAME.svg; NAME.csv has its data, NAME.gp the gnuplot script.\n"
      "Example: handgrad plot runs/cartpole-seed1 --what returns,slices");
}

void add_watch(CLI::App& program, Command& chosen) {
  Builder<WatchOptions> b(program, chosen, "watch", "See an agent act, in the terminal, as a GIF or as a picture",
                          watch_command);
  auto& o = *b.options;
  b.app->add_option("subject", o.subject, "A run folder, or an environment's id to see a random agent in it")
      ->required()
      ->type_name("DIR|ENV");
  b.app
      ->add_option("--model", o.model,
                   "last, or best of the evaluations during training; of agents trained at once best or median")
      ->capture_default_str()
      ->type_name("WHICH");
  b.app->add_flag("--random", o.random, "A random agent, although there is a model");
  b.app
      ->add_option("--seed", o.seed,
                   "Episode i is played in an environment of seed N + i (default: as eval does, or 0 for an environment)")
      ->type_name("N");
  b.app->add_option("--episodes", o.episodes, "How many (default: 1; in the terminal no end until q)")->type_name("K");
  b.app->add_option("--speed", o.speed, "1 is the environment's own, 1/16 to 64")->capture_default_str()->type_name("X");
  b.app->add_option("--gif", o.gif, "Write a GIF instead (needs cairo and giflib)")->type_name("FILE");
  b.app->add_option("--png", o.png, "Write a picture of some frames instead (needs cairo)")->type_name("FILE");
  b.app->add_option("--frames", o.frames, "How many frames the PNG shows, from the first to the last")
      ->capture_default_str()
      ->type_name("N");
  b.app->add_flag("--bare", o.bare, "GIF and PNG without the panel of figures");
  b.app->add_option("--scale", o.scale, "Magnify GIF and PNG, 0.1 to 4")->capture_default_str()->type_name("X");
  b.app->add_option("--max-frames", o.max_frames, "Where a GIF, a PNG or a text ends at the latest")
      ->capture_default_str()
      ->type_name("N");
  b.app->add_flag("--text", o.text, "In text, even on a terminal that could show pictures");
  b.set("A setting of the run (env.map_name=8x8), or an option of the environment as Gymnasium spells it");
  b.json("the episodes and files");
  b.example(
      "Keys: space pause, n one step, + - speed, r restart, q quit. Same seed, same frames, same bytes.\n"
      "Not on a terminal it prints text and ends by itself.\n\n"
      "Examples:\n"
      "  handgrad watch runs/cartpole-seed1 --model best\n"
      "  handgrad watch runs/cartpole-seed1 --gif cartpole.gif\n"
      "  handgrad watch FrozenLake-v1 --set map_name=8x8 --seed 3 --png lake.png --frames 3 --bare");
}

void add_demo(CLI::App& program, Command& chosen) {
  Builder<DemoOptions> b(program, chosen, "demo", "Compute, show and draw one thing in a few seconds", demo_command);
  auto& o = *b.options;
  b.app->add_option("demo", o.demo, "handgrad list demos shows them all")->required();
  b.set("Change a setting; may be given several times (handgrad explain DEMO shows all)");
  b.app->add_option("--seed", o.seed, "All its randomness comes from it (default: 1)")->type_name("N");
  b.app
      ->add_option("--out", o.out,
                   "The folder of its pictures; must not exist (default: runs/<demo>, with -2, -3 ... if it exists)")
      ->type_name("DIR");
  b.app->add_flag("--quiet", o.quiet, "No progress on stderr");
  b.json("all figures");
  b.example(
      "The folder holds result.txt, result.json, and in plots/ each picture as PNG, SVG, CSV and gnuplot script.\n\n"
      "Examples:\n"
      "  handgrad demo frozenlake-tour --set actions=[2,2,1,1,1,2]\n"
      "  handgrad demo frozenlake-fit --set form=sa --set seeds=20");
}

// The parser's own words for a wrong sub-command do not say which are right.
void check_command_name(const CLI::App& program, const std::string& name) {
  std::vector<std::string> names;
  for (const auto* command : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  std::string list;
  for (const auto& known : names) list += (list.empty() ? "" : ", ") + known;
  wrong_use("there is no command '", name, "'.", did_you_mean(name, names), " The commands are ", list);
}

}  // namespace

std::optional<Command> parse_command_line(int argc, char** argv) {
  Command chosen;
  CLI::App program(kAbout, "handgrad");
  program.set_version_flag("--version", std::string("handgrad ") + HANDGRAD_VERSION);
  program.require_subcommand(1);
  program.get_formatter()->column_width(28);
  add_list(program, chosen);
  add_train(program, chosen);
  add_eval(program, chosen);
  add_trace(program, chosen);
  add_explain(program, chosen);
  add_study(program, chosen);
  add_check(program, chosen);
  add_bench(program, chosen);
  add_doctor(program, chosen);
  add_plot(program, chosen);
  add_watch(program, chosen);
  add_demo(program, chosen);

  if (argc < 2) wrong_use("which command? handgrad --help shows them all");
  if (argv[1][0] != '-') check_command_name(program, argv[1]);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    program.exit(asked);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    wrong_use(error.what(), "; handgrad ", argv[1][0] == '-' ? "" : std::string(argv[1]) + " ", "--help says more");
  }
  return chosen;
}

}  // namespace handgrad::app
