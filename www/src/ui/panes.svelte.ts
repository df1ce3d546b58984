import { MediaQuery } from "svelte/reactivity";

/** The parts of the page, from the left. */
export const PANES = ["tools", "rules", "text", "call", "scenario", "compare", "replay"] as const;

export type PaneName = (typeof PANES)[number];

/**
 * Which parts of the page are seen: a column each from the left, as far as there is room, and all that are left in the
 * last column, as tabs.
 */
export class Panes {
  readonly #two = new MediaQuery("min-width: 48rem");
  readonly #three = new MediaQuery("min-width: 75rem");
  readonly #four = new MediaQuery("min-width: 112rem");
  /** Those that were asked for, the newest last. */
  #asked: readonly PaneName[] = $state.raw([]);

  readonly columns = $derived(1 + Number(this.#two.current) + Number(this.#three.current) + Number(this.#four.current));
  readonly tabs: readonly PaneName[] = $derived(PANES.slice(this.columns - 1));
  /** The tab that was asked for last, else the first. */
  readonly current = $derived(this.#asked.findLast((pane) => this.tabs.includes(pane)) ?? this.tabs[0]);

  isShown(pane: PaneName): boolean {
    return !this.tabs.includes(pane) || pane === this.current;
  }

  show(pane: PaneName): void {
    this.#asked = [...this.#asked.filter((other) => other !== pane), pane];
  }
}
