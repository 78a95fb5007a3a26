import { circuitBreaker, describeEvent, perKey } from 'rxjs-resilience';
import { EMPTY, NEVER, throwError } from 'rxjs';
import { expect, it } from 'vitest';

it('keeps what is in use and what is not closed, and shares one policy where there is no place', () => {
  const perHost = perKey((name) => circuitBreaker({ name, failureThreshold: 1 }), { maxKeys: 2 });
  const shared: string[] = [];
  perHost.events$.subscribe((event) => event.type === 'overflow' && shared.push(event.key, event.policy));
  const ignore = { error: () => undefined };

  throwError(() => ({ status: 503 })).pipe(perHost('broken')).subscribe(ignore);
  const stream = NEVER.pipe(perHost('streaming')).subscribe();
  EMPTY.pipe(perHost('once')).subscribe();
  EMPTY.pipe(perHost('again')).subscribe();
  expect(perHost.keys()).toStrictEqual(['broken', 'streaming', 'again']);

  NEVER.pipe(perHost('again')).subscribe();
  NEVER.pipe(perHost('fourth')).subscribe();
  EMPTY.pipe(perHost('fifth')).subscribe();
  expect(perHost.keys()).toStrictEqual(['broken', 'streaming', 'again', 'fourth']);
  expect(shared).toStrictEqual(['fifth', '(others)']);

  stream.unsubscribe();
  EMPTY.pipe(perHost('fifth')).subscribe();
  expect(perHost.keys()).toStrictEqual(['broken', 'again', 'fourth', 'fifth']);
});

it('does not open everything where everything fails', () => {
  const perHost = perKey((name) => circuitBreaker({ name, failureThreshold: 1, breakDuration: 30_000 }), { maxOpenShare: 0.5 });
  const hosts = ['a', 'b', 'c', 'd'];
  for (const host of hosts) EMPTY.pipe(perHost(host)).subscribe();
  const lines: string[] = [];
  perHost.events$.subscribe((event) => event.type === 'heldClosed' && lines.push(`${event.key}: ${event.open} of ${event.keys} are not closed`));
  perHost.events$.subscribe((event) => event.type === 'opened' && lines.push(describeEvent(event)));

  for (const host of hosts) throwError(() => ({ code: 'ENETUNREACH' })).pipe(perHost(host)).subscribe({ error: () => undefined });
  expect(hosts.map((host) => perHost.get(host)?.state)).toStrictEqual(['open', 'open', 'closed', 'closed']);
  expect(lines).toStrictEqual([
    'a: circuit opened (ENETUNREACH), for 30 s',
    'b: circuit opened (ENETUNREACH), for 30 s',
    'c: 2 of 4 are not closed',
    'd: 2 of 4 are not closed',
  ]);
});
