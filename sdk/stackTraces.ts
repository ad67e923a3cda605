/** The function of Pulumi's SDK that takes a stack trace for each promise, and has it written at once. */
const takesForPromise = "debuggablePromise";

/**
 * Spares Pulumi's SDK the stack traces of its promises until the returned function is called. It takes about thirty for each resource, and
 * shows them only if `PULUMI_DEBUG_PROMISE_LEAKS` is set and a promise never resolves; to map their frames to sources is a quarter of the
 * work of a program with 1,000 mappings. All other stack traces stay as they are.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.270.0/sdk/nodejs/runtime/debuggable.ts
 */
export function sparePromiseTraces(): () => void {
  const write: unknown = Error.prepareStackTrace;
  if (!isWriter(write) || process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) {
    return () => {};
  }
  let isSparing = true;
  const writeOthers: Writer = (error, frames) =>
    isSparing && frames[0]?.getFunctionName() === takesForPromise ? "" : write.call(Error, error, frames);
  Error.prepareStackTrace = writeOthers;
  return () => {
    isSparing = false;
    // A transformation of the program may have set another.
    if (Error.prepareStackTrace === writeOthers) {
      Error.prepareStackTrace = write;
    }
  };
}

type Writer = NonNullable<typeof Error.prepareStackTrace>;

/** Node ignores anything else. */
function isWriter(hook: unknown): hook is Writer {
  return typeof hook === "function";
}
