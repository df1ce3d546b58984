// What the page tells its worker of an edit makes the same text there: whatever is replaced, wherever the editor cuts
// its text into pieces.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const www = fileURLToPath(new URL("../../www/", import.meta.url));
const EDITS = 2_000;

/** The page's own modules, as one that node can load. */
async function load() {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { difference, applied } from "./src/engine/difference";
                 export { Text } from "@codemirror/state";`,
      resolveDir: www,
    },
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

test("a difference makes the second text of the first", async () => {
  const { difference, applied, Text } = await load();
  let seed = 7;
  const random = (below) => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
  const lines = (count) => Text.of(Array.from({ length: count }, () => "ä{}x".repeat(random(12))));

  let text = lines(500);
  let small = 0;
  assert.equal(applied("", difference(undefined, text)), text.toString());
  for (let edit = 0; edit < EDITS; edit += 1) {
    const from = random(text.length + 1);
    const to = Math.min(text.length, from + random(edit % 20 ? 30 : 5_000));
    const next = text.length > 100_000 ? lines(3) : text.replace(from, to, lines(1 + random(edit % 10 ? 4 : 300)));
    const found = difference(text, next);
    assert.equal(applied(text.toString(), found), next.toString(), `edit ${edit} with seed 7`);
    if (found.insert.length < next.length / 2) small += 1;
    text = next;
  }
  assert.deepEqual(difference(text, text), { from: text.length, to: text.length, insert: "" });
  assert.ok(small > EDITS / 2, `${small} of ${EDITS} differences are smaller than half of the text`);
});
