// Where the clients of people's machines keep the servers that they start, as their documentation says in 2026.

import { homedir } from "node:os";
import { join } from "node:path";
import { child } from "./jsonc.js";

/**
 * The files of all clients: `{ client, file, groups, policyPath }`. `groups` finds the objects whose members are
 * servers. `project` is the folder whose own files are looked at too.
 */
export function configurations({ home = homedir(), project, platform = process.platform, env = process.env } = {}) {
  const roaming = {
    darwin: join(home, "Library/Application Support"),
    win32: env.APPDATA ?? join(home, "AppData/Roaming"),
  };
  const settings = roaming[platform] ?? env.XDG_CONFIG_HOME ?? join(home, ".config");
  const at = (client, file, groups = under("mcpServers"), shared) => ({ client, file, groups, shared });
  return [
    at("Claude Desktop", join(settings, "Claude/claude_desktop_config.json")),
    at("Claude Code", join(env.CLAUDE_CONFIG_DIR ?? home, ".claude.json"), ofClaudeCode),
    at("Claude Code, this project", join(project, ".mcp.json"), under("mcpServers"), ""),
    at("Cursor", join(home, ".cursor/mcp.json")),
    at("Cursor, this project", join(project, ".cursor/mcp.json"), under("mcpServers"), "${workspaceFolder}/"),
    at("VS Code", join(settings, "Code/User/mcp.json"), under("servers")),
    at("VS Code Insiders", join(settings, "Code - Insiders/User/mcp.json"), under("servers")),
    at("VS Code, this project", join(project, ".vscode/mcp.json"), under("servers"), "${workspaceFolder}/"),
  ];
}

/** The folder of the guard's own files. */
export function ownFolder({ home = homedir(), platform = process.platform, env = process.env } = {}) {
  if (platform === "win32") return join(env.APPDATA ?? join(home, "AppData/Roaming"), "cattlegrid");
  return join(env.XDG_CONFIG_HOME ?? join(home, ".config"), "cattlegrid");
}

const under = (key) => (root) => [child(root, key)];

/** Those of all projects, and those of each. */
const ofClaudeCode = (root) => [
  child(root, "mcpServers"),
  ...(child(root, "projects")?.members ?? []).map(({ node }) => child(node, "mcpServers")),
];
