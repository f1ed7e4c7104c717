# The entries of a compile_commands.json by CMake whose source lies in one of `folders` of `root`, the first of each source.
BEGIN {
  n = split(folders, names, " ")
  for (i = 1; i <= n; ++i) wanted[names[i]]
  print "["
}
/^\{/ { entry = "" }
/^  "/ { entry = entry $0 "\n" }
/^  "file": "/ {
  source = $0
  sub(/^  "file": "/, "", source)
  sub(/".*/, "", source)
}
/^\}/ {
  if (index(source, root) != 1 || seen[source]++) next
  split(substr(source, length(root) + 1), path, "/")
  if (path[1] in wanted) printf "%s{\n%s}", count++ ? ",\n" : "", entry
}
END { print "\n]" }
