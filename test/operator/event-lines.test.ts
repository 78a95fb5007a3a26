import { describe, expect, it } from 'vitest';
import { bulkhead, describeEvent, type PolicyEvent } from 'rxjs-resilience';

const error = Object.assign(new Error('secret'), { code: 'ECONNREFUSED' });

describe('the line of an event', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['reset', { type: 'reset' }],
    ['reset by ops', { type: 'reset', caller: 'ops' }],
    ['circuit opened (ECONNREFUSED), for 2.5 s', { type: 'opened', cause: error, until: 3_500 }],
    ['circuit opened, for 0 ms', { type: 'opened', until: 900 }],
    ['circuit opened', { type: 'opened' }],
    ['circuit half-open, probing', { type: 'halfOpened' }],
    ['circuit closed', { type: 'closed' }],
    ['circuit isolated', { type: 'isolated' }],
    ['circuit released by ops', { type: 'released', caller: 'ops' }],
    ['call refused: full', { type: 'refused', reason: 'full' }],
    ['call refused: open, retry after 999 ms', { type: 'refused', reason: 'open', retryAfter: 999.4 }],
    ['call refused: half-open', { type: 'refused', reason: 'half-open', retryAfter: Infinity }],
    ['call succeeded after 1 s', { type: 'succeeded', duration: 1_000 }],
    ['call failed (ECONNREFUSED) after 7 ms', { type: 'failed', error, duration: 7 }],
    ['fallback failed (503), used for (ECONNREFUSED)', { type: 'failed', error: { status: 503 }, cause: error }],
    ['outcome ignored (TypeError)', { type: 'ignored', error: new TypeError('secret') }],
    ['caller left after 5 ms', { type: 'abandoned', after: 5 }],
    ['late result of an earlier state', { type: 'late' }],
    ['try 1 of 4 failed (ECONNREFUSED), next in 1.23 s', { type: 'scheduled', attempt: 1, of: 4, delay: 1_234, error }],
    ['try 9 failed, next in 0 ms', { type: 'scheduled', attempt: 9, of: Infinity, delay: 0 }],
    ['recovered with try 3', { type: 'recovered', attempts: 3 }],
    ['gave up after 1 try: budget (object)', { type: 'exhausted', attempts: 1, reason: 'budget', error: {} }],
    ['gave up after 4 tries: attempts (function)', { type: 'exhausted', attempts: 4, reason: 'attempts', error: () => 5 }],
    ['call queued', { type: 'queued' }],
    ['call started after a wait of 12 ms', { type: 'started', waited: 12 }],
    ['waiting call left', { type: 'left' }],
    ['no time left to start', { type: 'expired', started: false, budget: 0 }],
    ['deadline of 800 ms exceeded', { type: 'expired', started: true, stalled: false, budget: 800 }],
    ['deadline of 800 ms exceeded, the event loop stood still', { type: 'expired', started: true, stalled: true, budget: 800 }],
    ['detached call ended', { type: 'detachedEnd' }],
    ['fallback used (ECONNREFUSED)', { type: 'used', error }],
    ['circuit held closed: of 10 5 are not', { type: 'heldClosed', key: 'secret', open: 5, keys: 10 }],
    ['no place for a further key, served by the policy of all others', { type: 'overflow', key: 'secret' }],
    ['call admitted', { type: 'admitted' }],
    ['call shed: full, priority critical, limit 10', { type: 'shed', reason: 'full', priority: 'critical', limit: 10 }],
    ['limit is now 12', { type: 'limitChanged', limit: 12, previous: 11 }],
    ['somethingNew', { type: 'somethingNew' }],
  ])('%s', (line, event) => {
    const full = { policy: 'catalog', kind: 'retry', at: 1_000, ...event } as unknown as PolicyEvent;
    expect(describeEvent(full)).toBe(`catalog: ${line}`);
  });
});

it('the events of a policy that is disposed of are over, whoever comes', () => {
  const pool = bulkhead(1);
  pool.dispose();
  let over = false;
  pool.events$.subscribe({ complete: () => (over = true) });
  expect(over).toBe(true);
});
