// The package as its users get it: packed, and installed from the tarball into an empty project.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const source = join(root, "pkg/npm");

/** Runs npm and returns what it printed. */
export function npm(args, cwd) {
  // Through a shell nothing is quoted: npm itself is run by this node.
  return execFileSync("npm", [...args, "--offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    encoding: "utf8",
  });
}

/** Makes an empty project below target/ with the packed package installed; each test file has its own. */
export function install(name, below = "target/npm-tests") {
  const project = join(root, below, name);
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  npm(["pack", source, "--pack-destination", project], root);
  const [tarball] = readdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "name": "a-user", "private": true, "type": "module" }');
  // Without a lock file: to some tools it would be the root of all that they look at.
  npm(["install", "--no-package-lock", `./${tarball}`], project);
  const require = createRequire(join(project, "index.js"));
  return {
    project,
    tarball: join(project, tarball),
    require,
    /** Writes a file of the project; its path. */
    write(path, text) {
      const file = join(project, path);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    /** Imports the package by the path that its `exports` name. */
    import: (path = "js/node.js") => import(pathToFileURL(join(project, "node_modules/cattlegrid", path)).href),
  };
}
