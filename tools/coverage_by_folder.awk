# From gcovr's table (file, lines, lines that were run, ...) to one by folder.
NR > 1 {
  split($1, path, "/")
  folder = path[1] "/"
  if (!(folder in lines)) order[++folders] = folder
  lines[folder] += $2, run[folder] += $3
  lines["all"] += $2, run["all"] += $3
}
END {
  order[++folders] = "all"
  printf "%-8s %8s %8s %8s\n", "folder", "lines", "run", "%"
  for (i = 1; i <= folders; ++i) {
    folder = order[i]
    printf "%-8s %8d %8d %8.1f\n", folder, lines[folder], run[folder], 100 * run[folder] / lines[folder]
  }
}
