import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import {
  armedOutside, captureAsyncScope, currentZone, isInOtherZone, noticeZones, runInAsyncScope, runInZone, type Zone, zones,
} from '../../src/operator/async-resource.js';

// The real zone.js patches the engine: it is tried in processes of its own (test/zones). Here is what we ask of one.
class FakeZone implements Zone {
  constructor(readonly name: string) {}
  run<T>(work: () => T): T {
    return within(this, work);
  }
}

function within<T>(zone: FakeZone, work: () => T): T {
  const before = current;
  current = zone;
  try {
    return work();
  } finally {
    current = before;
  }
}

const root = new FakeZone('root');
const other = new FakeZone('other');
const own = new FakeZone('own');
let current = root;
const realm = globalThis as { Zone?: unknown };

beforeEach(() => {
  current = root;
  realm.Zone = {
    root,
    get current() {
      return current;
    },
  };
});
afterEach(() => {
  delete realm.Zone;
  zones.present = false;
});

describe('with zones', () => {
  it('a scope leads back into the zone in which it was captured, and answers', () => {
    const scope = own.run(() => captureAsyncScope());
    expect(zones.present).toBe(true);
    expect(other.run(() => [runInAsyncScope(scope, () => current.name), current.name])).toStrictEqual(['own', 'other']);
    expect([own.run(() => isInOtherZone(scope)), other.run(() => isInOtherZone(scope)), isInOtherZone(undefined)]).toStrictEqual([false, true, false]);
  });

  it('work runs where it is, if it is there already', () => {
    expect([runInZone(root, () => current.name), runInZone(undefined, () => current.name), runInZone(own, () => current.name)]).toStrictEqual(['root', 'root', 'own']);
  });

  it('timers for many are armed in the root zone', () => {
    expect([own.run(() => armedOutside(() => current.name)), armedOutside(() => current.name)]).toStrictEqual(['root', 'root']);
  });

  it('results of a breaker and its streams come in the zones of those who subscribed', () => {
    const source = new Subject<number>();
    const breaker = circuitBreaker({ failureThreshold: 1 });
    const heard: string[] = [];
    const note = (what: string) => (): void => void heard.push(`${what} in ${current.name}`);
    own.run(() => source.pipe(breaker).subscribe({ next: note('value'), complete: note('end') }));
    own.run(() => breaker.state$.subscribe({ next: note('state'), complete: note('end of state') }));
    own.run(() => breaker.events$.subscribe({ next: note('event'), complete: note('end of events') }));
    other.run(() => source.next(1));
    other.run(() => source.complete());
    other.run(() => breaker.dispose());
    expect(heard.every((line) => line.endsWith(' in own'))).toBe(true);
    expect(heard.map((line) => line.replace(' in own', ''))).toStrictEqual(['state', 'value', 'event', 'end', 'end of state', 'end of events']);
  });

  it('a call that fails in another zone ends in its own', () => {
    const source = new Subject<number>();
    const heard: string[] = [];
    own.run(() => source.pipe(circuitBreaker()).subscribe({ error: () => heard.push(current.name) }));
    other.run(() => source.error(new Error('down')));
    expect(heard).toStrictEqual(['own']);
  });
});

describe('without zones', () => {
  it('nothing is asked of them', () => {
    delete realm.Zone;
    noticeZones();
    expect([zones.present, currentZone(), armedOutside(() => 'armed')]).toStrictEqual([false, undefined, 'armed']);
  });

  it('a global of that name which is no zone.js counts as none', () => {
    realm.Zone = { root: {}, current: {} };
    expect(currentZone()).toBeUndefined();
    realm.Zone = { root };
    expect(currentZone()).toBeUndefined();
  });
});
