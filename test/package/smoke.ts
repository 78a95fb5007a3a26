/**
 * What a user's first program does, with `library` and `rxjs` in scope: a call that works, one that fails and falls
 * back, one that an open circuit refuses. Prints what came out as one line of JSON.
 */
const program = `
const { attempt, bulkhead, circuitBreaker, fallbackToValue } = library;
const { isCircuitOpenError, loadShed, retryWithBackoff, withDeadline } = library;
const { lastValueFrom, throwError } = rxjs;
const pool = bulkhead(2, 4);
const breaker = circuitBreaker();
const retry = retryWithBackoff({ maxRetries: 0 });
const through = (source) => lastValueFrom(source.pipe(
  withDeadline(5000), pool, breaker, retry, loadShed('critical'), fallbackToValue('instead'),
));
const refusal = () => new Promise((resolve) => {
  const open = circuitBreaker({ initialState: 'open' });
  throwError(() => new Error('not called')).pipe(open).subscribe({ error: resolve });
});
const main = async () => {
  const works = await through(attempt(() => Promise.resolve('works')));
  const fails = await through(throwError(() => new Error('down')));
  const refused = isCircuitOpenError(await refusal());
  console.log(JSON.stringify({ works, fails, refused }));
};
main();
`;

/** What the program prints. */
export const printed = { works: 'works', fails: 'instead', refused: true };

export const esm = `import * as library from 'rxjs-resilience';\nimport * as rxjs from 'rxjs';\n${program}`;

export const commonJs = `const library = require('rxjs-resilience');\nconst rxjs = require('rxjs');\n${program}`;

/** Each copy refuses a call; each guard is asked about the other copy's error. */
export const twoCopies = `
import { createRequire } from 'node:module';
import { throwError } from 'rxjs';
import * as esm from 'rxjs-resilience';
const commonJs = createRequire(import.meta.url)('rxjs-resilience');
const refusal = ({ circuitBreaker }) => new Promise((resolve) => {
  const open = circuitBreaker({ initialState: 'open' });
  throwError(() => new Error('not called')).pipe(open).subscribe({ error: resolve });
});
const [a, b] = [await refusal(esm), await refusal(commonJs)];
console.log(JSON.stringify({
  separate: a.constructor !== b.constructor,
  esmKnowsCommonJs: esm.isCircuitOpenError(b),
  commonJsKnowsEsm: commonJs.isCircuitOpenError(a),
}));
`;

/** A test file of a Jest project that has no configuration. */
export const jestTest = `
const { firstValueFrom, of } = require('rxjs');
const { circuitBreaker } = require('rxjs-resilience');
test('a required operator works', async () => {
  await expect(firstValueFrom(of(1).pipe(circuitBreaker()))).resolves.toBe(1);
});
`;
