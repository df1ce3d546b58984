import type { TextRange } from "cattlegrid";
import type { Analysis, Answers, FromWorker, Judgement, Kind, QuestionOf, ToWorker } from "./protocol";

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** The engine, asked from the page. Every method is answered by the worker; none waits on the page's thread. */
export class Engine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #catalog: unknown;

  constructor() {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.answer);
    };
    // The worker's file did not load, or an error escaped it: nobody will answer what waits.
    this.#worker.onerror = (event) => {
      const error = new Error(event.message || "the worker did not start");
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
  }

  /** Diagnostics and tool states. `catalog` is sent only when it is another object than the time before. */
  async analyse(text: string, catalog: unknown): Promise<Analysis> {
    if (catalog !== this.#catalog) {
      this.#catalog = catalog;
      // Messages are answered in order; an error here is also one of the analysis that follows.
      this.#ask({ kind: "catalog", catalog }).catch(() => {});
    }
    return this.#ask({ kind: "analyse", text });
  }

  /** Decides one call and counts it. `now` is UTC milliseconds. Undefined: the policy does not load. */
  call(text: string, call: string, now: number): Promise<Judgement> {
    return this.#ask({ kind: "call", text, call, now });
  }

  /** Sets all counters back to nothing. */
  async reset(): Promise<void> {
    await this.#ask({ kind: "reset" });
  }

  /** Where a JSON Pointer points to in the text. */
  locate(text: string, pointer: string): Promise<TextRange | undefined> {
    return this.#ask({ kind: "locate", text, pointer });
  }

  #ask<K extends Kind>(question: QuestionOf<K>): Promise<Answers[K]> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      this.#worker.postMessage({ id, question } satisfies ToWorker);
    });
  }
}
