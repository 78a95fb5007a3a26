import { describe, expect, it } from 'vitest';
import type { PoliciesMessage } from '../../src/node/stream-messages.js';
import { demoProgram } from './child.js';

describe('npm run demo -- --serve', () => {
  const start = demoProgram('docs/demo/main.ts');

  it('prints the address of its dashboard, serves page and stream there, and ends by Ctrl-C with 0', async () => {
    const { ended, said, interrupt } = start('--serve');
    const [, url] = await said(/Dashboard: (http:\/\/127\.0\.0\.1:\d+\/health\/dashboard)\n/);
    const page = await fetch(url!);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(await page.text()).toMatch(/^<!doctype html>/);

    const left = new AbortController();
    const stream = await fetch(new URL('stream', url), { signal: left.signal });
    let text = '';
    for await (const chunk of stream.body!) {
      text += Buffer.from(chunk).toString();
      if (/event: policies\ndata: .*\n\n/.test(text)) break;
    }
    left.abort();
    const { policies, whole, control } = JSON.parse(/event: policies\ndata: (.*)\n\n/.exec(text)![1]!) as PoliciesMessage;
    expect([whole, control]).toStrictEqual([true, true]);
    const named = policies.map(({ kind, policy }) => `${kind} ${policy}`);
    for (const name of ['payments', 'inventory']) {
      expect(named).toEqual(expect.arrayContaining(['circuitBreaker', 'bulkhead', 'retry', 'loadShed', 'deadline'].map((kind) => `${kind} ${name}`)));
    }

    // Another page of this machine's browser presses no button.
    const headers = { 'content-type': 'application/json', 'x-requested-with': 'rxjs-resilience', origin: 'http://elsewhere.example' };
    const pressed = await fetch(new URL('policies/payments/isolate', url), { method: 'POST', headers, body: '{}' });
    expect(pressed.status).toBe(403);

    // A dashboard that is open does not hold it up.
    const watching = await fetch(new URL('stream', url));
    interrupt();
    interrupt();
    expect(await ended).toBe(0);
    await watching.body?.cancel().catch(() => undefined);
  }, 20_000);

  it.each([
    [['--port', '80'], '--port needs --serve.'],
    [['--serve', '--port', 'x'], '--port must be a number from 0 to 65535, got x.'],
    [['--serve', '--port', '70000'], '--port must be a number from 0 to 65535, got 70000.'],
    [['--json', '--serve'], '--json and --serve do not go together.'],
    [['--unheard-of'], 'unheard-of'],
  ])('refuses %j', async (args, said) => {
    const { ended, output } = start(...args);
    expect(await ended).toBe(2);
    expect(output()).toContain(said);
    expect(output()).toContain('The demo takes --json');
  });
});
