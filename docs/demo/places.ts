/** Places for so many calls at once; the rest waits, in order and without end: what a service has that nobody planned. */
export interface Places {
  readonly taken: number;
  readonly waiting: number;
  take(): Promise<void>;
  give(): void;
  /** Turns those away who wait. */
  close(): void;
}

export function places(size: number): Places {
  let taken = 0;
  let waiters: { resolve: () => void; reject: (error: Error) => void }[] = [];

  return {
    get taken() {
      return taken;
    },
    get waiting() {
      return waiters.length;
    },
    take() {
      if (taken < size) {
        taken++;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
    },
    give() {
      // The place goes from hand to hand: nobody who comes now is faster than one who waits.
      const next = waiters.shift();
      if (next === undefined) taken--;
      else next.resolve();
    },
    close() {
      const left = waiters;
      waiters = [];
      for (const { reject } of left) reject(new Error('closed'));
    },
  };
}
