import { attempt, fallbackTo, fallbackToLast, fallbackToValue, lastValues } from 'rxjs-resilience';

interface Rates {
  readonly euro: number;
}
declare const primary: () => Promise<Rates>;
declare const replica: () => Promise<Rates>;

const last = lastValues<Rates>({ maxAge: 3_600_000, maxKeys: 100 });

/** One after the other: the replica, the last good answer of this user, and in the end a fixed one. */
export const rates = (user: string) =>
  attempt(() => primary()).pipe(
    fallbackTo(() => attempt(() => replica())),
    fallbackToLast(last, `rates of ${user}`, { name: 'last rates' }),
    fallbackToValue({ euro: 1 }, { name: 'fixed rates' }),
  );
