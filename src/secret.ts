import { inspect } from "node:util";

/** A value that nothing prints, be it by JSON, by `inspect` or as text: only `reveal()` gives it. */
export interface Secret {
  reveal(): string;
}

export function secret(value: string): Secret {
  const hidden = () => "[secret]";
  return Object.freeze({ reveal: () => value, toJSON: hidden, toString: hidden, [inspect.custom]: hidden });
}

/** All secrets in a value, however deep they are. */
export function secretsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (isSecret(value)) return [value.reveal()];
  return Object.values(value).flatMap(secretsIn);
}

const isSecret = (value: object): value is Secret => "reveal" in value && typeof value.reveal === "function";
