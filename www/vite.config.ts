import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin, type Rolldown } from "vite";

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

/**
 * Names in the page what its first script asks for later, so that it comes at once. What the first states need is one
 * file, compiled whole while it comes and not function by function when it runs. The editor's must not hold up what
 * comes before it: the engine.
 */
function early(): Plugin {
  return {
    name: "early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const seen = new Set<string>();
        const reached = (name: string): string[] => {
          const files: string[] = [];
          const visit = (file: string) => {
            if (seen.has(file)) return;
            seen.add(file);
            files.push(file);
            chunks.find((chunk) => chunk.fileName === file)?.imports.forEach(visit);
          };
          chunks.filter((chunk) => chunk.name === name && !chunk.isEntry).forEach(({ fileName }) => visit(fileName));
          return files;
        };
        const link = (attrs: Record<string, string | boolean>) => ({
          tag: "link",
          attrs: { crossorigin: true, ...attrs },
          injectTo: "head" as const,
        });
        const modules = (files: string[], more = {}) =>
          files.map((file) => link({ rel: "modulepreload", href: `./${file}`, ...more }));
        const styles = Object.keys(bundle).filter((file) => /\/open-[^/]*\.css$/.test(file));
        return [
          ...modules(reached("open")),
          ...styles.map((file) => link({ rel: "preload", as: "style", href: `./${file}` })),
          ...modules(reached("PolicyEditor"), { fetchpriority: "low" }),
        ];
      },
    },
    generateBundle: {
      // It has to be the first line, above what others put there.
      order: "post",
      handler(_, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type === "chunk" && file.name === "open") file.code = `//# allFunctionsCalledOnLoad\n${file.code}`;
        }
      },
    },
  };
}

/** The modules that the first states need: what is reached from their beginning without being asked for later. */
function first(id: string, graph: Rolldown.ChunkingContext): string | null {
  const seen = new Set<string>();
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    graph.getModuleInfo(id)?.importedIds.forEach(visit);
  };
  visit(fileURLToPath(new URL("src/open.ts", import.meta.url)));
  // What is the bundler's own is the first script's too.
  return seen.has(id) && !id.startsWith("\0") ? "open" : null;
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
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: first, debugName: "open" }] } } },
  },
});
