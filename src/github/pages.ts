import { z } from "zod";
import { parse } from "./payload.js";

/** As many as GitHub gives in one page. */
export const PER_PAGE = 100;

interface Page {
  readonly data: unknown;
  readonly headers: { readonly link?: string | undefined };
}

/**
 * Reads a list page by page. Octokit's own `paginate` takes an answer without a body for the end of the list,
 * and an unfinished list of comments would make us write a second one.
 */
export async function* pages<Shape extends z.ZodType>(
  shape: Shape,
  what: string,
  ask: (page: number) => Promise<Page>,
): AsyncGenerator<z.output<Shape>[]> {
  for (let page = 1; ; page += 1) {
    const { data, headers } = await ask(page);
    const items = parse(z.array(shape), data, what);
    yield items;
    const more = headers.link === undefined ? items.length === PER_PAGE : headers.link.includes('rel="next"');
    if (!more || items.length === 0) return;
  }
}
