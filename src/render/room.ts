/** How much may be said, in stages and in characters a text. */
export interface Room {
  readonly rows: number;
  readonly letters: number;
}
