#!/bin/sh
# Installs the system packages that are missing, and only those. Use: sh scripts/system.sh run|test
set -eu
purpose=${1:-run}
python=$(sh scripts/find_python.sh)

browser_on_path() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    ls "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome >/dev/null 2>&1
}

has_chinese_font() {
    find /usr/share/fonts /usr/local/share/fonts "$HOME/.fonts" -name 'NotoSansCJK*' -o -name 'NotoSansSC*' \
        2>/dev/null | grep -q .
}

wanted=
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    case $python in
        */python3) wanted="python3-venv" ;;
        *) wanted="$(basename "$python")-venv" ;;
    esac
}
# WeasyPrint opens these three by name when the first page is printed.
wanted="$wanted $("$python" - <<'END'
import ctypes
packages = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
for library, package in packages.items():
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)
END
)"
has_chinese_font || wanted="$wanted fonts-noto-cjk"
[ "$purpose" = test ] && ! browser_on_path && wanted="$wanted chromium"
# The second renderer that printed pages are compared with.
[ "$purpose" = test ] && ! command -v pdftoppm >/dev/null 2>&1 && wanted="$wanted poppler-utils"

wanted=$(echo $wanted)
[ -z "$wanted" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing on this system: $wanted (Debian names)." >&2
    echo "Only Debian and Ubuntu are set up by themselves; install these with your own package manager, then try again." >&2
    exit 1
fi
root=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        root=sudo
    else
        echo "Missing: $wanted. This account may not install them; ask an administrator to run:" >&2
        echo "    apt-get update && apt-get install --no-install-recommends $wanted" >&2
        exit 1
    fi
fi

echo "Installing: $wanted"
$root apt-get update -q
# Ubuntu's package of that name only calls the snap store; the browser of Playwright is taken there (scripts/browser.sh).
case " $wanted " in
    *" chromium "*)
        if ! apt-cache show chromium 2>/dev/null | grep -q '^Version: ' || grep -qi '^ID=ubuntu' /etc/os-release; then
            wanted=$(echo "$wanted" | sed 's/ *chromium$//')
        fi ;;
esac
[ -z "$wanted" ] || $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $wanted
