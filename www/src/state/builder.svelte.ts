import type {
  Argument,
  Change,
  CoveredPart,
  Decision,
  Diagnostic,
  Explanation,
  Form,
  TextRange,
  ToolRow,
} from "cattlegrid/author";
import type { Classified, Profile } from "cattlegrid/classify";
import { ChangeSet, type ChangeSpec, type Text } from "@codemirror/state";
import type { Adviser } from "../editor/advice";
import type { Engine } from "../engine/client";
import { latest } from "../engine/latest";
import type {
  Analysis,
  Asked,
  Compared,
  Matched,
  Pinned,
  Place,
  Progress,
  Replayed,
  Rules,
  Simulated,
  Written,
} from "../engine/protocol";
import { callText } from "../simulate/call";
import { texts } from "../texts";
import type { Catalog } from "../tools/catalog";
import * as drafts from "./draft";
import { pointerOf } from "./pointer";

/** What the policy's editor can be asked to do. The text itself lives there, so that undo covers every change. */
export interface EditorHandle {
  /** Another draft: its text, and nothing to undo. */
  open(policy: Text): void;
  /** One step for undo, whatever number of places it touches. */
  apply(changes: ChangeSpec): void;
  /** The same document in another layout; the cursor stays at its place. */
  layOut(text: string): void;
  /** Marks a place and scrolls to it; `reveal` goes there. */
  show(range: TextRange): void;
  reveal(range: TextRange): void;
  /** How the rules of a call came out, until the next edit. */
  showOutcomes(places: readonly Place[]): void;
  undo(): void;
  redo(): void;
}

/** One call that was made, with what came out and the draft that it was made with. */
export interface Made {
  readonly decision: Decision;
  readonly explanation: Explanation;
  readonly draft: drafts.Draft;
}

interface Analysed extends Analysis {
  /** There may be more to list than the first diagnostics, and it has not come yet. */
  readonly partly: boolean;
  readonly policy: Text;
  readonly catalog: Catalog;
}

/** Rules, with what there is to say about the text that they were read of. */
interface Read extends Rules {
  readonly diagnostics: readonly Diagnostic[];
  readonly policy: Text;
}

/** Whether what comes behind a change is where it was before it: all but what stood behind an item of a list. */
const leavesPlaces = (change: Change) => change.kind !== "remove" || !/\/\d+$/.test(change.pointer);

/** An edit of the engine's, as the editor takes it. */
const specOf = ({ span, text }: { span: TextRange; text: string }) => ({
  from: span.start,
  to: span.end,
  insert: text,
});

/** What a policy makes of the tools of a catalog. */
interface Table {
  readonly tools: readonly ToolRow[];
  readonly policy: Text;
  readonly catalog: Catalog;
}

/** A policy of more characters than that is large; so many ms without a key are a pause. */
const LARGE = 100_000;
const PAUSE = 400;

/** Whose rules are shown: of one tool, or of all tools. */
export const ALL_TOOLS = "";

/** The page's state: one draft, what the engine says of it, and the calls made since the counters were empty. */
export class Builder {
  draft: drafts.Draft;
  analysis: Analysed | undefined = $state.raw();
  /** The tool whose rules are shown, or `ALL_TOOLS`. */
  selected: string = $state.raw(ALL_TOOLS);
  /** The rules of what is selected, as the newest text has them. */
  rules: Read | undefined = $state.raw();
  /** What the editor can take back and do again. */
  history: { readonly undo: boolean; readonly redo: boolean } = $state.raw({ undo: false, redo: false });
  /** Since the counters were last empty; the newest last. */
  calls: readonly Made[] = $state.raw([]);
  /** Why the last click on "call" led to no call. */
  callError: string | undefined = $state.raw();
  /** Why the last change could not be made. */
  editError: string | undefined = $state.raw();
  /** What came of the scenario with the newest policy; null: the policy does not load. */
  run: Simulated | undefined = $state.raw();
  /** The policy of that run. */
  #ran: Text | undefined = $state.raw();
  /** Whether what the scenario exercises is marked in the text. */
  marked: boolean = $state.raw(false);
  /** What each tool of the catalog can do at worst, by its name; it comes a moment after the states. */
  risks: ReadonlyMap<string, Classified> = $state.raw(new Map());
  /** What this policy changes of its baseline, as it was last asked for. */
  compared: (Compared & { readonly policy: Text }) | undefined = $state.raw();
  /** The answers to the scenario's questions, as they were last asked for. */
  asked: (Asked & { readonly policy: Text; readonly scenario: string }) | undefined = $state.raw();
  /** What the last change did beside what was asked for. */
  editNotes: readonly string[] = $state.raw([]);
  /** Whether the first states are on the screen: what takes longer to load, and nothing waits for, comes after them. */
  begun: boolean = $state.raw(false);
  /** Set when the engine itself failed: nothing on the page is a judgement any more. */
  failure: string | undefined = $state.raw();

  /** What the table was asked for last. */
  #asked: { policy: Text; catalog: Catalog } | undefined;
  /** The last good states: a text in the middle of an edit does not empty the table. */
  #loaded: Table | undefined = $state.raw();
  readonly rows: readonly ToolRow[] | undefined = $derived.by(() => this.#rows());

  /** Whether the newest text was typed, and not made by another part of the page. */
  #typed = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  readonly #engine: Engine;
  readonly #analyse: (draft: drafts.Draft) => void;
  readonly #askForAll: (first: Analysed) => void;
  readonly #askForRules: (of: { analysis: Analysed; tool: string }) => void;
  readonly #askForTable: (text: { policy: Text; catalog: Catalog }) => void;
  readonly #simulate: (draft: drafts.Draft) => void;
  readonly #ask: (of: { draft: drafts.Draft; questions: readonly string[] }) => void;
  readonly #compare: (draft: drafts.Draft) => void;
  #classified: Catalog | undefined;
  #editor: EditorHandle | undefined;
  /** A change that was asked for before the editor was loaded waits for it. */
  readonly #attached: Promise<EditorHandle>;
  #attach!: (editor: EditorHandle) => void;
  /** The engine's number for the counters that `calls` went into. */
  #counters: number | undefined;
  /** Changes are made one after the other. */
  #changes: Promise<void> = Promise.resolve();
  /** How often places of rules may have become those of others, in all and until a text was there. */
  #moves = 0;
  readonly #movesUntil = new WeakMap<Text, number>();
  /** While the text is changed so that they do not. */
  #placesStay = false;

  constructor(draft: drafts.Draft, engine: Engine) {
    this.draft = $state.raw(draft);
    this.#engine = engine;
    this.#attached = new Promise((resolve) => (this.#attach = resolve));
    this.selected = draft.call.tool;
    this.#analyse = latest(
      ({ policy, catalog }: drafts.Draft) => {
        this.#engine.useCatalog(catalog.source);
        return this.#engine.ask({ kind: "analyse", all: false }, policy);
      },
      (analysis, { policy, catalog }) => this.#analysed({ ...analysis, partly: analysis.omitted > 0, policy, catalog }),
      (error) => this.#failed(error),
    );
    this.#askForAll = latest(
      ({ policy }) => this.#engine.ask({ kind: "analyse", all: true }, policy),
      (analysis, { policy, catalog }) => {
        if (this.analysis?.policy === policy && this.analysis.catalog === catalog)
          this.#analysed({ ...analysis, partly: false, policy, catalog });
      },
      (error) => this.#failed(error),
    );
    this.#askForRules = latest(
      ({ analysis, tool }) => this.#engine.ask({ kind: "rules", tool }, analysis.policy),
      (rules, { analysis, tool }) => this.#read(rules, analysis, tool),
      (error) => this.#failed(error),
    );
    this.#askForTable = latest(
      ({ policy }) => this.#engine.ask({ kind: "tools" }, policy),
      (tools, { policy, catalog }) => {
        if (tools) this.#loaded = { tools, policy, catalog };
        this.#begin();
      },
      (error) => this.#failed(error),
    );
    this.#simulate = latest(
      async ({ policy, scenario }: drafts.Draft) =>
        scenario.trim() ? this.#engine.ask({ kind: "simulate", scenario }, policy) : undefined,
      (run, { policy }) => {
        this.run = run;
        this.#ran = policy;
      },
      (error) => this.#failed(error),
    );
    this.#compare = latest(
      ({ policy, baseline }: drafts.Draft) => this.#engine.ask({ kind: "compare", baseline: baseline.policy }, policy),
      (compared, { policy }) => (this.compared = { ...compared, policy }),
      (error) => this.#failed(error),
    );
    this.#ask = latest(
      ({ draft: { policy }, questions }) => this.#engine.ask({ kind: "ask", questions }, policy),
      (asked, { draft: { policy, scenario } }) => (this.asked = { ...asked, policy, scenario }),
      (error) => this.#failed(error),
    );
    this.#analyse(this.draft);
    // The first time at once, so that it does not wait for the page to be built; later what is said of a text is first.
    this.#tabulate(this.draft);
    this.#simulate(this.draft);
  }

  #tabulate(text: { policy: Text; catalog: Catalog }): void {
    if (this.#asked?.policy === text.policy && this.#asked.catalog === text.catalog) return;
    this.#asked = text;
    this.#askForTable(text);
  }

  #begin(): void {
    if (!this.begun) requestAnimationFrame(() => setTimeout(() => (this.begun = true)));
  }

  /** How many problems the text has, listed or not. */
  get problems(): number {
    return this.analysis ? this.analysis.diagnostics.length + this.analysis.omitted : 0;
  }

  /** How many of them are errors. All are of one kind: of a text that has errors, nothing else is said. */
  get errors(): number {
    return this.analysis?.diagnostics[0]?.severity === "error" ? this.problems : 0;
  }

  /** Whether what the table of tools shows is of an earlier text than what is written. */
  get busy(): boolean {
    const { policy, catalog } = this.draft;
    if (this.analysis?.policy !== policy || this.analysis.catalog !== catalog) return true;
    return this.analysis.loads && (this.#loaded?.policy !== policy || this.#loaded.catalog !== catalog);
  }

  #rows(): readonly ToolRow[] | undefined {
    return this.#loaded?.catalog === this.draft.catalog ? this.#loaded.tools : undefined;
  }

  /** What of a text the scenario exercises, if it is to be marked there. */
  coveredIn(policy: Text): readonly CoveredPart[] {
    const result = this.run && "result" in this.run ? this.run.result : undefined;
    return this.marked && result && this.#ran === policy ? result.coverage.parts : [];
  }

  get form(): Form | undefined {
    return this.rules?.form;
  }

  get inputs(): readonly Argument[] {
    return this.rules?.inputs ?? [];
  }

  #analysed(analysis: Analysed): void {
    this.analysis = analysis;
    this.failure = undefined;
    void this.#classify(analysis.catalog);
    clearTimeout(this.#pause);
    if (analysis.partly) {
      // When the first are on the screen. What is asked of the rules speaks of all of them.
      requestAnimationFrame(() =>
        setTimeout(() => {
          if (this.analysis === analysis) this.#askForAll(analysis);
        }),
      );
      return;
    }
    const rest = () => {
      this.#askForRules({ analysis, tool: this.selected });
      if (analysis.loads) this.#tabulate(analysis);
    };
    // The rest of the page shows a large policy when its author pauses: made with every key, the next one would wait.
    if (this.#typed && analysis.policy.length > LARGE) this.#pause = setTimeout(rest, PAUSE);
    else rest();
  }

  #read(rules: Rules, analysis: Analysed, tool: string): void {
    if (analysis !== this.analysis || tool !== this.selected) return;
    // A text in the middle of an edit does not empty what is shown of the one before.
    if (rules.form || !this.rules)
      this.rules = { ...rules, diagnostics: analysis.diagnostics, policy: analysis.policy };
  }

  /** Only another catalog has other risks. */
  async #classify(catalog: Catalog): Promise<void> {
    if (catalog === this.#classified) return;
    this.#classified = catalog;
    try {
      const tools = await this.#engine.ask({ kind: "classify", catalog: catalog.source });
      if (catalog === this.#classified) this.risks = new Map(tools.map((tool) => [tool.name, tool]));
    } catch {
      // The rest of the page judges without it: the column is empty.
      if (catalog === this.#classified) this.risks = new Map();
    }
  }

  /** Another policy has other counters: what was counted before is gone. */
  #count(counters: number): void {
    if (this.#counters !== counters) this.calls = [];
    this.#counters = counters;
  }

  attach(editor: EditorHandle): void {
    this.#editor = editor;
    this.#attach(editor);
  }

  setHistory(history: { undo: boolean; redo: boolean }): void {
    if (history.undo !== this.history.undo || history.redo !== this.history.redo) this.history = history;
  }

  /** The editor's text has changed; and, if so, what stood at places of it may stand at others. */
  policyChanged(policy: Text, typed: boolean, moves: boolean): void {
    this.#typed = typed;
    this.editError = undefined;
    this.editNotes = [];
    this.#follow(policy, moves && !this.#placesStay);
    this.#set({ ...this.draft, policy });
  }

  #follow(policy: Text, moves: boolean): void {
    if (moves) this.#moves += 1;
    this.#movesUntil.set(policy, this.#moves);
  }

  /** Another draft in place of this one. */
  open(draft: drafts.Draft): void {
    this.#typed = false;
    this.#follow(draft.policy, true);
    this.calls = [];
    this.callError = undefined;
    this.rules = undefined;
    this.run = undefined;
    this.selected = draft.call.tool;
    this.draft = draft;
    this.#editor?.open(draft.policy);
    this.#set(draft);
  }

  setName(name: string): void {
    this.draft = { ...this.draft, name };
  }

  setCatalog(catalog: Catalog): void {
    this.#typed = false;
    const draft = drafts.withCatalog(this.draft, catalog);
    if (this.selected !== ALL_TOOLS) this.selected = draft.call.tool;
    this.#set(draft);
  }

  setBaseline(baseline: drafts.Baseline): void {
    this.draft = { ...this.draft, baseline };
  }

  /** Compares the policy with its baseline; asked for by what shows it, as it takes longer than the rest. */
  compare(): void {
    this.#engine.useCatalog(this.draft.catalog.source);
    this.#compare(this.draft);
  }

  /** Asks the scenario's questions about all calls; asked for by what shows the answers, as `compare` is. */
  askAll(questions: readonly string[]): void {
    this.#engine.useCatalog(this.draft.catalog.source);
    this.#ask({ draft: this.draft, questions });
  }

  /** Runs a log of recorded calls through the policy; without `against`, beside what was decided then. */
  replay(log: Blob, against: string | undefined, progress: (progress: Progress) => void): Promise<Replayed> {
    const question = { kind: "replay", log, ...(against !== undefined && { against }) } as const;
    return this.#engine.ask(question, this.draft.policy, progress);
  }

  setScenario(scenario: string): void {
    this.draft = { ...this.draft, scenario };
    this.#simulate(this.draft);
  }

  /** Shows the rules of a tool; its call is the one to be tried next. */
  select(tool: string): void {
    if (tool !== ALL_TOOLS && tool !== this.draft.call.tool) this.setTool(tool);
    if (this.selected === tool) return;
    this.selected = tool;
    this.rules = undefined;
    if (this.analysis) this.#askForRules({ analysis: this.analysis, tool });
  }

  setTool(tool: string): void {
    this.draft = drafts.withTool(this.draft, tool);
    this.callError = undefined;
  }

  setCall(change: Partial<drafts.CallForm>): void {
    this.draft = drafts.withCall(this.draft, change);
    this.callError = undefined;
  }

  /** Brings changes about, each after the one before, as small edits of the text: together one step for undo. */
  change(...changes: readonly Change[]): Promise<void> {
    const seen = this.rules;
    this.#changes = this.#changes.then(() => this.#change(changes, seen)).catch((error: Error) => this.#failed(error));
    return this.#changes;
  }

  /** Whether changes are of rules that were seen and may be elsewhere by now: another rule would be changed. */
  #missTheirs(changes: readonly Change[], seen: Read | undefined): boolean {
    if (!seen?.form || (this.#movesUntil.get(seen.policy) ?? 0) === this.#moves) return false;
    const begin = `${seen.form.pointer}/`;
    return changes.some((change) => "pointer" in change && change.pointer.startsWith(begin));
  }

  async #change(changes: readonly Change[], seen: Read | undefined): Promise<void> {
    const editor = await this.#attached;
    for (;;) {
      const { policy } = this.draft;
      const edited = await this.#edited(policy, changes);
      // Whoever typed meanwhile made the edits stand at the wrong places.
      if (policy !== this.draft.policy) continue;
      const moved = this.#missTheirs(changes, seen) ? texts.rules.moved : undefined;
      // In a text that does not load, that is what is to be mended first.
      const error = "error" in edited && !(moved && this.analysis?.loads) ? edited.error : undefined;
      this.editError = error ?? moved;
      if (this.editError !== undefined || "error" in edited) return;
      this.#placesStay = changes.every(leavesPlaces);
      try {
        if (!edited.edits.empty) editor.apply(edited.edits);
      } finally {
        this.#placesStay = false;
      }
      if (edited.reveal) await this.#show(edited.reveal);
      this.editNotes = edited.notes;
      return;
    }
  }

  /** The edits of several changes as those of one; nothing is done yet. */
  async #edited(
    policy: Text,
    changes: readonly Change[],
  ): Promise<{ error: string } | { edits: ChangeSet; reveal: string | undefined; notes: readonly string[] }> {
    let edits = ChangeSet.empty(policy.length);
    let reveal: string | undefined;
    const notes: string[] = [];
    for (const change of changes) {
      const edited = await this.#engine.ask({ kind: "edit", change }, edits.apply(policy));
      if ("error" in edited) return edited;
      edits = edits.compose(ChangeSet.of(edited.edits.map(specOf), edits.newLength));
      reveal = edited.reveal ?? reveal;
      notes.push(...edited.notes);
    }
    return { edits, reveal, notes };
  }

  /** Decides the call of the form, and counts it. */
  async call(): Promise<void> {
    // What was changed in the form just now belongs to the policy that decides.
    await this.#changes;
    const draft = this.draft;
    const call = callText(draft.call, Date.now());
    this.callError = "error" in call ? call.error : undefined;
    if ("error" in call) return;
    try {
      const made = await this.#engine.ask({ kind: "call", call: call.text, now: call.now }, draft.policy);
      if (!made) {
        this.callError = texts.call.errors.policyBroken;
        return;
      }
      const { decision, explanation, places, counters } = made;
      this.#count(counters);
      this.calls = [...this.calls, { decision, explanation, draft }];
      if (draft.policy === this.draft.policy) this.#editor?.showOutcomes(places);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  async resetCounters(): Promise<void> {
    await this.#engine.ask({ kind: "reset" }).catch((error: Error) => this.#failed(error));
    this.calls = [];
    this.callError = undefined;
  }

  /** How a pattern fares with a text, by the engine that decides with it. */
  match(pattern: string, sample: string): Promise<Matched> {
    return this.#engine.ask({ kind: "match", pattern, sample });
  }

  /** The text of a policy that is recommended for these tools of the catalog, or for all of them. */
  recommended(profile: Profile, tools: readonly string[]): Promise<Written> {
    return this.#engine.ask({ kind: "recommend", catalog: this.draft.catalog.source, profile, tools });
  }

  /** A lock of the tools of a list, and what has changed since a lock or an older list; all of them texts of files. */
  pinned(now: string, before: string | undefined): Promise<Pinned> {
    return this.#engine.ask({ kind: "pins", now, before });
  }

  /** The whole configuration of Envoy with this policy, in front of a server (a URL); `wasm`: the filter's file. */
  envoyConfiguration(upstream: string, wasm: string): Promise<Written> {
    return this.#engine.ask({ kind: "envoy", upstream, wasm }, this.draft.policy);
  }

  /** Whom the editor asks for advice. */
  readonly adviser: Adviser = {
    complete: (text, offset) => this.#engine.ask({ kind: "complete", offset }, text),
    hover: (text, offset) => this.#engine.ask({ kind: "hover", offset }, text),
  };

  /** Marks a place of the text that was changed, for who looks; the cursor stays where it is. */
  async #show(pointer: string): Promise<void> {
    const { policy } = this.draft;
    const range = await this.#engine.ask({ kind: "locate", pointer }, policy);
    if (range && policy === this.draft.policy) (await this.#attached).show(range);
  }

  /** Shows the place of a rule in the text. */
  async revealRule(rule: string): Promise<void> {
    const { policy } = this.draft;
    try {
      const range = await this.#engine.ask({ kind: "locate", pointer: pointerOf(rule) }, policy);
      if (range && policy === this.draft.policy) await this.reveal(range);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  async reveal(range: TextRange): Promise<void> {
    (await this.#attached).reveal(range);
  }

  /** Applies a fix, if the text is still the one that it was made for. */
  fix(edits: readonly { span: TextRange; text: string }[]): void {
    if (this.analysis?.policy === this.draft.policy) this.#editor?.apply(edits.map(specOf));
  }

  /** The canonical form of the text, as one more edit. */
  async format(): Promise<void> {
    const { policy } = this.draft;
    try {
      const text = await this.#engine.ask({ kind: "format" }, policy);
      if (text === undefined || policy !== this.draft.policy) return;
      const before = policy.toString();
      // A file's last line ends or does not, as it did.
      const formatted = before.endsWith("\n") ? text : text.trimEnd();
      if (formatted !== before) this.#editor?.layOut(formatted);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  undo(): void {
    this.#editor?.undo();
  }

  redo(): void {
    this.#editor?.redo();
  }

  #set(draft: drafts.Draft): void {
    this.draft = draft;
    this.#analyse(draft);
    this.#simulate(draft);
  }

  #failed(error: Error): void {
    this.failure = error.message;
    this.#begin();
  }
}
