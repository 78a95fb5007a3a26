import { catchError, map, type Observable, of, retry, timeout } from 'rxjs';
import {
  bulkhead,
  circuitBreaker,
  fallbackToValue,
  fixedLimit,
  loadShed,
  loadShedder,
  retryWithBackoff,
  vegasLimit,
  withDeadline,
} from 'rxjs-resilience';
import { awaiting, calls, subscribing } from '../calls.ts';
import type { Case, Contender } from '../case.ts';
import { allowed, room, type Stack } from '../contenders/ours.ts';
import { cockatiel, opossum, type Wrap } from '../contenders/peers.ts';
import { breaker, semaphore, windowBreaker } from '../contenders/recipes.ts';
import { microtask, promised, sync } from '../sources.ts';

interface Alone {
  readonly name: string;
  /** Against `map`. */
  readonly atMost: number;
  readonly ours: () => Stack;
  readonly rxjs?: () => Stack;
  readonly cockatiel?: () => Wrap;
  readonly opossum?: () => Wrap;
}

/** With nothing to do, and those that have to read a clock. */
const idle = 1.2;
const reading = 1.7;

export const operators: readonly Alone[] = [
  {
    name: 'fallbackToValue',
    atMost: idle,
    ours: () => fallbackToValue(0) as Stack,
    rxjs: () => (source) => source.pipe(catchError(() => of(0))),
    cockatiel: cockatiel.fallback,
  },
  {
    name: 'retryWithBackoff',
    atMost: idle,
    ours: () => retryWithBackoff(),
    rxjs: () => (source) => source.pipe(retry(3)),
    cockatiel: cockatiel.retry,
  },
  {
    name: 'bulkhead',
    atMost: idle,
    ours: () => bulkhead(room),
    rxjs: () => semaphore(room),
    cockatiel: cockatiel.bulkhead,
    opossum: opossum.bulkhead,
  },
  {
    name: 'circuitBreaker, consecutive failures',
    atMost: idle,
    ours: () => circuitBreaker({ failureThreshold: 5 }),
    rxjs: breaker,
    cockatiel: cockatiel.breaker,
  },
  {
    name: 'loadShed, fixed limit',
    atMost: idle,
    ours: () => loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(room) }) }),
    rxjs: () => semaphore(room),
  },
  {
    name: 'circuitBreaker, default',
    atMost: reading,
    ours: () => circuitBreaker(),
    rxjs: windowBreaker,
    cockatiel: cockatiel.windowBreaker,
    opossum: opossum.windowBreaker,
  },
  {
    name: 'withDeadline',
    atMost: reading,
    ours: () => withDeadline(allowed),
    rxjs: () => (source) => source.pipe(timeout(allowed)),
    cockatiel: cockatiel.deadline,
    opossum: opossum.deadline,
  },
  {
    name: 'loadShed, vegasLimit',
    atMost: reading,
    ours: () => loadShed('critical', { shedder: loadShedder({ limit: vegasLimit({ initial: room, min: room, max: room }) }) }),
  },
];

const identity = map((value: number) => value);

function contenders(alone: Alone, source: Observable<number>, width: number): Record<string, Contender> {
  const of = (stack: Stack): Contender => calls(subscribing(stack(source)), { width });
  const found: Record<string, Contender> = {
    bare: of((same) => same),
    map: of(identity),
    ours: of(alone.ours()),
  };
  if (alone.rxjs !== undefined) found['rxjs'] = of(alone.rxjs());
  if (source === sync) return found;
  if (alone.cockatiel !== undefined) found['cockatiel'] = calls(awaiting(alone.cockatiel()(promised)), { width });
  if (alone.opossum !== undefined) found['opossum'] = calls(awaiting(alone.opossum()(promised)), { width });
  return found;
}

const ways = [
  { group: 'alone, sync source', source: sync, width: 1 },
  { group: 'alone, microtask source', source: microtask, width: 1 },
  { group: 'alone, microtask source, 100 in flight', source: microtask, width: 100 },
];

export const aloneCases: readonly Case[] = ways.flatMap(({ group, source, width }) =>
  operators.map((alone): Case => ({
    group,
    name: alone.name,
    base: 'bare',
    contenders: () => contenders(alone, source, width),
    targets: [{ against: 'map', atMost: alone.atMost }],
  })),
);
