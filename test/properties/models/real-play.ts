import { asyncScheduler, Observable, type OperatorFunction, Subscriber } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { priorities } from '../../../src/core/priority.js';
import { runInContext } from '../../../src/operator/context.js';
import { Deadline } from '../../../src/operator/deadline.js';
import { Play } from './play.js';
import type { End, Script } from './script.js';

/** What becomes of a call before its source is subscribed: exactly one of these. */
export type Fate = 'admitted' | 'refused' | 'expired' | 'left';

/** The policy itself, in the virtual time of `TestScheduler.run`. */
export abstract class RealPlay<S> extends Play<S> {
  readonly fates: Fate[][] = [];
  private readonly sources: (Subscriber<number> | undefined)[] = [];
  private readonly consumers: Subscriber<number>[] = [];

  constructor(
    scripts: readonly Script<S>[],
    private readonly scheduler: TestScheduler,
  ) {
    super(scripts);
  }

  protected abstract operatorFor(script: Script<S>): OperatorFunction<number, number>;

  /** Lets every timer run out: what one run leaves behind must not meet the next one, at times that look alike. */
  drain(): void {
    this.finish();
    this.scheduler.maxFrames = Infinity;
    this.scheduler.flush();
  }

  protected override begin(id: number, script: Script<S>): void {
    const fate: Fate[] = [];
    this.fates[id] = fate;
    const source = new Observable<number>((subscriber) => {
      fate.push('admitted');
      this.log.push(`${id} starts`);
      this.sources[id] = subscriber;
      for (const what of script.opening) {
        if (what === 'value') this.value(id);
        else this.end(id, what);
      }
      return () => {
        this.log.push(`${id} is torn down`);
      };
    });
    const consumer = new Subscriber<number>({
      next: () => {
        this.log.push(`${id} gets a value`);
        this.react(id, script.onValue);
      },
      error: (error: { readonly code?: string; readonly reason?: string }) => {
        const { code, reason = code } = error;
        if (code !== undefined) fate.push(code === 'DEADLINE_EXCEEDED' ? 'expired' : 'refused');
        this.log.push(`${id} fails: ${reason ?? 'down'}`);
        this.react(id, script.onEnd);
      },
      complete: () => {
        this.log.push(`${id} completes`);
        this.react(id, script.onEnd);
      },
    });
    this.consumers[id] = consumer;
    if (script.gone) this.leave(id);
    const deadline = script.within === null ? undefined : Deadline.after(script.within, asyncScheduler);
    const context = { priority: priorities[script.rank]!, ...(deadline !== undefined && { deadline }) };
    runInContext(context, () => source.pipe(this.operatorFor(script)).subscribe(consumer));
  }

  protected override value(id: number): void {
    this.sources[id]?.next(1);
  }

  protected override end(id: number, how: End): void {
    if (how === 'complete') this.sources[id]?.complete();
    else this.sources[id]?.error(new Error('down'));
  }

  protected override leave(id: number): void {
    const consumer = this.consumers[id];
    if (consumer === undefined || consumer.closed) return;
    if (this.fates[id]!.length === 0) this.fates[id]!.push('left');
    consumer.unsubscribe();
  }

  protected override pass(ms: number): void {
    const { scheduler } = this;
    scheduler.schedule(() => undefined, ms);
    scheduler.maxFrames = scheduler.frame + ms;
    scheduler.flush();
  }
}
