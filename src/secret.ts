import { inspect } from "node:util";

/** A value that nothing prints, be it by JSON, by `inspect` or as text: only `reveal()` gives it. */
export interface Secret {
  reveal(): string;
}

export function secret(value: string): Secret {
  const hidden = () => "[secret]";
  return Object.freeze({ reveal: () => value, toJSON: hidden, toString: hidden, [inspect.custom]: hidden });
}
