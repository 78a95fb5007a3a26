import { of } from 'rxjs';
import { bulkhead, circuitBreaker, fixedLimit, loadShed, loadShedder } from 'rxjs-resilience';
import { awaiting, type CallOptions, calls, isRefused, subscribing } from '../calls.ts';
import type { Case, Contender } from '../case.ts';
import type { Stack } from '../contenders/ours.ts';
import { cockatiel, opossum, type Wrap } from '../contenders/peers.ts';
import { breaker, leanBreaker, leanSemaphore, semaphore } from '../contenders/recipes.ts';
import { failing, failure, Held, promised, sync } from '../sources.ts';

const group = 'refused';
const refused: CallOptions = { expected: isRefused };

/** Takes the only permit for good, then is asked again and again. */
function full(stack: Stack): Contender {
  new Held().source.pipe(stack).subscribe();
  return calls(subscribing(stack(sync)), refused);
}

function fullPeer(wrap: Wrap): Contender {
  let held = false;
  const never = new Promise<number>(() => {});
  const call = wrap(() => (held ? promised() : ((held = true), never)));
  void call();
  return calls(awaiting(call), refused);
}

/** Fails until it is open. */
function open(stack: Stack): Contender {
  for (let i = 0; i < 5; i += 1) failing.pipe(stack).subscribe({ error: () => {} });
  return calls(subscribing(stack(sync)), refused);
}

function openCockatiel(): Contender {
  let works = false;
  const call = cockatiel.breaker()(() => (works ? promised() : Promise.reject(failure)));
  let opened = (async () => {
    for (let i = 0; i < 5; i += 1) await call().catch(() => {});
    works = true;
  })();
  const refusing = calls(awaiting(call), refused);
  return {
    async run(times) {
      await opened;
      opened = Promise.resolve();
      await refusing.run(times);
    },
  };
}

const bare = (): Contender => calls(subscribing(of(1)));

/** A refusal is an `Error`; peers make one with a stack trace, which is most of what they take. */
export const refusedCases: readonly Case[] = [
  {
    group,
    name: 'by an open breaker',
    base: 'bare',
    contenders: () => ({
      bare: bare(),
      ours: open(circuitBreaker({ failureThreshold: 5, breakDuration: 3_600_000 })),
      rxjs: open(breaker()),
      'rxjs, lean recipe': open(leanBreaker()),
      opossum: calls(awaiting(opossum.open()(promised)), refused),
      cockatiel: openCockatiel(),
    }),
    targets: [{ against: 'cheapest peer', atMost: 0.1 }],
  },
  {
    group,
    name: 'by a full bulkhead',
    base: 'bare',
    contenders: () => ({
      bare: bare(),
      ours: full(bulkhead(1)),
      rxjs: full(semaphore(1)),
      'rxjs, lean recipe': full(leanSemaphore(1)),
      opossum: fullPeer(opossum.bulkhead(1)),
      cockatiel: fullPeer(cockatiel.bulkhead(1)),
    }),
    targets: [{ against: 'cheapest peer', atMost: 0.1 }],
  },
  {
    group,
    name: 'by a shedder (peers: a full bulkhead)',
    base: 'bare',
    contenders: () => ({
      bare: bare(),
      ours: full(loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1) }) })),
      rxjs: full(semaphore(1)),
      'rxjs, lean recipe': full(leanSemaphore(1)),
      cockatiel: fullPeer(cockatiel.bulkhead(1)),
    }),
    targets: [{ against: 'cheapest peer', atMost: 0.1 }],
  },
];
