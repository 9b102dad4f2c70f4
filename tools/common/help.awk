# What `make` prints of the Makefile: every target, a line each; or one, with its variables (-v target=…).
# With -v reads=yes: "target:" and "target:NAME" for each variable that it reads, by its line and its section's.
BEGIN { if (!target && !reads) print "make TARGET [VARIABLE=value]; make help-TARGET tells a target's variables" }
/^##@ / {
    of_all = match($0, /\(.*\)/) ? substr($0, RSTART + 1, RLENGTH - 2) : ""
    if (!target && !reads) { print ""; print substr($0, 5) }
}
/^## / { text = substr($0, 4) }
/^[a-z-]+:/ && text {
    sub(":.*", "", $0)
    if (reads) tell($0, text " " of_all)
    else if (target == $0) { print "make " $0 ": " text (of_all ? "; " of_all : ""); found = 1 }
    else if (!target) { sub(/ \([^()]*\)$/, "", text); printf "  %-16s %s\n", $0, text }
    text = ""
}
END {
    if (target && !found) { print "there is no target " target ": make alone lists them" > "/dev/stderr"; exit 1 }
}
function tell(name, words) {
    print name ":"
    while (match(words, /[A-Z][A-Z_]+/)) {
        print name ":" substr(words, RSTART, RLENGTH)
        words = substr(words, RSTART + RLENGTH)
    }
}
