#!/bin/sh
# Prints the path of the Chromium the tests drive; where no package brought one, Playwright fetches its own.
for name in chromium google-chrome google-chrome-stable chromium-browser; do
    path=$(command -v "$name" 2>/dev/null) || continue
    case $(readlink -f "$path") in */snap*) continue ;; esac
    echo "$path"
    exit 0
done
newest() { ls -d "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome 2>/dev/null | tail -n 1; }
[ -n "$(newest)" ] || .venv/bin/playwright install --with-deps chromium >&2 || {
    echo "No Chromium found and none could be fetched. Install the package chromium, or set CHROMIUM to its path." >&2
    exit 1
}
newest
