/** How long, in milliseconds, a user waits without being told what for. */
const patience = 2_000;

/** Waits for an answer, and tells when it takes long. */
export async function tellIfSlow<T>(answer: Promise<T>, tell: () => void): Promise<T> {
  const timer = setTimeout(tell, patience);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}
