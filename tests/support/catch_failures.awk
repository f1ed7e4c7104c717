# Reads the output of Catch2's xml reporter, version 2 or 3: prints each test case that failed with all that is known of
# it, and writes "PASSED FAILED" to the file `counts`. `root` is cut off paths. A test case without an end has crashed.

function attribute(name) {
  return match($0, " " name "=\"[^\"]*\"") ? decoded(substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)) : ""
}
function decoded(s) {
  gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;/, "'", s); gsub(/&amp;/, "\\&", s)
  return s
}
function place(   file) {
  file = attribute("filename")
  if (index(file, root) == 1) file = substr(file, length(root) + 1)
  return file ":" attribute("line")
}
function what(   tag) {
  match($0, /<[A-Za-z]+/)
  tag = substr($0, RSTART + 1, RLENGTH - 1)
  return tag == "Expression" ? attribute("type") : tag
}
function say(line) { story = story line "\n" }
function end_case(ok) {
  if (!open) return
  if (ok) passed++
  else { failed++; printf "FAILED %s", story }
  open = 0
}
function crashed() {
  if (open) say("  the program ended here")
  end_case(0)
}

/^ *<TestCase /          { crashed(); open = 1; story = ""; say(attribute("name") "  (" place() ")"); next }
/^ *<OverallResult /     { end_case(attribute("success") == "true"); next }
/^ *<Section /           { say("  in: " attribute("name")); next }
/^ *<(Expression|Exception|Failure|FatalErrorCondition) / { say("  " place() "  " what()); next }
/^ *<Expanded>/          { say("    which is"); next }
/^ *<\/?[A-Za-z?!][^>]*>$/ { next }
open && NF               { line = $0; sub(/^ */, "    ", line); say(decoded(line)) }
END                      { crashed(); print passed + 0, failed + 0 >counts }
