# shellcheck shell=bash
# Reads the reports of guest/tests. Sourced by run.

# counts REPORT.xml...: passed, failed, skipped.
counts() {
  sed -n 's/^<testsuite .* tests="\([0-9]*\)" skipped="\([0-9]*\)" failures="\([0-9]*\)" errors="\([0-9]*\)".*/\1 \2 \3 \4/p' \
    "$@" | awk '{ tests += $1; skipped += $2; failed += $3 + $4 }
      END { print tests - skipped - failed, failed + 0, skipped + 0 }'
}

# judge NAME REPORTS WORD...: says what became of the tests; true where all ran, each of the words, and none failed.
judge() {
  local name=$1 reports=$2 status suite passed failed skipped reported=0 good=true
  shift 2
  for status in "$reports"/*.status; do
    [ -e "$status" ] || break
    reported=$((reported + 1))
    suite=$(basename "$status" .status)
    # Also of a run that Java did not survive, and that was repeated.
    ! grep -A 8 ':: FAILED' "$reports/$suite.log" || good=false
    read -r passed failed skipped < <(counts "$reports/$suite"/*.xml 2>/dev/null)
    echo "$name, $suite: $passed passed, $failed failed, $skipped skipped"
    [ "$(cat "$status")" = 0 ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ] || good=false
  done
  [ $reported = $# ] || { say "of the $# suites $reported have come to their end"; good=false; }
  # The kernel's own lines have a time in front; what else stands on the console is the tests'.
  if grep -hE -B 12 '\[ *[0-9]+\.[0-9]{6}\].*(BUG:|WARNING:|Oops|Call Trace)' "$reports"/{console,kernel}.log 2>/dev/null; then
    say "the kernel complained: $reports/kernel.log"
    good=false
  fi
  $good || say "reports and logs are in $reports"
  $good
}
