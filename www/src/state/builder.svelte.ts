import type { Decision, Explanation, TextRange, ToolState } from "cattlegrid";
import type { Text } from "@codemirror/state";
import { Engine } from "../engine/client";
import { latest } from "../engine/latest";
import type { Analysis } from "../engine/protocol";
import type { Example } from "../examples";
import { callText } from "../simulate/call";
import { texts } from "../texts";
import { catalogs } from "../tools/bundled";
import type { Catalog } from "../tools/catalog";
import * as drafts from "./draft";
import { pointerOf } from "./pointer";

/** What the policy's editor can be asked to do. The text itself lives there, so that undo covers every change. */
export interface EditorHandle {
  replace(text: string): void;
  apply(edits: readonly { span: TextRange; text: string }[]): void;
  reveal(range: TextRange): void;
}

/** One call that was made, with what came out and the draft that it was made with. */
export interface Made {
  readonly decision: Decision;
  readonly explanation: Explanation;
  readonly draft: drafts.Draft;
}

interface Analysed extends Analysis {
  readonly policy: Text;
  readonly catalog: Catalog;
}

/** The page's state: one draft, what the engine says of it, and the calls made since the counters were empty. */
export class Builder {
  draft: drafts.Draft;
  analysis: Analysed | undefined = $state.raw();
  /** Since the counters were last empty; the newest last. */
  calls: readonly Made[] = $state.raw([]);
  /** Why the last click on "call" led to no call. */
  callError: string | undefined = $state.raw();
  /** Set when the engine itself failed: nothing on the page is a judgement any more. */
  failure: string | undefined = $state.raw();
  /** Tool states by name, of the newest text that loads. */
  states: ReadonlyMap<string, ToolState> = $derived.by(() => this.#states());

  readonly #engine = new Engine();
  readonly #analyse: (draft: drafts.Draft) => void;
  #editor: EditorHandle | undefined;
  /** The engine's number for the counters that `calls` went into. */
  #counters: number | undefined;

  constructor(example: Example) {
    this.draft = $state.raw(drafts.newDraft(example.text, catalogs[example.catalog], example.tool));
    this.#analyse = latest(
      ({ policy, catalog }: drafts.Draft) => this.#engine.analyse(policy.toString(), catalog.source),
      (analysis, { policy, catalog }) => this.#analysed({ ...analysis, policy, catalog }),
      (error) => this.#failed(error),
    );
    this.#analyse(this.draft);
  }

  /** The last good states: a text in the middle of an edit does not empty the table. */
  #loaded: Analysed | undefined = $state.raw();

  #states(): ReadonlyMap<string, ToolState> {
    const loaded = this.#loaded;
    if (!loaded || loaded.catalog !== this.draft.catalog) return new Map();
    return new Map(loaded.loaded?.tools.map((state) => [state.name, state]));
  }

  #analysed(analysis: Analysed): void {
    this.analysis = analysis;
    this.failure = undefined;
    if (!analysis.loaded) return;
    this.#loaded = analysis;
    this.#count(analysis.loaded.counters);
  }

  /** Another policy has other counters: what was counted before is gone. */
  #count(counters: number): void {
    if (this.#counters !== counters) this.calls = [];
    this.#counters = counters;
  }

  attach(editor: EditorHandle): void {
    this.#editor = editor;
  }

  /** The editor's text has changed. */
  policyChanged(policy: Text): void {
    this.#set({ ...this.draft, policy });
  }

  start(example: Example): void {
    this.setCatalog(catalogs[example.catalog]);
    this.setTool(example.tool);
    this.#editor?.replace(example.text);
  }

  setCatalog(catalog: Catalog): void {
    this.#set(drafts.withCatalog(this.draft, catalog));
  }

  setPasted(catalog: Catalog): void {
    this.#set(drafts.withCatalog({ ...this.draft, pasted: catalog }, catalog));
  }

  setTool(tool: string): void {
    this.draft = drafts.withTool(this.draft, tool);
    this.callError = undefined;
  }

  setCall(change: Partial<drafts.CallForm>): void {
    this.draft = drafts.withCall(this.draft, change);
    this.callError = undefined;
  }

  /** Decides the call of the form, and counts it. */
  async call(): Promise<void> {
    const draft = this.draft;
    const call = callText(draft.call, Date.now());
    this.callError = "error" in call ? call.error : undefined;
    if ("error" in call) return;
    try {
      const made = await this.#engine.call(draft.policy.toString(), call.text, call.now);
      if (!made) {
        this.callError = texts.call.errors.policyBroken;
        return;
      }
      const { decision, explanation, counters } = made;
      this.#count(counters);
      this.calls = [...this.calls, { decision, explanation, draft }];
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  async resetCounters(): Promise<void> {
    await this.#engine.reset().catch((error: Error) => this.#failed(error));
    this.calls = [];
    this.callError = undefined;
  }

  /** Shows the place of a rule in the text. */
  async revealRule(rule: string): Promise<void> {
    const { policy } = this.draft;
    try {
      const range = await this.#engine.locate(policy.toString(), pointerOf(rule));
      if (range && policy === this.draft.policy) this.reveal(range);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  reveal(range: TextRange): void {
    this.#editor?.reveal(range);
  }

  /** Applies a fix, if the text is still the one that it was made for. */
  fix(edits: readonly { span: TextRange; text: string }[]): void {
    if (this.analysis?.policy === this.draft.policy) this.#editor?.apply(edits);
  }

  #set(draft: drafts.Draft): void {
    this.draft = draft;
    this.#analyse(draft);
  }

  #failed(error: Error): void {
    this.failure = error.message;
  }
}
