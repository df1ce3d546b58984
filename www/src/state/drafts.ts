// The drafts that this browser keeps, one entry each in its local storage.
import { pack, unpack } from "./packed";
import type { Draft } from "./draft";

const PREFIX = "cattlegrid.draft.";
const CURRENT = "cattlegrid.current";

/** A draft as a list shows it. */
export interface Kept {
  readonly id: string;
  readonly name: string;
  /** When it was kept last, UTC milliseconds. */
  readonly at: number;
}

/** Keeps a draft as the one that is open. False: the browser has no room for it, or keeps nothing. */
export function keep(draft: Draft): boolean {
  try {
    localStorage.setItem(PREFIX + draft.id, JSON.stringify({ at: Date.now(), draft: pack(draft) }));
    localStorage.setItem(CURRENT, draft.id);
    return true;
  } catch {
    return false;
  }
}

/** All that are kept, the newest first. */
export function kept(): Kept[] {
  const list: Kept[] = [];
  for (const key of keys()) {
    const entry = read(key);
    if (entry) list.push({ id: key.slice(PREFIX.length), name: String(entry.draft.name), at: entry.at });
  }
  return list.sort((a, b) => b.at - a.at);
}

export function open(id: string): Draft | undefined {
  const entry = read(PREFIX + id);
  const draft = entry && unpack(entry.draft);
  return draft && { ...draft, id };
}

/** The draft that was open last. */
export function openLast(): Draft | undefined {
  try {
    const id = localStorage.getItem(CURRENT);
    return id === null ? undefined : open(id);
  } catch {
    return undefined;
  }
}

export function forget(id: string): void {
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    // What keeps nothing has nothing to forget.
  }
}

function keys(): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(key: string): { at: number; draft: { name: unknown } } | undefined {
  try {
    const entry = JSON.parse(localStorage.getItem(key) ?? "null");
    return typeof entry?.at === "number" && typeof entry.draft === "object" && entry.draft ? entry : undefined;
  } catch {
    return undefined;
  }
}
