# From gcovr's table (file, lines, lines that were run, ...) to one of folders.
function add(folder) {
  lines[folder] += $2
  run[folder] += $3
}
NR > 1 {
  folder = substr($1, 1, index($1, "/"))
  if (!(folder in lines)) order[++folders] = folder
  add(folder)
  add("all")
}
END {
  order[++folders] = "all"
  printf "%-8s %8s %8s %8s\n", "folder", "lines", "run", "%"
  for (i = 1; i <= folders; ++i) {
    folder = order[i]
    printf "%-8s %8d %8d %8.1f\n", folder, lines[folder], run[folder], lines[folder] ? 100 * run[folder] / lines[folder] : 0
  }
}
