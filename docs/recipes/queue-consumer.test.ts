import { asyncScheduler, NEVER, Observable, type Subscriber, timer } from 'rxjs';
import type { Priority } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Job, queueConsumer } from './queue-consumer.js';

interface Wanted {
  readonly id: string;
  readonly priority?: Priority;
  readonly expiresAt?: number;
}

/** Hands out jobs while a consumer is there and has fewer than `prefetch` in hand; gives back what is not settled. */
class Broker {
  readonly log: string[] = [];
  readonly taking: string[] = [];
  private readonly ready: Wanted[] = [];
  private consumer: Subscriber<Job<string>> | undefined = undefined;
  inHand = 0;

  constructor(jobs: readonly Wanted[], private readonly prefetch = 20) {
    this.ready.push(...jobs);
  }

  readonly jobs$ = new Observable<Job<string>>((consumer) => {
    this.consumer = consumer;
    this.taking.push(`${asyncScheduler.now()} on`);
    this.deliver();
    return () => {
      this.taking.push(`${asyncScheduler.now()} off`);
      this.consumer = undefined;
    };
  });

  add(...jobs: readonly Wanted[]): void {
    this.ready.push(...jobs);
    this.deliver();
  }

  private deliver(): void {
    while (this.consumer !== undefined && this.inHand < this.prefetch && this.ready.length > 0) {
      this.inHand++;
      this.consumer.next(this.jobOf(this.ready.shift()!));
    }
  }

  private jobOf(wanted: Wanted): Job<string> {
    const { id, priority = 'critical', expiresAt = 1e9 } = wanted;
    let open = true;
    const settle = (as: string): void => {
      if (!open) throw new Error(`${id} is settled twice`);
      open = false;
      this.inHand--;
      this.log.push(`${asyncScheduler.now()} ${id} ${as}`);
      if (as === 'requeue') this.ready.push(wanted);
      // A broker delivers in a turn of its own.
      timer(0).subscribe(() => this.deliver());
    };
    return { id, body: id, priority, expiresAt, ack: () => settle('done'), nack: settle };
  }
}

const named = (...ids: readonly string[]): Wanted[] => ids.map((id) => ({ id }));

describe('a consumer of a queue', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5));
  afterEach(() => vi.restoreAllMocks());

  it('works on five at once, and of those who wait on the more important first', marbles(({ cold, flush }) => {
    const broker = new Broker([...named('1', '2', '3', '4', '5'), { id: 'late', priority: 'sheddable' }, { id: 'soon', priority: 'criticalPlus', expiresAt: 5_000 }]);
    const began: string[] = [];
    const { consume } = queueConsumer<string>(({ id }, { priority, deadline, tags }) => {
      began.push(`${asyncScheduler.now()} ${id} ${priority} ${deadline!.remaining()} ${String(tags?.['job'])}`);
      return timer(id === '1' ? 50 : 100);
    });
    consume(broker.jobs$, cold('1s x')).subscribe();
    flush();
    expect(began.slice(4)).toStrictEqual(['0 5 critical 10000 5', '50 soon criticalPlus 4950 soon', '100 late sheddable 10000 late']);
    expect(broker.log).toStrictEqual([
      ...['50 1 done', '100 2 done', '100 3 done', '100 4 done', '100 5 done'],
      ...['150 soon done', '200 late done'],
    ]);
  }));

  it('takes nothing while the circuit is open, keeps what it has, and costs no job a delivery', marbles((test) => {
    const { cold, outage, flush } = test;
    const broker = new Broker(named(...Array.from({ length: 60 }, (_, i) => `${i}`)));
    const api = outage({ from: 1_000, to: 60_000 }, '250ms (a|)', '250ms #');
    let begun = 0;
    const { breaker, consume } = queueConsumer<string>(() => (begun++, api));
    const states: [at: number, state: string][] = [];
    breaker.state$.subscribe((state) => states.push([asyncScheduler.now(), state]));
    const ends: unknown[] = [];
    consume(broker.jobs$, cold('200s x')).subscribe(({ as }) => ends.push(as));
    flush();
    expect(states.map(([, state]) => state[0]).join('')).toBe('cohohohohc');
    // Half of the calls of the last ten seconds had failed, then five seconds, ten, twenty, forty.
    expect(states[1]).toStrictEqual([2_000, 'open']);
    const moves = states.filter(([, state]) => state !== 'closed').map(([at, state]) => `${at} ${state === 'open' ? 'off' : 'on'}`);
    expect(broker.taking).toStrictEqual(['0 on', ...moves, '200000 off']);
    // All of them are done, each delivered once.
    expect([ends.length, new Set(ends)]).toStrictEqual([60, new Set(['done'])]);
    expect(broker.log.every((line) => line.endsWith('done'))).toBe(true);
    // What is dead was called 24 times until the circuit had opened, and five times in each of three rounds of probes.
    expect(begun).toBe(60 + 24 + 15);
  }));

  it('gives back what has failed three times, and puts aside what is wrong, broken or too late', marbles(({ cold, flush }) => {
    const jobs: readonly Wanted[] = [...named('fine', 'down', 'wrong', 'bug'), { id: 'late', expiresAt: 0 }, { id: 'slow', expiresAt: 3_000 }];
    const broker = new Broker(jobs);
    const worked: string[] = [];
    const { breaker, consume } = queueConsumer<string>(({ id }) => {
      worked.push(id);
      if (id === 'bug') throw new TypeError('x is not a function');
      if (id === 'slow') return NEVER;
      return cold(id === 'fine' ? '(x|)' : '#', {}, { status: id === 'wrong' ? 422 : 503 });
    });
    const ends: string[] = [];
    // Nothing is taken again: what was given back is for the next consumer.
    consume(broker.jobs$, cold('1ms x')).subscribe(({ id, as }) => ends.push(`${id} ${as}`));
    flush();
    expect(ends).toStrictEqual(['bug deadLetter', 'late deadLetter', 'fine done', 'wrong deadLetter', 'down requeue', 'slow deadLetter']);
    expect(worked.filter((id) => id === 'down')).toHaveLength(3);
    expect(worked).not.toContain('late');
    expect(breaker.metrics()).toMatchObject({ failures: 4, successes: 2 });
    expect(broker.inHand).toBe(0);
  }));

  it('puts aside what becomes too late while it waits, when it does', marbles(({ cold, flush }) => {
    const broker = new Broker([...named('1', '2', '3', '4', '5'), { id: 'soon', expiresAt: 1_000 }]);
    const { consume, pool } = queueConsumer<string>(() => timer(9_000));
    consume(broker.jobs$, cold('10s x')).subscribe();
    flush();
    expect(broker.log[0]).toBe('1000 soon deadLetter');
    expect(pool.metrics().accepted).toBe(5);
  }));

  it('stops taking at once, ends what it has in hand, and gives back what does not end in time', marbles(({ cold, flush }) => {
    const broker = new Broker(named('a', 'b', 'c', 'd', 'e', 'f', 'g'), 7);
    const aborted: string[] = [];
    const { consume, pool } = queueConsumer<string>(({ id }, { signal }) => {
      signal.addEventListener('abort', () => aborted.push(id));
      return id === 'e' ? NEVER : timer(400);
    });
    let over = -1;
    consume(broker.jobs$, cold('100ms x'), 1_000).subscribe({ complete: () => (over = asyncScheduler.now()) });
    cold('200ms x').subscribe(() => broker.add({ id: 'h' }));
    flush();
    expect(broker.log).toStrictEqual([
      ...['400 a done', '400 b done', '400 c done', '400 d done', '800 f done', '800 g done', '1100 e requeue'],
    ]);
    expect([over, aborted, pool.active, pool.queued]).toStrictEqual([1_100, ['e'], 0, 0]);
  }));

  it('ends early where nothing is left in hand', marbles(({ cold, expectObservable }) => {
    const { consume } = queueConsumer<string>(() => timer(5));
    const done = { id: 'a', as: 'done' };
    expectObservable(consume(new Broker(named('a')).jobs$, cold('--x'))).toBe('-----(a|)', { a: done });
  }));

  it('gives everything back when it is unsubscribed', marbles(({ cold, flush }) => {
    const broker = new Broker(named('a', 'b', 'c', 'd', 'e', 'f'));
    const { consume, pool } = queueConsumer<string>(() => NEVER);
    const consuming = consume(broker.jobs$, NEVER).subscribe();
    cold('10ms x').subscribe(() => consuming.unsubscribe());
    flush();
    expect(broker.log.map((line) => line.split(' ').slice(1).join(' '))).toStrictEqual(named('a', 'b', 'c', 'd', 'e', 'f').map(({ id }) => `${id} requeue`));
    expect([broker.inHand, pool.active, pool.queued]).toStrictEqual([0, 0, 0]);
  }));

  it('is paused by hand, and goes on', marbles(({ cold, flush }) => {
    const broker = new Broker(named('a'));
    const { breaker, consume } = queueConsumer<string>(() => timer(5));
    const held = breaker.isolate('maintenance');
    consume(broker.jobs$, cold('1s x')).subscribe();
    cold('100ms x').subscribe(() => held.release());
    flush();
    expect(broker.log).toStrictEqual(['105 a done']);
  }));

  it('refuses nobody, however many jobs come at once', marbles(({ cold, flush }) => {
    const broker = new Broker(named(...Array.from({ length: 200 }, (_, i) => `${i}`)), 200);
    const { consume, pool } = queueConsumer<string>(() => timer(5));
    let done = 0;
    consume(broker.jobs$, cold('1s x')).subscribe(({ as }) => (done += Number(as === 'done')));
    flush();
    expect(done).toBe(200);
    expect(pool.metrics()).toMatchObject({ peak: 5, refused: { full: 0 } });
  }));
});
