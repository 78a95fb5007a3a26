import type { EventMessage, HealthView, PolicyView } from '../../stream-messages.js';
import { svg } from './dom.js';

type Status = HealthView['status'];

/** What a policy is seen as: the state of a circuit, or the health of anything else. 0 in a ring is "not known". */
export const looks = ['', 'up', 'degraded', 'unknown', 'down', 'closed', 'half-open', 'open', 'isolated'] as const;
export type Look = (typeof looks)[number];

const tones: Readonly<Record<Look, Status>> = {
  '': 'unknown',
  up: 'up',
  degraded: 'degraded',
  unknown: 'unknown',
  down: 'down',
  closed: 'up',
  'half-open': 'degraded',
  open: 'down',
  isolated: 'down',
};

const fromBest: readonly Status[] = ['up', 'degraded', 'unknown', 'down'];

/** 0 for the best, 3 for the worst. */
export function rankOf(status: Status): number {
  return Math.max(0, fromBest.indexOf(status));
}

export function toneOf(look: Look): Status {
  return tones[look] ?? 'unknown';
}

export function lookOf({ state, health }: PolicyView): Look {
  const look = state ?? health.status;
  return looks.includes(look) ? look : 'unknown';
}

/** Of two looks in one moment the worse. */
export function worse(a: Look, b: Look): Look {
  return a === '' || rankOf(toneOf(b)) > rankOf(toneOf(a)) ? b : a;
}

const afterEvent: Readonly<Record<string, Look>> = { opened: 'open', halfOpened: 'half-open', closed: 'closed', isolated: 'isolated' };

/** How a circuit looks after an event; undefined where that does not say it. */
export function lookAfter({ kind, type }: EventMessage): Look | undefined {
  return kind === 'circuitBreaker' && Object.hasOwn(afterEvent, type) ? afterEvent[type] : undefined;
}

/** Each status has a shape of its own, for those to whom the colours say nothing. */
const shapes: Readonly<Record<Status, string>> = {
  up: 'M6 1a5 5 0 1 0 0 10 5 5 0 0 0 0-10z',
  degraded: 'M6 .8 11.6 11H.4z',
  down: 'M1.2 1.2h9.6v9.6H1.2z',
  unknown: 'M6 1a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm0 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
};

export function glyph(status: Status): SVGElement {
  const shape = shapes[status] ?? shapes.unknown;
  return svg('svg', { class: 'glyph', viewBox: '0 0 12 12', 'aria-hidden': 'true', 'data-status': status }, svg('path', { d: shape }));
}
