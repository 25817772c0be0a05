#!/bin/sh
# Builds the stylesheet and script that are committed under exchange/web/static, so that nobody else needs node.
set -eu
cd "$(dirname "$0")"
out=../../exchange/web/static
axe=../../tests/browser/vendor
mkdir -p "$out/images" "$axe"

npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error
npx --no-install sass --no-source-map --style=compressed --quiet-deps --load-path=. --load-path=node_modules \
    app.scss "$out/app.css"
npx --no-install esbuild app.js --bundle --format=esm --minify --target=es2020 --legal-comments=none \
    --log-level=warning --outfile="$out/app.js"

# The only pictures the stylesheet asks for.
for picture in $(grep -o '/static/images/[a-z-]*\.svg' "$out/app.css" | sort -u); do
    cp "node_modules/@ministryofjustice/frontend/moj/assets/images/$(basename "$picture")" "$out/images/"
done
cp node_modules/axe-core/axe.min.js "$axe/axe.min.js"

# What must never come back with an upgrade: restricted fonts, the crest, anything fetched from elsewhere.
if grep -E -o -i 'GDS Transport|@font-face|crest|url\("?(https?:)?//[^)]*' "$out/app.css"; then
    echo "app.css holds a restricted font, the crest or an outside address (see above)" >&2
    exit 1
fi
printf '%s bytes compressed\n' "$(cat "$out/app.css" "$out/app.js" | gzip -9 | wc -c)"
