import '@angular/compiler';
import { NEVER, type Observable } from 'rxjs';
import type { HttpEvent } from '@angular/common/http';
import { describe, expect, it } from 'vitest';
import { constant, resiliencePipeline } from '../../src/index.js';
import { answers, failing } from './application.js';
import { inTime } from './in-time.js';

const retry = { backoff: constant(1), maxRetries: 2 };

describe('a retry of this library around a request', () => {
  it.each<[string, Observable<HttpEvent<unknown>>]>([
    ['tries that have expired', NEVER],
    ['answers that are failures', failing(503)],
  ])('does not try again what the pipeline has given up on: %s', (_title, backend$) => {
    inTime(({ app, flush, watch }) => {
      const backend = answers(backend$);
      const { http } = app(backend, { resilience: { pipeline: (name) => resiliencePipeline({ name, attemptDeadline: 10, retry }) } });
      watch(http.get('/x').pipe(resiliencePipeline({ name: 'outer', retry })));
      flush();
      expect(backend.count).toBe(3);
    })();
  });
});
