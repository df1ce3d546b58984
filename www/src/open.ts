import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import type { Engine } from "./engine/client";
import { Builder } from "./state/builder.svelte";
import { newDraft, type Draft } from "./state/draft";
import { openLast } from "./state/drafts";
import { readLink } from "./state/link";
import { beginningOf, templates } from "./start/templates";
import { texts } from "./texts";

/** Puts the page together: what the address asks for, else what was open last, else a first example. */
export async function open(target: HTMLElement, engine: Engine): Promise<void> {
  const asked = await readLink(location.hash);
  let draft: Draft | undefined;
  if (asked?.kind === "draft") draft = asked.draft;
  if (asked?.kind === "template") draft = fromTemplate(asked.id);
  const notice = asked && !draft ? texts.app.brokenLink : undefined;
  // The link has done its work: reloading must bring back what was made of it, not the beginning.
  if (asked) history.replaceState(null, "", location.pathname + location.search);
  draft ??= openLast() ?? fromTemplate("one-tool");
  if (draft) mount(App, { target, props: { builder: new Builder(draft, engine), notice } });
}

function fromTemplate(id: string): Draft | undefined {
  const template = templates.find((one) => one.id === id);
  return template && newDraft(beginningOf(template));
}
