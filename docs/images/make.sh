#!/usr/bin/env bash
# Takes the README's screenshots: the page that mcpctl local serves, and the output of
# mcpctl doctor. Needs Go, Chromium and a free port 8080.
#
#	bash docs/images/make.sh
set -euo pipefail
root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
out=$root/docs/images
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)

work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || { kill -INT "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# photograph URL FILE WIDTH HEIGHT
photograph() {
  "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" \
    --window-size="$3,$4" --screenshot="$out/$2" "$1" 2>/dev/null
}

# A clean copy, so that the pictures do not depend on this clone's .env and keys, and the
# clone is not changed.
git -C "$root" archive HEAD | tar -x -C "$work"
cd "$work"
go build -o mcpctl ./cmd/mcpctl
./mcpctl local >local.log 2>&1 &
server=$!
until [ -e .mcpctl/local.json ]; do
  kill -0 "$server" || { cat local.log >&2; exit 1; }
  sleep 0.2
done

photograph http://127.0.0.1:8080/ page.png 1000 900

# terminal renders its input as a page that looks like a terminal, with the prompt and the
# first word of each line in color.
terminal() {
  echo '<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; background: #16181d; color: #d7dae0 }
    pre { margin: 16px 20px; font: 14px/20px "DejaVu Sans Mono", monospace; white-space: pre-wrap }
    .ok { color: #7fc97f } .failure { color: #ff7b72 } .warning { color: #e3b341 } .skipped, .prompt { color: #8b949e }
  </style><pre>'
  sed -E -e 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' \
    -e 's,^(ok|failure|warning|skipped)( |$),<span class="\1">\1</span>\2,' \
    -e 's,^\$ ,<span class="prompt">$ </span>,'
  echo '</pre>'
}

{
  echo '$ go tool mcpctl doctor'
  ./mcpctl doctor 2>/dev/null
  echo
  echo "\$ MCP_API_KEY='\${MCP_KEY}' go tool mcpctl doctor"
  MCP_API_KEY='${MCP_KEY}' ./mcpctl doctor 2>/dev/null || true # 1: a check failed
} >doctor.txt
terminal <doctor.txt >doctor.html
photograph "file://$work/doctor.html" doctor.png 1000 $((20 * $(fold -w 112 doctor.txt | wc -l) + 32))
ls -l "$out"/*.png
