import { describe, expect, it } from 'vitest';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { Deadline, runInContext } from '../../src/index.js';
import { thrownBy } from '../thrown.js';
import { web } from './servers.js';

/** Everything that a log could show of an error. */
const toldBy = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return String(error);
  const own = Object.getOwnPropertyNames(error).map((name) => (error as Record<string, unknown>)[name]);
  return own.map((value) => (typeof value === 'object' ? toldBy(value) : String(value))).join('\n');
};

const secret = 'hunter2';

describe('credentials in a URL are in no error', () => {
  const fetch = resilientFetch();

  it.each([
    `http://user:${secret}@127.0.0.1:9/`,
    `http://user:${secret}@127.0.0.1:9/?a#b`,
    `http:user:${secret}@127.0.0.1:9`,
    `http:\\\\user:${secret}@127.0.0.1:9`,
    `http://:${secret}@127.0.0.1:9`,
    `http://user:a@${secret}@127.0.0.1:9`,
    `http://user:${secret} @127.0.0.1:9`,
    `http://user:${secret}@[::`,
    `//user:${secret}@a.example/`,
  ])('%s', async (url) => {
    const error: unknown = await fetch(url).catch((thrown: unknown) => thrown);
    // As the platform refuses it.
    const platform: unknown = await globalThis.fetch(url).catch((thrown: unknown) => thrown);
    expect(platform).toBeInstanceOf(TypeError);
    expect(error).toBeInstanceOf(TypeError);
    expect(toldBy(platform)).toContain(secret);
    expect(toldBy(error)).not.toContain(secret);
    expect((platform as Error).message.startsWith((error as Error).message)).toBe(true);
  });

  it('other refusals say what the platform says', async () => {
    const url = 'https://a.example/users/@me';
    const init = { headers: { 'a b': 'c' } };
    const error: unknown = await fetch(url, init).catch((thrown: unknown) => thrown);
    const platform: unknown = await globalThis.fetch(url, init).catch((thrown: unknown) => thrown);
    expect(error).toStrictEqual(platform);
  });

  it('an address to which an answer redirects', async () => {
    for (const location of [`http://user:${secret}@127.0.0.1:9/`, `//${secret}@127.0.0.1:9/`, `http://user:${secret}@[::`]) {
      const { origin } = await web((_, response) => response.writeHead(302, { location }).end());
      const say = (options: object) =>
        runInContext({ deadline: Deadline.after(3_000) }, () => resilientFetch(options)(origin).catch((error: unknown) => error));
      const platform = await say({});
      const ours = await say({ propagateTo: [origin] });
      expect(ours).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
      expect(platform).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
      expect(toldBy(ours)).not.toContain(secret);
    }
  });

  it('an option that is refused', () => {
    const given = `https://user:${secret}@a.example`;
    for (const options of [{ propagateTo: [given] }, { propagateTo: given }, { until: given }, { key: given }]) {
      expect(toldBy(thrownBy(() => resilientFetch(options as never)))).not.toContain(secret);
    }
  });
});
