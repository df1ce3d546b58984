// What the clients put in the place of `${…}` in a server's entry before they start it, as far as that is known outside
// of them: their configurations stay as they are, and this is only for asking a server for its tools.

import { basename, sep } from "node:path";

/** The value with all variables in its texts replaced. Throws if one is only known to the client. */
export function resolved(value, where) {
  if (typeof value === "string") return value.replace(/\$\{([^}]*)\}/g, (said, name) => variable(said, name, where));
  if (Array.isArray(value)) return value.map((item) => resolved(item, where));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, where)]));
}

function variable(said, name, { home, project, env = process.env }) {
  const places = {
    workspaceFolder: project,
    workspaceFolderBasename: basename(project),
    userHome: home,
    pathSeparator: sep,
    "/": sep,
  };
  if (Object.hasOwn(places, name)) return places[name];
  // `${env:NAME}` of Cursor and VS Code, `${NAME}` and `${NAME:-else}` of Claude Code.
  const [, own, otherwise] = /^(?:env:)?([A-Za-z_]\w*)(?::-(.*))?$/s.exec(name) ?? [];
  const found = own === undefined ? undefined : env[own] || otherwise;
  if (found === undefined) throw new Error(`only the client knows what \`${said}\` in it is`);
  return found;
}
