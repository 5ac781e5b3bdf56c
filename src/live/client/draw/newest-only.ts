export interface NewestOnlyOptions<Subject, Answer> {
  ask(subject: Subject, signal: AbortSignal): Promise<Answer>;
  onAnswer(answer: Answer, subject: Subject): void;
  onError(error: unknown, subject: Subject): void;
}

export interface NewestOnly<Subject> {
  /** Asks at once, or as soon as the answer that is awaited has come; of several that wait only the newest is asked. */
  ask(subject: Subject): void;
  /** Nothing is waited for any more: an answer that still comes is dropped. */
  forget(): void;
}

/** Asks about something that changes faster than answers come: one at a time, and the last state always. */
export function newestOnly<Subject, Answer>({
  ask,
  onAnswer,
  onError,
}: NewestOnlyOptions<Subject, Answer>): NewestOnly<Subject> {
  let asked: AbortController | undefined;
  let waiting: { readonly subject: Subject } | undefined;

  async function run(subject: Subject): Promise<void> {
    const controller = new AbortController();
    asked = controller;
    try {
      const answer = await ask(subject, controller.signal);
      if (!controller.signal.aborted) onAnswer(answer, subject);
    } catch (error) {
      if (!controller.signal.aborted) onError(error, subject);
    }
    if (asked !== controller) return; // Forgotten, and perhaps something else is asked by now.
    asked = undefined;
    const next = waiting;
    waiting = undefined;
    if (next !== undefined) void run(next.subject);
  }

  return {
    ask(subject) {
      if (asked === undefined) void run(subject);
      else waiting = { subject };
    },
    forget() {
      waiting = undefined;
      asked?.abort();
      asked = undefined;
    },
  };
}
