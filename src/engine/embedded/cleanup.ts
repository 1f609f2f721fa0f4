/** Steps that undo what a request did, in the reverse order. */
export interface Cleanup {
  /** Adds a step; steps run last first. After `run` it runs at once. */
  defer(step: () => unknown): void;
  /** Runs all steps once; errors of a step do not stop the others. */
  run(): Promise<void>;
}

/** What has to be released when a request is over, whichever way it ends. */
export function createCleanup(): Cleanup {
  const steps: (() => unknown)[] = [];
  let done: Promise<void> | undefined;
  const runAll = async () => {
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await step();
      } catch {
        // the next step matters more
      }
    }
  };
  return {
    defer(step) {
      steps.push(step);
      if (done) done = done.then(runAll);
    },
    run() {
      done ??= runAll();
      return done;
    },
  };
}
