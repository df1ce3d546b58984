/**
 * Asks one question at a time. While one is out, only the newest of those that come in is kept, and the answer to a
 * question that has been overtaken is dropped: `done` hears of the newest question only.
 */
export function latest<Q, A>(
  ask: (question: Q) => Promise<A>,
  done: (answer: A, question: Q) => void,
  failed: (error: Error) => void,
): (question: Q) => void {
  let busy = false;
  let next: { question: Q } | undefined;

  async function run(): Promise<void> {
    busy = true;
    while (next) {
      const { question } = next;
      next = undefined;
      try {
        const answer = await ask(question);
        // TypeScript does not see that `next` may have been set while we waited.
        if (!(next as unknown)) done(answer, question);
      } catch (error) {
        failed(error as Error);
      }
    }
    busy = false;
  }

  return (question) => {
    next = { question };
    if (!busy) void run();
  };
}
