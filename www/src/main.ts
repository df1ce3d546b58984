import { Engine } from "./engine/client";

// A browser starts a worker with the help of the page's thread: before anything else keeps that busy.
const engine = new Engine();
const target = document.getElementById("app");
if (target) void import("./open").then(({ open }) => open(target, engine));
if (import.meta.env.PROD) addEventListener("load", keepForOffline);

/** What a later visit needs without a network is fetched when this one has all that it needs. */
function keepForOffline(): void {
  // Where there is none (an old browser, no https), the page works as long as there is a network.
  setTimeout(() => void navigator.serviceWorker?.register("./offline.js").catch(() => {}), 2_000);
}
