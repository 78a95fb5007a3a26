import { Observable, type Observer, type Subscription, take, VirtualTimeScheduler } from 'rxjs';
import { attempt } from '../../src/operator/attempt.js';
import { currentContext } from '../../src/operator/context.js';
import { fusion } from '../../src/operator/fuse.js';
import { sharedPolicies } from './policies.js';
import type { Manner, Opening, Schedule, Step } from './schedule.js';

/** A source that the schedule drives. */
interface Driven extends Observer<unknown> {
  readonly closed: boolean;
}

/** Every value that a source may emit; the last one is a `Response` by its shape. */
const values = [0, 1, 2, 3, { ok: false, status: 503, headers: {}, bodyUsed: true, toString: () => 'a 503' }];

const errors = [new Error('down'), { status: 404 }, new TypeError('a bug'), undefined];

/** Runs a schedule and writes down everything that can be seen of it. */
export function play(schedule: Schedule, fused: boolean): readonly string[] {
  fusion.enabled = fused;
  try {
    return new Player(schedule).run();
  } finally {
    fusion.enabled = true;
  }
}

/** The default of a breaker: no refusal of it asks for a longer wait. */
const probeTimeout = 30_000;

class Player {
  private readonly scheduler = new VirtualTimeScheduler();
  private readonly log: string[] = [];
  private readonly policies;
  private readonly piped: readonly Observable<unknown>[];
  private readonly sources: Driven[] = [];
  private readonly calls: Subscription[] = [];
  private subscriptions = 0;
  private callsMade = 0;
  private readonly counts: string[] = [];

  constructor(private readonly schedule: Schedule) {
    let seed = schedule.seed;
    const random = (): number => (seed = (seed * 48_271 + 11) % 0x7fffffff) / 0x7fffffff;
    this.policies = sharedPolicies(this.scheduler, random);
    this.piped = schedule.pipes.map((pipe, at) =>
      pipe.reduce((source, policy) => source.pipe(this.policies[policy]!.operator), this.source(at)),
    );
  }

  run(): readonly string[] {
    if (this.schedule.observed) this.observe();
    for (const step of this.schedule.steps) {
      this.note(`-- ${JSON.stringify(step)}`);
      this.take(step);
      this.count();
    }
    for (const call of this.calls) call.unsubscribe();
    // Detached ones run on until they end; each may let another in, or wait for a probe's place before its next try.
    for (let round = 0; round < 3; round++) {
      this.advance(probeTimeout);
      for (const source of this.sources) source.complete();
    }
    this.count();
    this.balance();
    return this.log;
  }

  private observe(): void {
    this.policies.forEach(({ events$, health$ }, at) => {
      events$.subscribe(({ type, at: time, context }) => this.note(`policy ${at} tells ${type} ${time} ${JSON.stringify(context)}`));
      health$.subscribe(({ status, since }) => this.note(`policy ${at} is ${status} since ${since}`));
    });
  }

  /** What has to hold once every call has ended, however it was run. */
  private balance(): void {
    this.policies.forEach(({ read }, at) => {
      const { active = 0, queued = 0, inFlight = 0, calls, ...rest } = read() as Record<string, number>;
      const { successes, failures, ignored, abandoned, late, refused } = rest;
      const left = { active, queued, inFlight };
      if (active + queued + inFlight !== 0) throw new Error(`policy ${at} is left with ${JSON.stringify(left)}`);
      if (successes === undefined) return;
      const ended = successes + failures! + ignored! + abandoned! + late! + refused!;
      if (ended !== calls) throw new Error(`policy ${at} counted ${String(calls)} calls and ${ended} ends`);
    });
  }

  private take(step: Step): void {
    switch (step.do) {
      case 'call':
        return this.call(step.pipe, step.manner);
      case 'advance':
        return this.advance(step.by);
      case 'leave':
        return this.recent(this.calls, step.call)?.unsubscribe();
      case 'value':
        return this.recent(this.sources, step.source)?.next(this.value());
      case 'complete':
        return this.recent(this.sources, step.source)?.complete();
      case 'fail':
        return this.recent(this.sources, step.source)?.error(errors[step.error]);
    }
  }

  private recent<T extends { readonly closed: boolean }>(all: readonly T[], back: number): T | undefined {
    return all.filter(({ closed }) => !closed).at(-1 - back);
  }

  private note(text: string): void {
    this.log.push(`${this.scheduler.frame} ${text}`);
  }

  private advance(by: number): void {
    const { scheduler } = this;
    scheduler.schedule(() => undefined, by);
    scheduler.maxFrames = scheduler.frame + by;
    scheduler.flush();
  }

  private count(): void {
    this.policies.forEach(({ read }, at) => {
      const now = JSON.stringify(read());
      if (now !== this.counts[at]) this.note(`policy ${at} ${now}`);
      this.counts[at] = now;
    });
  }

  private call(pipe: number, manner: Manner): void {
    const number = this.callsMade++;
    if (number > 60) return;
    this.note(`call ${number} of pipe ${pipe}`);
    const piped = this.piped[pipe]!;
    const subscription = (manner === 'takes one' ? piped.pipe(take(1)) : piped).subscribe({
      next: (value) => {
        this.note(`call ${number} gets ${String(value)} ${context()}`);
        if (manner === 'calls on') this.call(pipe, 'stays');
      },
      error: (error: unknown) => {
        this.note(`call ${number} fails with ${show(error)} ${context()}`);
        if (manner === 'calls again') this.call(pipe, 'stays');
      },
      complete: () => this.note(`call ${number} completes ${context()}`),
    });
    this.calls.push(subscription);
  }

  private value(): unknown {
    return values[this.log.length % values.length];
  }

  private source(pipe: number): Observable<unknown> {
    if (this.schedule.promised[pipe] === true) return this.promised(pipe);
    return new Observable((subscriber) => {
      const number = this.begin(pipe, subscriber);
      return () => this.note(`source ${number} torn down`);
    });
  }

  private begin(pipe: number, source: Driven): number {
    const { openings } = this.schedule;
    const number = this.subscriptions++;
    this.note(`source ${number} of pipe ${pipe} subscribed ${context()}`);
    this.sources.push(source);
    this.open(openings[number % openings.length]!, source);
    return number;
  }

  /** Settles when the schedule says so, at once: a promise of the platform would take its time. */
  private promised(pipe: number): Observable<unknown> {
    return attempt(({ signal }) => ({
      then: (fulfilled: (value: unknown) => void, rejected: (error: unknown) => void) => {
        let settled = false;
        const settle = (tell: () => void): void => {
          if (settled || signal.aborted) return;
          settled = true;
          tell();
        };
        const number = this.begin(pipe, {
          get closed() {
            return settled || signal.aborted;
          },
          next: (value) => settle(() => fulfilled(value)),
          error: (error) => settle(() => rejected(error)),
          complete: () => settle(() => fulfilled(undefined)),
        });
        signal.addEventListener('abort', () => this.note(`source ${number} aborted`));
      },
    }) as PromiseLike<unknown>);
  }

  private open(opening: Opening, subscriber: Driven): void {
    if (opening.startsWith('value')) subscriber.next(this.value());
    if (opening.endsWith('complete')) subscriber.complete();
    if (opening.endsWith('fail')) subscriber.error(errors[this.log.length % errors.length]);
  }
}

/** What a consumer sees of the context: nothing of it may leak downstream. */
function context(): string {
  const { deadline, priority, attempt } = currentContext();
  return `(attempt ${attempt}, ${deadline === undefined ? 'no deadline' : `${deadline.remaining()} left`}, ${String(priority)})`;
}

function show(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { message } = error as { message?: string };
  return JSON.stringify({ ...error, message: message?.replace(/^policy \d+/, ''), cause: undefined, policy: undefined });
}
