/**
 * A module of the product as it is shipped, compiled (`npm run bench` builds it first): what runs sources directly makes
 * functions slower. `Module`: its type, as the source has it.
 */
export async function product<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../dist/${path}`, import.meta.url).href)) as Module; // compiled from that source
}
