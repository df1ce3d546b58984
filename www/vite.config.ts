import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

/** Writes the service worker with the list of all files of this build. */
function offline(): Plugin {
  return {
    name: "offline",
    apply: "build",
    generateBundle(_, bundle) {
      const files = [
        "./",
        "./favicon.svg",
        ...Object.keys(bundle)
          .filter((file) => file !== "index.html")
          .map((file) => `./${file}`),
      ];
      const hash = createHash("sha256");
      for (const file of Object.values(bundle)) hash.update(file.type === "chunk" ? file.code : file.source);
      const source = readFileSync("src/offline.js", "utf8")
        .replace("__FILES__", JSON.stringify(files))
        .replace("__VERSION__", hash.digest("hex").slice(0, 16));
      this.emitFile({ type: "asset", fileName: "offline.js", source });
    },
  };
}

/** Names in the page what its first script asks for later, so that it comes at once; the editor's is asked for last. */
function early(): Plugin {
  return {
    name: "early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const named = (name: string) => chunks.filter((chunk) => chunk.name === name && !chunk.isEntry);
        const seen = new Set<string>();
        const visit = (file: string) => {
          if (seen.has(file)) return;
          seen.add(file);
          chunks.find((chunk) => chunk.fileName === file)?.imports.forEach(visit);
        };
        for (const { fileName } of [...named("open"), ...named("PolicyEditor")]) visit(fileName);
        return [...seen].map((file) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `./${file}` },
          injectTo: "head" as const,
        }));
      },
    },
  };
}

/** Writes each file that is worth it a second time, compressed, for servers that send such files as they are. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir }, bundle) {
      for (const file of Object.values(bundle)) {
        const bytes = Buffer.from(file.type === "chunk" ? file.code : file.source);
        if (bytes.length > 1_000) writeFileSync(join(dir ?? "dist", `${file.fileName}.br`), brotliCompressSync(bytes));
      }
    },
  };
}

export default defineConfig({
  // Relative addresses: the built page works from any folder of any static server.
  base: "./",
  plugins: [svelte(), early(), offline(), compressed()],
  // The engine's package lies beside this folder, not below it.
  server: { fs: { allow: [".."] } },
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 700 },
});
