import { config } from 'rxjs';
import { afterEach, beforeEach } from 'vitest';

/** What RxJS reports as handled by nobody in the test that runs, for all tests of the file. */
export function collectReported(): readonly unknown[] {
  const reported: unknown[] = [];
  beforeEach(() => {
    reported.length = 0;
    config.onUnhandledError = (error) => reported.push(error);
  });
  afterEach(() => {
    config.onUnhandledError = null;
  });
  return reported;
}
