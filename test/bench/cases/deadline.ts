import { catchError, of, timeout } from 'rxjs';
import { fallbackToValue, withDeadline } from 'rxjs-resilience';
import { assembling, awaiting, calls, subscribing } from '../calls.ts';
import type { Case } from '../case.ts';
import { allowed } from '../contenders/ours.ts';
import { cockatiel, opossum } from '../contenders/peers.ts';
import { microtask, promised, promisedTurn, sync, turn } from '../sources.ts';

const group = 'deadline';

const sources = [
  { kind: 'microtask', source: microtask, promise: promised },
  { kind: 'event-loop turn', source: turn, promise: promisedTurn },
];

const widths = [
  { how: 'one after another', width: 1, atMost: 0.5 },
  { how: '100 in flight', width: 100, atMost: 0.4 },
];

/** Armed and not fired. */
const armed = sources.flatMap(({ kind, source, promise }) =>
  widths.map(({ how, width, atMost }): Case => ({
    group,
    name: `armed, ${kind} source, ${how}`,
    base: 'bare',
    contenders: () => ({
      bare: calls(subscribing(source), { width }),
      ours: calls(subscribing(source.pipe(withDeadline(allowed))), { width }),
      rxjs: calls(subscribing(source.pipe(timeout(allowed))), { width }),
      'rxjs, timeout({ first })': calls(subscribing(source.pipe(timeout({ first: allowed }))), { width }),
      opossum: calls(awaiting(opossum.deadline()(promise)), { width }),
      cockatiel: calls(awaiting(cockatiel.deadline()(promise)), { width }),
    }),
    // How long a turn takes is the event loop's affair, not ours: told, not judged.
    targets: kind === 'microtask' ? [{ against: 'rxjs', atMost }] : [],
  })),
);

/** What is written inline is made anew for each call. */
const inline = [
  { kind: 'sync', source: sync },
  { kind: 'microtask', source: microtask },
].map(({ kind, source }): Case => ({
  group,
  name: `withDeadline and fallbackToValue made for each call, ${kind} source`,
  base: 'bare',
  contenders: () => ({
    bare: calls(subscribing(source)),
    ours: calls(assembling(() => source.pipe(withDeadline(allowed), fallbackToValue(0)))),
    rxjs: calls(assembling(() => source.pipe(timeout(allowed), catchError(() => of(0))))),
    'rxjs, timeout({ first })': calls(assembling(() => source.pipe(timeout({ first: allowed }), catchError(() => of(0))))),
  }),
  targets: [{ against: 'rxjs', atMost: 1 }],
}));

export const deadlineCases: readonly Case[] = [...armed, ...inline];
