import { BehaviorSubject, catchError, concatMap, defer, distinctUntilChanged, EMPTY, ignoreElements, map, merge } from 'rxjs';
import { type ObservableInput, share, startWith, Subject, switchMap, tap, type Timestamp, timestamp } from 'rxjs';
import { attempt, classify, fallbackToLast, lastValues, resiliencePipeline, writePipeline } from 'rxjs-resilience';

export interface Api<T> {
  read(id: string, signal: AbortSignal): ObservableInput<T>;
  /** Gives the whole as it is afterwards. Under one key it is done once, however often it is sent. */
  write(id: string, body: unknown, key: string, signal: AbortSignal): ObservableInput<T>;
}

interface Change<T> {
  readonly key: string;
  readonly body: unknown;
  apply(value: T): T;
}

interface State<T> {
  /** As the server had it. */
  readonly known?: Timestamp<T> | undefined;
  /** The server could not be asked: this is the last that is known. */
  readonly stale: boolean;
  readonly pending: readonly Change<T>[];
  /** Why a change was undone, or nothing could be read. */
  readonly problem?: unknown;
}

/** Made once for each API. What it gives opens one document; `id` contains the user where the document belongs to one. */
export function optimistic<T>(api: Api<T>) {
  const reads = resiliencePipeline({ name: 'reads', attemptDeadline: 2_000, breaker: {}, retry: { maxRetries: 1 }, deadline: 5_000 });
  const writes = writePipeline({ name: 'writes', idempotent: true });
  const last = lastValues<Timestamp<T>>({ maxAge: 3_600_000 });

  return (id: string) => {
    const state$ = new BehaviorSubject<State<T>>({ stale: false, pending: [] });
    const set = (part: Partial<State<T>>) => state$.next({ ...state$.value, ...part });
    const without = (change: Change<T>) => state$.value.pending.filter((one) => one !== change);
    const [reload$, changes$] = [new Subject<void>(), new Subject<Change<T>>()];

    const read$ = defer(() => {
      let fresh: Timestamp<T> | undefined;
      const call = attempt(({ signal }) => api.read(id, signal)).pipe(timestamp(), tap((known) => (fresh = known)), reads);
      return call.pipe(
        fallbackToLast(last, id),
        tap((known) => set({ known, stale: known !== fresh })),
        catchError((problem: unknown) => {
          // A 404 or a 403 is an answer, and what was there before is not shown any more.
          set(classify(problem) === 'permanent' ? { known: undefined, problem } : { problem });
          return EMPTY;
        }),
      );
    });
    const idle$ = state$.pipe(map(({ pending }) => pending.length === 0), distinctUntilChanged());
    const reading$ = idle$.pipe(
      // What is read while a change is under way may be from before it or from after it.
      switchMap((idle) => (idle ? reload$.pipe(startWith(undefined), switchMap(() => read$)) : EMPTY)),
      ignoreElements(),
      share(),
    );

    const save = (change: Change<T>) =>
      attempt(({ signal }) => api.write(id, change.body, change.key, signal)).pipe(
        timestamp(),
        writes,
        fallbackToLast(last, id, { when: () => false }), // it remembers, and never answers
        tap((known) => set({ known, stale: false, pending: without(change) })),
        catchError((problem: unknown) => {
          set({ pending: without(change), problem }); // undone; the read that follows says what is true
          return EMPTY;
        }),
      );
    changes$.pipe(concatMap(save)).subscribe();

    return {
      view$: merge(state$, reading$).pipe(map(toView)),
      reload: () => reload$.next(),
      change: (apply: (value: T) => T, body: unknown) => {
        const change = { key: crypto.randomUUID(), body, apply }; // one key, whatever is tried again
        set({ pending: [...state$.value.pending, change], problem: undefined });
        changes$.next(change);
      },
      close: () => changes$.complete(), // what is under way is saved
    };
  };
}

/** What the page shows. */
function toView<T>({ known, stale, pending, problem }: State<T>) {
  const value = known && pending.reduce((before, change) => change.apply(before), known.value);
  return { value, stale, asOf: known?.timestamp, saving: pending.length, problem };
}
