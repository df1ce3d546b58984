import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { Builder } from "./state/builder.svelte";
import { newDraft, type Draft } from "./state/draft";
import { openLast } from "./state/drafts";
import { readLink } from "./state/link";
import { beginningOf, templates } from "./start/templates";
import { texts } from "./texts";

const target = document.getElementById("app");
if (target) void open(target);
if (import.meta.env.PROD) addEventListener("load", keepForOffline);

/** What a later visit needs without a network is fetched when this one has all that it needs. */
function keepForOffline(): void {
  // Where there is none (an old browser, no https), the page works as long as there is a network.
  setTimeout(() => void navigator.serviceWorker?.register("./offline.js").catch(() => {}), 2_000);
}

async function open(target: HTMLElement): Promise<void> {
  const asked = await readLink(location.hash);
  let draft: Draft | undefined;
  if (asked?.kind === "draft") draft = asked.draft;
  if (asked?.kind === "template") draft = fromTemplate(asked.id);
  const notice = asked && !draft ? texts.app.brokenLink : undefined;
  // The link has done its work: reloading must bring back what was made of it, not the beginning.
  if (asked) history.replaceState(null, "", location.pathname + location.search);
  draft ??= openLast() ?? fromTemplate("one-tool");
  if (draft) mount(App, { target, props: { builder: new Builder(draft), notice } });
}

function fromTemplate(id: string): Draft | undefined {
  const template = templates.find((one) => one.id === id);
  return template && newDraft(beginningOf(template));
}
