import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the built page works from any folder of any static server.
  base: "./",
  plugins: [svelte()],
  // The engine's package lies beside this folder, not below it.
  server: { fs: { allow: [".."] } },
  worker: { format: "es" },
  // One page with one editor in it: there is nothing to load later.
  build: { target: "es2022", chunkSizeWarningLimit: 700 },
});
