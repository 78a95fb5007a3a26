import { HttpErrorResponse, type HttpEvent, HttpEventType, HttpResponse } from '@angular/common/http';
import { asyncScheduler, type Observable, type Subscription } from 'rxjs';
import { marbles } from '../../src/testing/index.js';
import { application, type Application, type ApplicationOptions, type Backend } from './application.js';

/** What a test does in virtual time. */
export interface Time {
  /** Does something so many milliseconds from the start. */
  at(ms: number, act: () => void): void;
  /** Lets time run to its end. */
  flush(): void;
  app(backend: Backend, options?: ApplicationOptions): Application;
  /** Subscribes, and writes down what comes: `12 body`, `12 |`, `12 !503 CircuitOpenError`. */
  watch(source: Observable<unknown>): Watched;
}

export interface Watched {
  readonly log: readonly string[];
  readonly values: readonly unknown[];
  readonly error: unknown;
  readonly subscription: Subscription;
}

/** A test in virtual time, after which no call, timer, permit or waiter of a policy is left. */
export function inTime(body: (time: Time) => void): () => void {
  return marbles(({ flush }) => {
    const apps: Application[] = [];
    try {
      body({
        at: (ms, act) => void asyncScheduler.schedule(act, ms),
        flush,
        app: (backend, options) => {
          const app = application(backend, options);
          apps.push(app);
          return app;
        },
        watch,
      });
      flush();
    } finally {
      for (const app of apps) app.destroy();
    }
  });
}

function watch(source: Observable<unknown>): Watched {
  const log: string[] = [];
  const values: unknown[] = [];
  const note = (text: string): void => void log.push(`${asyncScheduler.now()} ${text}`);
  const watched: { -readonly [K in keyof Watched]: Watched[K] } = { log, values, error: undefined, subscription: undefined! };
  watched.subscription = source.subscribe({
    next: (value) => {
      values.push(value);
      note(described(value));
    },
    error: (error: unknown) => {
      watched.error = error;
      note(`!${describedError(error)}`);
    },
    complete: () => note('|'),
  });
  return watched;
}

function described(value: unknown): string {
  if (value instanceof HttpResponse) return `response ${value.status} ${text(value.body)}`;
  const { type } = Object(value) as Partial<HttpEvent<unknown>>;
  return type === undefined ? text(value) : HttpEventType[type];
}

function describedError(error: unknown): string {
  if (error instanceof HttpErrorResponse) return error.error instanceof Error ? `${error.status} ${error.statusText}` : `${error.status}`;
  return String((error as Error).name);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
