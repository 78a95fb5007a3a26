import { defer, mergeMap, type Observable, timer } from 'rxjs';
import { currentContext, type Health, type PolicyOptions } from 'rxjs-resilience';
import { virtual } from '../virtual.js';

export type Options = Readonly<Record<string, unknown>>;

/** What every policy has, as far as it is rehearsed. */
export interface Rehearsed {
  <T>(source: Observable<T>): Observable<T>;
  readonly mode: string;
  readonly health$: Observable<Health>;
  readonly events$: Observable<object>;
  metrics(): object;
  update(options: never): void;
}

/** One kind of policy, and calls by which each of its options can be told. */
export interface Subject<P extends Rehearsed = Rehearsed> {
  readonly kind: string;
  /** All options that an update takes, anew for each run. */
  readonly settings: () => Options;
  /** Another value for each of them. */
  readonly others: () => Options;
  /** What is refused, by option. */
  readonly bad: Readonly<Record<string, readonly unknown[]>>;
  /** Options of the factory that stay for good. */
  readonly fixed: Options;
  readonly make: (options: Options) => P;
  /** What else it says of itself. */
  readonly figures?: (policy: P) => unknown;
  /** Calls from before the update; some of them run on, or wait. */
  readonly before: (stage: Stage<P>) => void;
  readonly after: (stage: Stage<P>) => void;
}

/** How a policy is at one moment. */
export interface Look {
  readonly health: unknown;
  readonly metrics: object;
  readonly mode: string;
  readonly figures: unknown;
}

export interface Stage<P extends Rehearsed = Rehearsed> {
  readonly policy: P;
  readonly common: Pick<PolicyOptions, 'scheduler' | 'random'>;
  readonly advance: (ms: number) => void;
  /** Makes a call, of one label always to the same observable; answers with what lets its consumer leave. */
  readonly call: (label: string, source: Observable<unknown>) => () => void;
  /** A source that does something after so many milliseconds, and says when it was subscribed. */
  readonly takes: (ms: number, what: () => Observable<unknown>) => Observable<unknown>;
  /** All that is seen from outside. */
  readonly look: () => Look;
  readonly note: (...what: readonly unknown[]) => void;
  readonly log: readonly unknown[];
}

export function stageOf<P extends Rehearsed>({ figures, make, settings }: Subject<P>, changed: Options = {}): Stage<P> {
  const { advance, scheduler } = virtual();
  const common = { scheduler, random: () => 0.5 };
  const policy = make({ ...settings(), ...changed, ...common });
  const log: unknown[] = [];
  const note = (...what: readonly unknown[]): void => void log.push([scheduler.now(), ...what]);
  policy.events$.subscribe((event) => note('event', event));
  const piped: Record<string, Observable<unknown>> = {};
  return {
    policy, common, advance, log, note,
    call: (label, source) => {
      const subscription = (piped[label] ??= policy(source)).subscribe({
        next: (value) => note(label, 'sees', value),
        error: (error: unknown) => note(label, 'fails', error, /\n\s+at /.test((error as Error).stack ?? '') && 'with a stack'),
        complete: () => note(label, 'ends'),
      });
      return () => subscription.unsubscribe();
    },
    takes: (ms, what) =>
      defer(() => {
        const { attempt, deadline, priority } = currentContext();
        note('runs', attempt, priority, deadline?.remaining());
        return timer(ms, scheduler).pipe(mergeMap(what));
      }),
    look: () => {
      let health: unknown;
      policy.health$.subscribe((now) => (health = now)).unsubscribe();
      return { health, metrics: policy.metrics(), mode: policy.mode, figures: figures?.(policy) };
    },
  };
}

/** All that calls before and after an update see, and what was seen of the policy right before and right after it. */
export function rehearse<P extends Rehearsed>(subject: Subject<P>, update: (policy: P) => void) {
  const stage = stageOf(subject);
  subject.before(stage);
  const [before, logged] = [stage.look(), stage.log.length];
  update(stage.policy);
  const after = stage.look();
  const told = stage.log.slice(logged);
  subject.after(stage);
  return { before, after, told, log: stage.log, end: stage.look() };
}
