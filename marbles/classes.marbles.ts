import { BulkheadFullError } from '../src/bulkhead/bulkhead-full-error.js';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { CircuitOpenError } from '../src/circuit-breaker/circuit-open-error.js';
import { constant } from '../src/core/backoff.js';
import type { Classify } from '../src/core/classify.js';
import { DeadlineExceededError, type DeadlineFacts } from '../src/core/deadline-exceeded-error.js';
import { fallbackToValue } from '../src/fallback/fallback-to.js';
import { RetryExhaustedError } from '../src/retry/retry-exhausted-error.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { scenario, type Scenario } from './scenario.js';

/** What the three columns of the table of classes say of an error. */
interface Row {
  readonly breaker: 'failure' | 'success' | 'ignored';
  readonly retried: boolean;
  readonly fallback: boolean;
}

const transient: Row = { breaker: 'failure', retried: true, fallback: true };
const permanent: Row = { breaker: 'success', retried: false, fallback: false };
const refused: Row = { breaker: 'ignored', retried: false, fallback: true };
const aborted: Row = { breaker: 'ignored', retried: false, fallback: false };
const bug: Row = aborted;
/** The class of its cause, never retried. */
const exhausted = (row: Row): Row => ({ ...row, retried: false });

const withCode = (code: string, error: Error = new Error('x')): Error => Object.assign(error, { code });
const deadline = (facts: Partial<DeadlineFacts>): DeadlineExceededError =>
  new DeadlineExceededError('d', { started: true, budget: 5, shortened: false, stalled: false, hungAfter: 5, ran: 5, ...facts });
const full = new BulkheadFullError('b', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });
const open = new CircuitOpenError('c', { reason: 'open', retryAfter: 5 }, 0, deadline({}));
const gaveUp = (cause: unknown): RetryExhaustedError => new RetryExhaustedError('r', 3, 'attempts', cause);

const rows: readonly (readonly [string, unknown, Row])[] = [
  ...[0, 408, 425, 429, 500, 502, 503, 504].map((status) => [`HTTP ${status}`, { status }, transient] as const),
  ['a statusCode of 503', { statusCode: 503 }, transient],
  ['a response of 503', { response: { status: 503 } }, transient],
  ...[2, 4, 8, 10, 13, 14].map((code) => [`gRPC ${code}`, { code, metadata: {} }, transient] as const),
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', 'ENOTFOUND', 'UND_ERR_SOCKET'].map(
    (code) => [code, withCode(code), transient] as const,
  ),
  ['fetch without a network', new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') }), transient],
  ['fetch without a network, of a browser', new TypeError('Failed to fetch'), transient],
  ['an import without a network', new TypeError('Failed to fetch dynamically imported module: https://a/b.js'), transient],
  ['a SyntaxError', new SyntaxError('bad JSON'), transient],
  ['any other error', new Error('x'), transient],
  ['a text', 'x', transient],

  ['a deadline that left a fair time', deadline({}), transient],
  ['a deadline that left no fair time', deadline({ hungAfter: 6 }), { ...transient, breaker: 'ignored' }],
  ['a deadline that a blocked loop has passed', deadline({ stalled: true }), { ...transient, breaker: 'ignored' }],

  ...[400, 401, 403, 404, 409, 410, 422, 501, 505].map((status) => [`HTTP ${status}`, { status }, permanent] as const),
  ...[3, 5, 6, 7, 9, 11, 12, 15, 16].map((code) => [`gRPC ${code}`, { code, metadata: {} }, permanent] as const),

  ['a full bulkhead', full, refused],
  ['an open circuit, whose cause is a deadline', open, refused],
  ['a refusal that a response carries', { status: 0, error: full }, refused],
  ['a deadline that never started', deadline({ started: false }), refused],

  ['an exhausted retry of a 503', gaveUp({ status: 503 }), exhausted(transient)],
  ['an exhausted retry of a deadline that left no fair time', gaveUp(deadline({ hungAfter: 6 })), exhausted({ ...transient, breaker: 'ignored' })],
  ['an exhausted retry of a 404', gaveUp({ status: 404 }), exhausted(permanent)],
  ['an exhausted retry of a refusal', gaveUp(full), exhausted(refused)],

  ['an AbortError', new DOMException('left', 'AbortError'), aborted],
  ['gRPC CANCELLED', { code: 1, metadata: {} }, aborted],

  ['a TypeError', new TypeError('x is not a function'), bug],
  ['a ReferenceError', new ReferenceError('x'), bug],
  ['a RangeError', new RangeError('x'), bug],
  ['an EvalError', new EvalError('x'), bug],
  ['a wrong URL', new TypeError('Failed to parse URL', { cause: withCode('ERR_INVALID_URL', new TypeError('Invalid URL')) }), bug],
];

const counter = { success: 'successes', failure: 'failures', ignored: 'ignored' } as const;

/** Every row of the table of classes: what a breaker counts, whether it is tried again, whether a fallback answers. */
export const classScenarios: readonly Scenario[] = [
  ...rows.map(([title, fails, row]) => columns(`${title}: ${said(row)}`, fails, row, {})),
  columns('classify says otherwise: permanent', new Error('x'), permanent, { classify: () => 'permanent' }),
  columns('classify says otherwise: transient', { status: 404 }, transient, { classify: () => 'transient' }),
  columns('classify says otherwise: refused', new Error('x'), refused, { classify: () => 'refused' }),
  columns('classify says otherwise: aborted', new Error('x'), aborted, { classify: () => 'aborted' }),
  columns('classify says otherwise: bug', new Error('x'), bug, { classify: () => 'bug' }),
];

function said({ breaker, retried, fallback }: Row): string {
  return `${breaker}, ${retried ? '' : 'not '}retried, ${fallback ? '' : 'no '}fallback`;
}

function columns(title: string, fails: unknown, row: Row, options: { readonly classify?: Classify }): Scenario {
  const { breaker, retried, fallback } = row;
  return scenario({
    title,
    policies: () => ({
      breaker: circuitBreaker({ failureThreshold: 1, breakDuration: 1_000, ...options }),
      retry: retryWithBackoff(constant(2), { maxRetries: 1, budget: false, ...options }),
      fallback: fallbackToValue('instead', options),
    }),
    source: '     -#',
    fails,
    values: { f: 'instead' },
    pipe: (source, policies, { index }) =>
      source.pipe(index === 0 ? policies.breaker : index === 1 ? policies.retry : policies.fallback),
    calls: [
      { call: '  ^', sees: '-#' },
      { call: '  -----^', sees: retried ? '---------#' : '------#' },
      { call: '  ----------^', sees: fallback ? '-----------(f|)' : '-----------#' },
    ],
    subscriptions: ['^!', '-----^!', ...(retried ? ['--------^!'] : []), '----------^!'],
    states: { breaker: breaker === 'failure' ? 'co 999ms h' : 'c' },
    metrics: {
      breaker: { successes: 0, failures: 0, ignored: 0, [counter[breaker]]: 1 },
      retry: { calls: 1, retries: retried ? 1 : 0 },
      fallback: { calls: 1, used: fallback ? 1 : 0, failed: 0 },
    },
  });
}
