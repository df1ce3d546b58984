import type { Builder } from "../state/builder.svelte";

/**
 * Undo and redo run across text and form: wherever the focus is, but in a field in which something was typed that is
 * not yet part of the policy (it has its own way back) and in the editors, which do it themselves.
 */
export function onKeys(event: KeyboardEvent, builder: Builder): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "z" && !event.shiftKey) builder.undo();
  else if (key === "y" || (key === "z" && event.shiftKey)) builder.redo();
  else return;
  event.preventDefault();
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("dialog")) return true;
  const isText =
    target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== "checkbox");
  return isText && target.dataset.settled === undefined;
}
