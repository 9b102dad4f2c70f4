# What `make` prints of the Makefile: every target, a line each; or one, with its variables (-v target=…).
BEGIN { if (!target) print "make TARGET [VARIABLE=value]; make help-TARGET tells a target's variables" }
/^##@ / && !target { print ""; print substr($0, 5) }
/^## / { text = substr($0, 4) }
/^[a-z-]+:/ && text {
    sub(":.*", "", $0)
    if (target == $0) { print "make " $0 ": " text; found = 1 }
    if (!target) { sub(/ \([^()]*\)$/, "", text); printf "  %-16s %s\n", $0, text }
    text = ""
}
END {
    if (target && !found) { print "there is no target " target ": make alone lists them" > "/dev/stderr"; exit 1 }
}
