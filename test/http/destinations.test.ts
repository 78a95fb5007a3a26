import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDestinations } from '../../src/http/destinations.js';

const page = 'https://app.example/orders';
const isOwn = readDestinations('propagateTo', ['https://app.example', 'https://api.example:8443/', 'http://localhost:80']);
const goesTo = (url: string): boolean => isOwn(new URL(url, page));

describe('destinations', () => {
  it.each([
    'https://app.example/x',
    'https://app.example:443/x',
    'HTTPS://APP.EXAMPLE',
    '/relative',
    'also/relative',
    '//app.example/x',
    'https://user:secret@app.example/x',
    'https://api.example:8443/orders?to=https://evil.example',
    'http://localhost/x',
  ])('know %s', (url) => expect(goesTo(url)).toBe(true));

  it.each([
    '//evil.example/x',
    'https://app.example@evil.example',
    'https://app.example.evil.example/x',
    'https://evil.example/https://app.example',
    'https://evil.example#https://app.example',
    'http://app.example/x',
    'https://app.example:8443/x',
    'https://api.example/x',
    '\\\\evil.example\\x',
    'https:\\\\evil.example',
    'data:text/plain,x',
    'blob:https://evil.example/1',
  ])('do not know %s', (url) => expect(goesTo(url)).toBe(false));

  it('are what a function says, and nothing but yes or no', () => {
    expect(readDestinations('propagateTo', (url: URL) => (url.pathname === '/x' ? 'yes' : ''))(new URL('https://a/x'))).toBe(true);
    expect(readDestinations('propagateTo', () => undefined)(new URL('https://a/x'))).toBe(false);
  });

  it('are nobody where the list is empty', () => {
    const isOne = readDestinations('propagateTo', []);
    fc.assert(fc.property(fc.webUrl(), (url) => !isOne(new URL(url))));
  });

  it.each([
    ['app.example'],
    ['https://app.example/path'],
    ['https://app.example?x=1'],
    ['https://user@app.example'],
    ['https://app.example#x'],
    ['data:text/plain,x'],
    ['*'],
    [''],
    [undefined],
    [42],
  ])('refuse %s in a list', (origin) => {
    expect(() => readDestinations('propagateTo', [origin])).toThrow(/^propagateTo must be origins such as 'https:\/\/api.example', got /);
  });

  it.each(['https://app.example', undefined, null, {}, 1])('refuse %s', (given) => {
    expect(() => readDestinations('propagateTo', given)).toThrow(/^propagateTo must be a list of origins or a function, got /);
  });
});
