import type { Text } from "@codemirror/state";
import { difference } from "./difference";
import type { Answers, FromWorker, Kind, Progress, Question, QuestionOf, ToWorker } from "./protocol";

interface Waiting {
  progress?: ((progress: Progress) => void) | undefined;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** The engine, asked from the page. Every question is answered by the worker; none waits on the page's thread. */
export class Engine {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #catalog: unknown;
  /** The policy that the worker has. Only what has changed in it goes there: a copy of a large one takes longer. */
  #text: Text | undefined;

  constructor() {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      const waiting = this.#waiting.get(data.id);
      if ("progress" in data) return waiting?.progress?.(data.progress);
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

  /** The tools that the next questions are about. Sent only when it is another object than the time before. */
  useCatalog(catalog: unknown): void {
    if (catalog === this.#catalog) return;
    this.#catalog = catalog;
    // Messages are answered in order; an error here is also one of the question that follows.
    this.ask({ kind: "catalog", catalog }).catch(() => {});
  }

  /** Asks about a policy; a question that is not about one goes without. */
  ask<K extends Kind>(
    question: QuestionOf<K> & Question,
    policy: Text | undefined = this.#text,
    progress?: (progress: Progress) => void,
  ): Promise<Answers[K]> {
    const id = this.#next++;
    const text = policy && policy !== this.#text ? difference(this.#text, policy) : undefined;
    this.#text = policy;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject, progress });
      this.#worker.postMessage({ id, question, ...(text && { text }) } satisfies ToWorker);
    });
  }
}
