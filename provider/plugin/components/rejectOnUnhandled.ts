import { AsyncLocalStorage } from "node:async_hooks";

/** What to call with an error of the component that is being made. */
const making = new AsyncLocalStorage<(error: unknown) => void>();

let isWatching = false;

/**
 * Makes a component, or fails with the first error of one of its resources: Pulumi's SDK reports it to nobody, and what depends on the
 * resource would wait for ever.
 */
export function rejectOnUnhandled<Result>(make: () => Promise<Result>): Promise<Result> {
  if (!isWatching) {
    isWatching = true;
    process.on("unhandledRejection", fail);
  }
  return new Promise((resolve, reject) => {
    making.run(reject, () => void make().then(resolve, reject));
  });
}

function fail(error: unknown): void {
  const reject = making.getStore();
  if (reject === undefined) {
    // As Node does without a listener.
    throw error;
  }
  reject(error);
}
