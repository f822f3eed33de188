#!/bin/sh
# Prints the first Python of 3.11 or newer that is on the path; says what is missing when there is none.
found=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$name" >/dev/null 2>&1 || continue
    version=$("$name" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        command -v "$name"
        exit 0
    fi
    found="$found $version"
done
echo "Python 3.11 or newer is needed; found:${found:- none}." >&2
echo "Debian 12 and Ubuntu 24.04 bring it: apt-get install python3 python3-venv. On older systems install Python 3.11 first." >&2
exit 1
