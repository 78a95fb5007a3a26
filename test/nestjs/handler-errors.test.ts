import { HttpException } from '@nestjs/common';
import { CanceledError } from 'axios';
import { describe, expect, it } from 'vitest';
import { classify } from '../../src/index.js';
import { asAnswer, asShown } from '../../src/nestjs/handler-errors.js';

describe('the error of a handler', () => {
  it.each([400, 408, 425, 429, 499])('is an answer with a status of %i', (status) => {
    expect(classify(asAnswer(new HttpException('x', status)))).toBe('permanent');
  });

  it.each([500, 503])('is what it is with a status of %i', (status) => {
    const error = new HttpException('x', status);
    expect(asAnswer(error)).toBe(error);
  });

  it.each([['of the platform', new DOMException('x', 'AbortError')], ['of axios', new CanceledError()]])('is nothing to report where its caller has left: %s', (_title, error) => {
    expect(asShown(error, AbortSignal.abort())).toMatchObject({ status: 499 });
    expect(asShown(error, new AbortController().signal)).toBe(error);
    expect(asShown(error, undefined)).toBe(error);
  });

  it('is shown where its caller has left and it says something else', () => {
    const error = new Error('x');
    expect(asShown(error, AbortSignal.abort())).toBe(error);
  });
});
