import { Unavailable } from "../core/failure.js";

/** What the promise gives, or throws `Unavailable` when it has given nothing after so many milliseconds. */
export function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Unavailable(`${what} did not answer within ${milliseconds} ms`));
    const timer = setTimeout(late, milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
