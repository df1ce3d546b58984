// Loaded before the MCP client: zod, which it reads messages with, would try to compile its checks into JavaScript, and
// the page's Content-Security-Policy forbids that.
import { config } from "zod";

config({ jitless: true });
