/** Runs jobs one after another, in the order in which they are handed in. */
export interface Turn {
  <T>(job: () => Promise<T>): Promise<T>;
  /** Whether somebody waits while another one has its turn. */
  wanted(): boolean;
}

export function inTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const take = <T>(job: () => Promise<T>): Promise<T> => {
    waiting++;
    const turn = last.then(() => {
      waiting--;
      return job();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  return Object.assign(take, { wanted: () => waiting > 0 });
}
