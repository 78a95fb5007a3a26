import { Observable, type Subscriber, type Subscription, take, VirtualTimeScheduler } from 'rxjs';
import type { PolicyOptions } from '../../src/operator/policy-types.js';
import { currentContext } from '../../src/operator/context.js';
import type { Opening, Schedule, Step } from '../properties/schedule.js';

/** What is compared: one operator, and what can be counted of it. */
export interface Played {
  readonly operator: (source: Observable<unknown>) => Observable<unknown>;
  readonly metrics: () => unknown;
  readonly status$: Observable<string>;
  readonly events$: Observable<{ readonly type: string; readonly kind: string; readonly at: number }>;
}

const errors = [new Error('down'), { status: 404 }, new TypeError('a bug'), undefined];

/** Runs a schedule, and writes down everything that can be seen of it. */
export function played(schedule: Schedule, make: (common: PolicyOptions) => Played): readonly string[] {
  return new Player(schedule, make).run();
}

class Player {
  private readonly scheduler = new VirtualTimeScheduler();
  private readonly log: string[] = [];
  private readonly sources: Subscriber<unknown>[] = [];
  private readonly calls: Subscription[] = [];
  private readonly whole: Played;
  private readonly once: Observable<unknown>;
  private subscriptions = 0;
  private given = 0;

  constructor(
    private readonly schedule: Schedule,
    make: (common: PolicyOptions) => Played,
  ) {
    let seed = schedule.seed;
    const random = (): number => (seed = (seed * 48_271 + 11) % 0x7fffffff) / 0x7fffffff;
    this.whole = make({ scheduler: this.scheduler, random });
    this.once = this.whole.operator(this.source());
  }

  run(): readonly string[] {
    if (this.schedule.observed) {
      this.whole.events$.subscribe(({ at, kind, type }) => this.note(`${kind} tells ${type} ${at}`));
      this.whole.status$.subscribe((status) => this.note(`is ${status}`));
    }
    for (const step of this.schedule.steps) {
      this.note(`-- ${JSON.stringify(step)}`);
      this.take(step);
      this.note(JSON.stringify(this.whole.metrics()));
    }
    for (const call of this.calls) call.unsubscribe();
    this.advance(500);
    this.note(JSON.stringify(this.whole.metrics()));
    return this.log;
  }

  private take(step: Step): void {
    switch (step.do) {
      case 'call':
        return this.call(step.pipe, step.manner === 'takes one');
      case 'advance':
        return this.advance(step.by);
      case 'leave':
        return recent(this.calls, step.call)?.unsubscribe();
      case 'value':
        return recent(this.sources, step.source)?.next(this.given++ % 4);
      case 'complete':
        return recent(this.sources, step.source)?.complete();
      case 'fail':
        return recent(this.sources, step.source)?.error(errors[step.error]);
    }
  }

  /** By an operator that was applied once, or anew. */
  private call(pipe: number, takesOne: boolean): void {
    const number = this.calls.length;
    const piped = pipe === 0 ? this.once : this.whole.operator(this.source());
    const subscription = (takesOne ? piped.pipe(take(1)) : piped).subscribe({
      next: (value) => this.note(`call ${number} gets ${String(value)}`),
      error: (error: unknown) => this.note(`call ${number} fails with ${show(error)}`),
      complete: () => this.note(`call ${number} completes`),
    });
    this.calls.push(subscription);
  }

  private source(): Observable<unknown> {
    return new Observable((subscriber) => {
      const number = this.subscriptions++;
      const { attempt, deadline, priority } = currentContext();
      this.note(`source ${number} subscribed (${attempt}, ${String(deadline?.remaining())}, ${String(priority)})`);
      this.sources.push(subscriber);
      const { openings } = this.schedule;
      this.open(openings[number % openings.length]!, subscriber);
      return () => this.note(`source ${number} torn down`);
    });
  }

  private open(opening: Opening, subscriber: Subscriber<unknown>): void {
    if (opening.startsWith('value')) subscriber.next(this.given++ % 4);
    if (opening.endsWith('complete')) subscriber.complete();
    if (opening.endsWith('fail')) subscriber.error(errors[this.given++ % errors.length]);
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
}

function recent<T extends { readonly closed: boolean }>(all: readonly T[], back: number): T | undefined {
  return all.filter(({ closed }) => !closed).at(-1 - back);
}

function show(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  return JSON.stringify({ ...error, message: (error as { message?: string }).message, cause: undefined });
}
