import { firstValueFrom, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, type CircuitBreaker, circuitBreaker } from '../../src/index.js';
import { type PresetOptions, readPipeline, standardPipeline, type Tolerance, writePipeline } from '../../src/pipeline/presets.js';
import { outcome, virtual } from '../virtual.js';

const down = new Error('down');
const failing = throwError(() => down);
const tolerances: readonly Tolerance[] = ['normal', 'strict', 'lenient'];

/** What a preset does, as far as it can be seen from outside. */
function measured(make: typeof standardPipeline, tolerance: Tolerance): Record<string, unknown> {
  const { scheduler, advance } = virtual();
  const fresh = (options: PresetOptions = {}): ReturnType<typeof standardPipeline> => make({ scheduler, random: () => 0.5, tolerance, ...options });
  const each: number[] = [];
  const hanging = fresh();
  hanging.parts.attemptDeadline.events$.subscribe((event) => event.type === 'expired' && each.push(event.budget));
  outcome(NEVER.pipe(hanging));
  advance(29_000);
  const waits: number[] = [];
  const waiting = fresh();
  waiting.events$.subscribe((event) => event.type === 'scheduled' && waits.push(event.delay));
  outcome(failing.pipe(waiting));
  advance(100_000);
  const breaker = (fresh().parts as { breaker: CircuitBreaker }).breaker;
  let failures = 0;
  while (breaker.state === 'closed') {
    outcome(failing.pipe(breaker));
    failures++;
  }
  advance(29_999);
  const before = breaker.state;
  advance(1);
  const after = breaker.state;
  let probes = 0;
  while (breaker.state === 'half-open') {
    outcome(of(1).pipe(breaker));
    probes++;
  }
  // One good call in between: what counts failures in a row begins anew.
  const mixed = fresh().parts.breaker;
  let calls = 0;
  for (; mixed.state === 'closed' && calls < 40; calls++) outcome((calls % 2 === 0 ? failing : of(1)).pipe(mixed));
  return { each: each[0], waits, failures, before, after, probes, mixed: mixed.state === 'closed' ? 'stays closed' : calls };
}

describe('a preset', () => {
  const expected: Record<Tolerance, object> = {
    normal: { each: 10_000, waits: [100, 200, 400], failures: 5, mixed: 'stays closed' },
    strict: { each: 5_000, waits: [400, 700], failures: 3, mixed: 5 },
    lenient: { each: 10_000, waits: [100, 200, 400], failures: 10, mixed: 19 },
  };
  it.each(tolerances)('is %s in what it tolerates', (tolerance) => {
    const common = { before: 'open', after: 'half-open', probes: 3 };
    expect(measured(standardPipeline, tolerance)).toStrictEqual({ ...common, ...expected[tolerance] });
    expect(measured(readPipeline, tolerance)).toStrictEqual({ ...common, ...expected[tolerance] });
  });

  it.each(tolerances)('ends the whole operation after 30 s (%s)', (tolerance) => {
    const { scheduler, advance } = virtual();
    const pipeline = standardPipeline({ scheduler, tolerance, bulkhead: { maxConcurrent: 1, queue: 1 } });
    outcome(NEVER.pipe(pipeline.parts.bulkhead!));
    const { log } = outcome(of(1).pipe(pipeline));
    advance(29_999);
    expect(log).toStrictEqual([]);
    advance(1);
    expect(log).toMatchObject([{ budget: 30_000, policy: 'pipeline' }]);
  });

  it('is normal where nothing is said, and named as it is told', () => {
    const parts = Object.entries(standardPipeline({ name: 'catalog' }).parts).map(([part, { name }]) => [part, name]);
    expect(parts).toStrictEqual([['attemptDeadline', 'catalog.attempt'], ['breaker', 'catalog'], ['retry', 'catalog'], ['deadline', 'catalog']]);
    const unsaid = (options: PresetOptions): ReturnType<typeof standardPipeline> => standardPipeline({ ...options, tolerance: undefined });
    expect(measured(unsaid as typeof standardPipeline, 'strict')).toStrictEqual(measured(standardPipeline, 'normal'));
  });

  it('has a bulkhead only where one is given', () => {
    const pool = bulkhead(2);
    expect('bulkhead' in standardPipeline().parts).toBe(false);
    expect(standardPipeline({ bulkhead: 3 }).parts.bulkhead!.limit).toBe(3);
    const { limit, capacity } = readPipeline({ bulkhead: { maxConcurrent: 4, queue: 5 } }).parts.bulkhead!;
    expect([limit, capacity]).toStrictEqual([4, 5]);
    expect(writePipeline({ bulkhead: pool }).parts.bulkhead).toBe(pool);
  });

  it('is required where that is said', async () => {
    for (const make of [standardPipeline, readPipeline, writePipeline]) {
      expect((await firstValueFrom(make({ required: true }).health$)).required).toBe(true);
      expect((await firstValueFrom(make().health$)).required).toBe(false);
    }
  });
});

describe('a preset for writes', () => {
  it.each([[undefined, 1], [false, 1], [true, 4]])('with idempotent: %s makes %s tries', (idempotent, tries) => {
    const { scheduler, advance } = virtual();
    const pipeline = writePipeline({ scheduler, idempotent });
    const { log } = outcome(failing.pipe(pipeline));
    advance(10_000);
    expect(log).toStrictEqual([down]);
    expect(pipeline.metrics().breaker.calls).toBe(tries);
    expect('retry' in pipeline.parts).toBe(idempotent === true);
  });

  it('is otherwise the standard one', () => {
    expect(circuitBreaker().kind).toBe(writePipeline().parts.breaker.kind);
    for (const tolerance of tolerances) {
      const write = ((options: PresetOptions) => writePipeline({ ...options, idempotent: true })) as typeof standardPipeline;
      expect(measured(write, tolerance)).toStrictEqual(measured(standardPipeline, tolerance));
    }
  });
});
