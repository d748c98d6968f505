/** Asks at most once in so many milliseconds: whoever wants to know meanwhile gets the same answer. */
export function held<T>(ask: () => Promise<T>, milliseconds: number): () => Promise<T> {
  let asking: Promise<T> | undefined;
  const forget = () => void setTimeout(() => (asking = undefined), milliseconds).unref();
  return () => {
    if (!asking) {
      asking = ask();
      asking.then(forget, forget);
    }
    return asking;
  };
}
