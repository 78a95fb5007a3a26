import { TestScheduler } from 'rxjs/testing';
import type { Scenario } from '../../marbles/scenario.js';

/** Marbles by frame, in the order in which they happen. */
type Frames = readonly (readonly [frame: number, symbol: string])[];

/** A scenario as the pages draw it: its title, then a row for each marble, in plain dashes from time 0 on. */
export function draw(scenario: Scenario): string {
  // Inside of `run` a frame is a millisecond, as it is in a scenario.
  return new TestScheduler(() => undefined).run(() => drawn(scenario));
}

function drawn({ title, source, fails, calls, subscriptions, states = {}, health = {} }: Scenario): string {
  const sources = typeof source === 'string' ? [source] : source;
  const rows = [
    ...sources.map((marble, i) => row(numbered('source', i, sources), endless(marblesOf(marble)))),
    ...calls.flatMap(({ call, sees, error = fails }, i) => [
      row(numbered('call', i, calls), line(subscriptionOf(call))),
      row(numbered('sees', i, calls), endless(marblesOf(sees)), sees.includes('#') ? codeOf(error) : ''),
    ]),
    ...subscriptions.map((marble, i) => row(numbered('runs', i, subscriptions), line(subscriptionOf(marble)))),
    ...(subscriptions.length === 0 ? [row('runs', 'never')] : []),
    ...Object.values(states).map((marble) => row('state', endless(marblesOf(marble!)))),
    ...Object.values(health).map((marble) => row('health', endless(marblesOf(marble!)))),
  ];
  return [title, ...rows].join('\n');
}

function row(label: string, marble: string, remark = ''): string {
  return `${label.padEnd(10)}${marble}${remark === '' ? '' : `   ${remark}`}`.trimEnd();
}

function numbered(label: string, i: number, all: readonly unknown[]): string {
  return all.length === 1 ? label : `${label} ${i + 1}`;
}

function marblesOf(marble: string): Frames {
  const messages = TestScheduler.parseMarbles(marble, undefined, undefined, undefined, true);
  return messages.map(({ frame, notification }) => {
    const symbol = notification.kind === 'N' ? (notification.value as string) : notification.kind === 'C' ? '|' : '#';
    return [frame, symbol] as const;
  });
}

function subscriptionOf(marble: string): Frames {
  const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(marble, true);
  return unsubscribedFrame === Infinity ? [[subscribedFrame, '^']] : [[subscribedFrame, '^'], [unsubscribedFrame, '!']];
}

/** What happens in one frame stands in brackets; the frames after it are counted from its bracket, as RxJS does. */
function line(frames: Frames): string {
  let text = '';
  for (const frame of new Set(frames.map(([at]) => at))) {
    const symbols = frames.filter(([at]) => at === frame).map(([, symbol]) => symbol);
    text += '-'.repeat(frame - text.length) + (symbols.length === 1 ? symbols[0]! : `(${symbols.join('')})`);
  }
  return text;
}

/** What has no end goes on. */
function endless(frames: Frames): string {
  const ended = frames.some(([, symbol]) => symbol === '|' || symbol === '#');
  return `${line(frames)}${ended ? '' : '---'}`;
}

/** The code and the reason that the error of a picture has to have, or its status. */
function codeOf(error: unknown): string {
  const matcher = error as { toAsymmetricMatcher?: () => string; status?: number } | undefined;
  if (matcher?.toAsymmetricMatcher === undefined) return matcher?.status === undefined ? '' : String(matcher.status);
  const text = matcher.toAsymmetricMatcher();
  const { code, reason, started } = JSON.parse(text.slice(text.indexOf('{'), -1)) as Readonly<Record<string, unknown>>;
  return [code, reason, started === undefined ? undefined : started === true ? 'started' : 'not started']
    .filter((part) => part !== undefined)
    .join(', ');
}
