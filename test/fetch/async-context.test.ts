import { expect, it } from 'vitest';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { currentContext, Deadline, runInContext } from '../../src/index.js';
import 'rxjs-resilience/node';
import { eager } from './pipelines.js';
import { web } from './servers.js';

const later = () => new Promise((resolve) => setTimeout(resolve, 5));

it('with the entry for Node a fetch after an await has the deadline of its context', async () => {
  const { origin, arrived } = await web((_, response, count) => response.writeHead(count === 1 ? 503 : 200).end());
  const fetch = resilientFetch({ pipeline: eager, propagateTo: [origin] });
  await runInContext({ deadline: Deadline.after(5_000), priority: 'sheddable' }, async () => {
    await later();
    const response = await fetch(origin);
    await later();
    expect(response.status).toBe(200);
    expect(currentContext().priority).toBe('sheddable');
  });
  expect(arrived).toHaveLength(2);
  for (const { headers } of arrived) {
    expect(Number(headers['x-request-timeout-ms'])).toBeGreaterThan(3_000);
    expect(headers['priority']).toBe('u=7');
  }
});

it('what sends has the context of its try, also after an await', async () => {
  const seen: unknown[] = [];
  const send = async () => {
    await later();
    const { attempt, deadline, priority } = currentContext();
    seen.push([attempt, priority, deadline!.remaining() <= 1_000]);
    return new Response(null, { status: seen.length === 1 ? 503 : 200 });
  };
  const fetch = resilientFetch({ fetch: send, pipeline: (name) => eager(name, { attemptDeadline: 1_000, shed: 'critical' }) });
  await fetch('https://a.example');
  expect(seen).toStrictEqual([[1, 'critical', true], [2, 'critical', true]]);
  expect(currentContext()).toStrictEqual({ attempt: 1 });
});
