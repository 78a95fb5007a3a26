import { assembling, awaiting, calls, subscribing } from '../calls.ts';
import type { Case } from '../case.ts';
import { ourStack } from '../contenders/ours.ts';
import { cockatiel, opossum } from '../contenders/peers.ts';
import { leanStack, rxjsStack } from '../contenders/recipes.ts';
import { microtask, promised, stream, sync, valuesPerCall } from '../sources.ts';

const group = 'five stacked';

/** Deadline, bulkhead, breaker, retry, fallback around a call that succeeds. */
export const stackedCases: readonly Case[] = [
  {
    group,
    name: 'sync source',
    base: 'bare',
    contenders: () => ({
      bare: calls(subscribing(sync)),
      ours: calls(subscribing(ourStack()(sync))),
      rxjs: calls(subscribing(rxjsStack()(sync))),
      'rxjs, the least': calls(subscribing(leanStack()(sync))),
    }),
    targets: [{ against: 'rxjs', atMost: 0.33 }],
  },
  {
    group,
    name: 'microtask source',
    base: 'bare',
    contenders: () => ({
      bare: calls(subscribing(microtask)),
      ours: calls(subscribing(ourStack()(microtask))),
      rxjs: calls(subscribing(rxjsStack()(microtask))),
      'rxjs, the least': calls(subscribing(leanStack()(microtask))),
      opossum: calls(awaiting(opossum.stack()(promised))),
      cockatiel: calls(awaiting(cockatiel.stack()(promised))),
      'cockatiel, abortOnReturn: false': calls(awaiting(cockatiel.stack(false)(promised))),
    }),
    targets: [
      { against: 'rxjs', atMost: 0.3 },
      { against: 'opossum', atMost: 0.8 },
      { against: 'cockatiel', atMost: 0.1 },
    ],
  },
  ...[
    { kind: 'sync', source: sync },
    { kind: 'microtask', source: microtask },
  ].map(({ kind, source }): Case => ({
    group,
    name: `${kind} source, kept policies, pipe assembled for each call`,
    base: 'bare',
    contenders: () => {
      const ours = ourStack();
      const rxjs = rxjsStack();
      return {
        bare: calls(subscribing(source)),
        ours: calls(assembling(() => ours(source))),
        rxjs: calls(assembling(() => rxjs(source))),
      };
    },
    targets: [{ against: 'rxjs', atMost: 0.35 }],
  })),
  {
    group,
    name: `per value, ${valuesPerCall} values of a sync source`,
    base: 'bare',
    contenders: () => {
      const options = { expected: { sum: valuesPerCall, fails: false } };
      return {
        bare: calls(subscribing(stream), options),
        ours: calls(subscribing(ourStack()(stream)), options),
        rxjs: calls(subscribing(rxjsStack()(stream)), options),
      };
    },
    targets: [{ against: 'bare', atMost: 2.5 }],
  },
];
