import { TestScheduler } from 'rxjs/testing';
import type { BoardScenario, CheckScenario, Listener, PartMarble, WholeScenario } from '../../marbles/health-scenario.js';

type Row = readonly [label: string, marble: string];

/** A scenario of health as the page draws it: its title, then a row for each marble, in plain dashes from time 0 on. */
export function draw(scenario: CheckScenario | WholeScenario | BoardScenario): string {
  // Inside of `run` a frame is a millisecond, as it is in a scenario.
  return new TestScheduler(() => undefined).run(() => {
    const rows = rowsOf(scenario).map(([label, marble]) => `${label.padEnd(13)}${marble}`);
    return [scenario.title, ...rows].join('\n');
  });
}

function rowsOf(scenario: CheckScenario | WholeScenario | BoardScenario): readonly Row[] {
  if ('probes' in scenario) {
    const probes = scenario.probes.map((marble, i): Row => [numbered('probe', i, scenario.probes), line(marbles(marble))]);
    return [...probes, ['asks', line(subscriptions(scenario.asks))], ...listeners(scenario.listeners, () => 'health')];
  }
  if ('parts' in scenario) {
    return [...Object.entries(scenario.parts).map(([key, part]) => partRow(key, part)), ...listeners(scenario.listeners, () => 'whole')];
  }
  const { beats, drain, runs = {} } = scenario;
  const parts = (['startup', 'ready', 'deep'] as const).flatMap((key) => (scenario[key] === undefined ? [] : [partRow(`in ${key}`, scenario[key])]));
  return [
    ...parts,
    ...(beats === undefined ? [] : [['beats', line(marbles(beats.marks))] as const]),
    ...(drain === undefined ? [] : [['drain', line(marbles(drain))] as const]),
    ...Object.entries(runs).map(([key, asked]): Row => [`asks ${key}`, line(subscriptions(asked!))]),
    ...listeners(scenario.listeners, (listener) => `${(listener as BoardScenario['listeners'][number]).kind}$`),
  ];
}

const partRow = (key: string, part: PartMarble): Row =>
  typeof part === 'string' ? [key, line(marbles(part))] : [`(${key})`, line(marbles(part.optional))];

const numbered = (label: string, i: number, all: readonly unknown[]): string => (all.length === 1 ? label : `${label} ${i + 1}`);

function listeners(all: readonly Listener[], labelOf: (listener: Listener) => string): readonly Row[] {
  return all.map((listener) => [labelOf(listener), line(marbles(listener.sees))]);
}

type Frames = readonly (readonly [frame: number, symbol: string])[];

function marbles(marble: string): Frames {
  return TestScheduler.parseMarbles(marble, undefined, undefined, undefined, true).map(({ frame, notification }) => {
    const symbol = notification.kind === 'N' ? (notification.value as string) : notification.kind === 'C' ? '|' : '#';
    return [frame, symbol];
  });
}

function subscriptions(all: readonly string[]): Frames {
  return all.flatMap((marble) => {
    const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(marble, true);
    return [[subscribedFrame, '^'] as const, [unsubscribedFrame, '!'] as const];
  });
}

/** What happens in one frame stands in brackets; the frames after it are counted from its bracket, as RxJS does. */
function line(frames: Frames): string {
  let text = '';
  for (const frame of new Set(frames.map(([at]) => at))) {
    const symbols = frames.filter(([at]) => at === frame).map(([, symbol]) => symbol);
    text += '-'.repeat(frame - text.length) + (symbols.length === 1 ? symbols[0]! : `(${symbols.join('')})`);
  }
  return text === '' ? '-' : text;
}
