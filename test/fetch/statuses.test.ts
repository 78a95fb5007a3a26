import { fetch as undiciFetch } from 'undici';
import { describe, expect, it } from 'vitest';
import { type HttpStatusError, isHttpStatusError, resilientFetch } from 'rxjs-resilience/fetch';
import { classify, constant, fallbackTo, isCircuitOpenError, isRetryExhaustedError, resiliencePipeline, type RetryEvent, type RetryOptions } from '../../src/index.js';
import { oneConnection } from './agents.js';
import { collectGarbage } from './collector.js';
import { eager } from './pipelines.js';
import { web } from './servers.js';

const failing = (status: number, times = Infinity) =>
  web((_, response, count) => {
    response.statusCode = count <= times ? status : 200;
    response.end(`answer ${count}`);
  });

describe('a status is a failure to the policies and an answer to the caller', () => {
  it.each([
    [408, 4], [425, 4], [429, 4], [500, 4], [502, 4], [503, 4], [504, 4],
    [400, 1], [401, 1], [403, 1], [404, 1], [409, 1], [422, 1], [501, 1],
  ])('%i is tried %i times', async (status, times) => {
    const { origin, arrived } = await failing(status);
    const fetch = resilientFetch({ pipeline: eager });
    expect((await fetch(origin)).status).toBe(status);
    expect(arrived).toHaveLength(times);
  });

  it('opens a breaker by 503, and not by 404', async () => {
    const pipeline = (name: string) => resiliencePipeline({ name, breaker: { failureThreshold: 2 } });
    for (const [status, opens] of [[503, true], [404, false]] as const) {
      const { origin, arrived } = await failing(status);
      const fetch = resilientFetch({ pipeline });
      await fetch(origin);
      await fetch(origin);
      const third = await fetch(origin).catch((error: unknown) => error);
      expect(isCircuitOpenError(third)).toBe(opens);
      expect(arrived).toHaveLength(opens ? 2 : 3);
      // A refusal is not taken for the answer that has opened it.
      if (isCircuitOpenError(third)) expect((third.cause as HttpStatusError).status).toBe(503);
    }
  });

  it('asks classify of statuses too, in the default pipeline', async () => {
    const { origin, arrived } = await failing(503);
    const seen: unknown[] = [];
    const fetch = resilientFetch({
      classify: (error) => {
        seen.push(isHttpStatusError(error) && error.status);
        return isHttpStatusError(error) ? 'permanent' : classify(error);
      },
    });
    expect((await fetch(origin)).status).toBe(503);
    expect(arrived).toHaveLength(1);
    expect(new Set(seen)).toStrictEqual(new Set([503]));
  });

  it('gives a fallback the error, and its answer to the caller', async () => {
    const { origin } = await failing(503);
    const seen: HttpStatusError[] = [];
    const pipeline = (name: string) =>
      resiliencePipeline({
        name,
        retry: { backoff: constant(1), maxRetries: 1 },
        fallback: (error) => {
          seen.push(error as HttpStatusError);
          return Promise.resolve(new Response('instead'));
        },
      });
    expect(await (await resilientFetch({ pipeline })(origin)).text()).toBe('instead');
    expect(seen.map(({ status }) => status)).toStrictEqual([503]);
  });

  it('lets a fallback read the answer, also later than at once', async () => {
    const { origin } = await failing(503);
    const pipeline = (name: string) =>
      resiliencePipeline({
        name,
        retry: { backoff: constant(1), maxRetries: 1 },
        fallback: async (error) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return new Response(`instead of ${await (error as HttpStatusError).response.text()}`);
        },
      });
    expect(await (await resilientFetch({ pipeline })(origin)).text()).toBe('instead of answer 2');
  });

  it('lets a fallback answer with the answer itself', async () => {
    const { origin } = await failing(503);
    const pipeline = (name: string) => resiliencePipeline({ name, fallback: (error) => [(error as HttpStatusError).response] });
    expect(await (await resilientFetch({ pipeline })(origin)).text()).toBe('answer 1');
  });

  it.each<[string, readonly unknown[], string]>([
    ['text', ['instead'], "a fallback must answer with a Response, got 'instead'"],
    ['undefined', [undefined], 'a fallback must answer with a Response, got undefined'],
    ['nothing', [], 'a fallback must answer with a Response, got none'],
  ])('rejects where a fallback answers with %s', async (_, answers, message) => {
    const { origin } = await failing(503);
    const pipeline = (name: string) => resiliencePipeline({ name, fallback: () => answers as Response[] });
    const error = await resilientFetch({ pipeline })(origin).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toBe(message);
  });

  it('takes the first answer of a fallback, and lets go of the others', async () => {
    const { origin } = await failing(503);
    const second = new Response('second');
    const pipeline = (name: string) => resiliencePipeline({ name, fallback: () => [new Response('first'), second] });
    expect(await (await resilientFetch({ pipeline })(origin)).text()).toBe('first');
    await expect.poll(() => second.bodyUsed).toBe(true);
  });

  it('gives the error of a fallback on as it is', async () => {
    const { origin } = await failing(503);
    const inner = resilientFetch({ throwOnStatus: true });
    const pipeline = (name: string) => resiliencePipeline({ name, fallback: () => inner(`${origin}/other`) });
    const error = await resilientFetch({ pipeline, key: () => 'a' })(origin).catch((thrown: unknown) => thrown);
    expect(isHttpStatusError(error)).toBe(true);
    expect(await (error as HttpStatusError).response.text()).toMatch(/^answer/);
  });

  it('answers without the body where a fallback has read it and gives the error on', async () => {
    const { origin } = await failing(503);
    const fallback = fallbackTo(async (error): Promise<Response> => {
      await (error as HttpStatusError).response.text();
      throw error;
    });
    const response = await resilientFetch({ pipeline: (name) => resiliencePipeline({ name, fallback }) })(origin);
    expect([response.status, response.statusText, response.url, await response.text()]).toStrictEqual([503, 'Service Unavailable', `${origin}/`, '']);
  });

  it('tries a value again that a pipeline finds too poor, and frees it', async () => {
    const answers: Response[] = [];
    const fetch = resilientFetch({
      fetch: () => {
        answers.push(new Response(String(answers.length), { status: answers.length < 2 ? 202 : 200 }));
        return Promise.resolve(answers.at(-1)!);
      },
      pipeline: (name) => eager(name, { retry: { backoff: constant(1), retryIfValue: (value) => (value as Response).status === 202 } }),
    });
    expect(await (await fetch('https://a.example')).text()).toBe('2');
    expect(answers.map(({ bodyUsed }) => bodyUsed)).toStrictEqual([true, true, true]);
  });
});

describe('what policies remember of a status', () => {
  const opened = (throwOnStatus: boolean, wrap: boolean) => {
    const pipeline = (name: string) =>
      resiliencePipeline({ name, breaker: { failureThreshold: 1 }, ...(wrap && { retry: { maxRetries: 0, exhausted: 'wrap' } }) });
    return resilientFetch({ throwOnStatus, pipeline });
  };

  it.each([[false, false], [false, true], [true, false], [true, true]])('has no body (throws %j, wraps %j), and the caller has it', async (throwing, wrap) => {
    const { origin } = await failing(503);
    const fetch = opened(throwing, wrap);
    const given = await fetch(origin).catch((error: unknown) => error);
    const thrown = (wrap ? (given as Error).cause : given) as HttpStatusError;
    const refused = (await fetch(origin).catch((error: unknown) => error)) as { readonly cause: HttpStatusError };
    expect([refused.cause.status, refused.cause.response.status, refused.cause.response.url]).toStrictEqual([503, 503, `${origin}/`]);
    expect(refused.cause.response.body).toBeNull();
    expect(await (throwing ? thrown.response : (given as Response)).text()).toBe('answer 1');
    if (throwing && wrap) expect(isRetryExhaustedError(given)).toBe(true);
  });

  it('keeps no connection from those who do not read an answer', async () => {
    const { origin, arrived } = await web((_, response, count) => response.writeHead(count === 1 ? 503 : 200).end('x'.repeat(300_000)));
    const pipeline = (name: string) => resiliencePipeline({ name, breaker: { failureThreshold: 1, breakDuration: 1 } });
    const fetch = resilientFetch({ pipeline, fetch: undiciFetch });
    const dispatcher = oneConnection();
    expect((await fetch(origin, { dispatcher } as RequestInit)).status).toBe(503);
    const second = fetch(origin, { dispatcher } as RequestInit);
    for (let i = 0; i < 100 && arrived.length < 2; i++) await collectGarbage();
    expect((await second).status).toBe(200);
    await dispatcher.destroy();
  });

  it('takes a status that no constructor takes', async () => {
    const { origin } = await failing(999);
    const response = await resilientFetch({ pipeline: eager })(origin);
    expect([response.status, response.ok, await response.text()]).toStrictEqual([999, false, 'answer 1']);
  });
});

describe('Retry-After', () => {
  const at = (date: Date, form: string): string => {
    const [day, d, month, year, time] = date.toUTCString().replace(',', '').split(' ') as [string, string, string, string, string];
    const weekday = date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    if (form === 'asctime') return `${day} ${month} ${d.replace(/^0/, ' ')} ${time} ${year}`;
    return form === 'rfc850' ? `${weekday}, ${d}-${month}-${year.slice(2)} ${time} GMT` : date.toUTCString();
  };
  /** An hour wrong: what counts is the clock of the one who says it. */
  const theirs = new Date(Date.UTC(2031, 2, 4, 5, 6, 7));
  const later = new Date(theirs.getTime() + 7_000);

  it.each([
    ['seconds', '7', 7_000],
    ['an IMF-fixdate', at(later, 'imf'), 7_000],
    ['a date of RFC 850', at(later, 'rfc850'), 7_000],
    ['an asctime date', at(later, 'asctime'), 7_000],
    ['a date that is over', at(new Date(theirs.getTime() - 1_000), 'imf'), 0],
    ['nothing', '', 0],
    ['a sign', '-7', 0],
    ['a fraction', '7.5', 0],
    ['words', 'soon', 0],
    ['a date of no calendar', 'Wed, 31 Feb 2031 05:06:07 GMT', 0],
  ])('as %s is waited for', async (_, header, wait) => {
    const { origin, arrived } = await web((__, response) => {
      response.statusCode = 503;
      response.setHeader('retry-after', header);
      response.setHeader('date', theirs.toUTCString());
      response.end('busy');
    });
    const fetch = resilientFetch({ pipeline: (name) => eager(name, { retry: { backoff: constant(1), maxRetries: 1 } }) });
    const leave = new AbortController();
    const scheduled = new Promise<RetryEvent>((found) =>
      fetch.pipelines.events$.subscribe((event) => {
        if (event.type === 'scheduled') found(event as RetryEvent);
      }),
    );
    const answer = fetch(origin, { signal: leave.signal }).catch((error: unknown) => error);
    const { delay } = (await scheduled) as { readonly delay: number };
    if (wait === 0) expect(delay).toBe(1);
    else expect(delay / wait).toBeGreaterThanOrEqual(1);
    expect(delay).toBeLessThanOrEqual(Math.max(1, wait * 1.1));
    leave.abort('enough');
    expect([503, 'enough']).toContain(wait === 0 ? ((await answer) as Response).status ?? 'enough' : await answer);
    if (wait > 0) expect(arrived).toHaveLength(1);
  });

  it('that holds all calls ends one that waits with its answer, whose body nobody has kept', async () => {
    const { origin, arrived } = await web(({ path }, response) => {
      response.writeHead(503, path === '/held' ? { 'retry-after': '3600' } : { 'x-a': 'b' }).end('busy');
    });
    const retry: RetryOptions = { backoff: constant(300), budget: false, retryIf: () => 'hold' };
    const fetch = resilientFetch({ pipeline: (name) => resiliencePipeline({ name, retry }) });
    const waiting = fetch(`${origin}/waits`);
    await expect.poll(() => fetch.pipelines.get(origin)!.parts.retry!.metrics().retries).toBe(1);
    expect((await fetch(`${origin}/held`)).status).toBe(503);
    const response = await waiting;
    expect([response.status, response.headers.get('x-a'), await response.text()]).toStrictEqual([503, 'b', '']);
    expect(arrived).toHaveLength(2);
  });

  it('that is too long ends the call with the answer', async () => {
    const { origin, arrived } = await web((_, response) => {
      response.statusCode = 429;
      response.setHeader('retry-after', '3600');
      response.end('tomorrow');
    });
    const response = await resilientFetch()(origin);
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toStrictEqual([429, '3600', 'tomorrow']);
    expect(arrived).toHaveLength(1);
  });

  it('is respected', async () => {
    const times: number[] = [];
    const { origin } = await web((_, response, count) => {
      times.push(performance.now());
      response.statusCode = count === 1 ? 503 : 200;
      response.setHeader('retry-after', '1');
      response.end();
    });
    expect((await resilientFetch()(origin)).status).toBe(200);
    expect(times[1]! - times[0]!).toBeGreaterThan(950);
  });
});
