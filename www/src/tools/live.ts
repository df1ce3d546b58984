// A live server: its tools, read over MCP's Streamable HTTP. Loaded only when somebody asks for it.
import "./no-eval";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { texts } from "../texts";
import { catalogOf, type CatalogResult } from "./catalog";

/** A server may take its time to wake up, but not for ever. Milliseconds. */
const PATIENCE = 15_000;
/** Pages of `tools/list` that are read; a server could go on without end. */
const PAGES = 100;

/** Reads a server's tools. `token`: what it wants as a bearer token, if anything; it goes there and nowhere else. */
export async function readLive(address: string, token: string): Promise<CatalogResult> {
  const t = texts.live.errors;
  let url: URL;
  try {
    url = new URL(address.includes("://") ? address : `http://${address}`);
  } catch {
    return { error: t.noAddress };
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return { error: t.noAddress };
  if (location.protocol === "https:" && url.protocol === "http:" && !isLoopback(url.hostname))
    return { error: t.mixed };

  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
  /** Of the last answer; the client keeps it to itself. */
  let status = 0;
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers, credentials: "omit" },
    fetch: async (input, init) => {
      status = 0;
      const response = await fetch(input, init);
      status = response.status;
      return response;
    },
  });
  const client = new Client({ name: "cattlegrid-builder", version: "1" });
  const timeout = AbortSignal.timeout(PATIENCE);
  try {
    await client.connect(transport, { timeout: PATIENCE, signal: timeout });
    const tools: unknown[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await client.listTools(cursor === undefined ? {} : { cursor }, {
        timeout: PATIENCE,
        signal: timeout,
      });
      tools.push(...answer.tools);
      cursor = answer.nextCursor;
      if (cursor === undefined) break;
    }
    const title = client.getServerVersion()?.name || url.host;
    return catalogOf(title, { tools, ...(cursor !== undefined && { nextCursor: cursor }) });
  } catch (error) {
    return { error: await why(error, url, status, timeout.aborted) };
  } finally {
    await client.close().catch(() => {});
  }
}

/** What went wrong, as far as a page may know: browsers hide from it whether a server is away or refuses pages. */
async function why(error: unknown, url: URL, status: number, late: boolean): Promise<string> {
  const t = texts.live.errors;
  if (late) return t.late(PATIENCE / 1000);
  const said = error instanceof Error ? error.message : String(error);
  if (status === 0) return (await answersAtAll(url)) ? t.cors(url.origin, location.origin) : t.unreachable(url.origin);
  if (status === 401 || status === 403) return t.unauthorized(status);
  if (status === 404) return t.notFound(url.pathname);
  return t.other(said.slice(0, 300));
}

/** Whether anything listens there: an answer that a page may not read is still an answer. */
async function answersAtAll(url: URL): Promise<boolean> {
  try {
    await fetch(url, { mode: "no-cors", credentials: "omit", signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}
