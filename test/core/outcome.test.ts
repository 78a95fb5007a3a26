import { describe, expect, it } from 'vitest';
import { classify } from '../../src/core/classify.js';
import { DeadlineExceededError, type DeadlineFacts } from '../../src/core/deadline-exceeded-error.js';
import { Ending } from '../../src/core/ending.js';
import { type Outcome, outcomeOf } from '../../src/core/outcome.js';

interface Call {
  readonly ending: Ending;
  readonly error?: unknown;
  readonly hasValue?: boolean;
  readonly waits?: boolean;
  readonly ran?: number;
  readonly hungAfter?: number;
}

const { completed, cut, failed, left, lost } = Ending;
const deadline = (facts: Partial<DeadlineFacts> = {}): DeadlineExceededError =>
  new DeadlineExceededError('d', { started: true, budget: 10, shortened: false, stalled: false, hungAfter: 5, ran: 10, ...facts });

const rows: readonly (readonly [string, Call, Outcome])[] = [
  ['completion', { ending: completed, hasValue: true }, 'success'],
  ['completion without a value', { ending: completed }, 'success'],

  ['a transient error', { ending: failed, error: { status: 503 } }, 'failure'],
  ['a transient error after a value', { ending: failed, error: { status: 503 }, hasValue: true }, 'failure'],
  ['a transient error long before hungAfter', { ending: failed, error: { status: 503 }, ran: 0, hungAfter: 50 }, 'failure'],
  ['a permanent error', { ending: failed, error: { status: 404 } }, 'success'],
  ['an aborted call', { ending: failed, error: new DOMException('x', 'AbortError') }, 'ignored'],
  ['a bug', { ending: failed, error: new TypeError('x') }, 'ignored'],

  ['a deadline further in: its own word', { ending: failed, error: deadline() }, 'failure'],
  ['a deadline further in: no fair time', { ending: failed, error: deadline({ hungAfter: 11 }) }, 'ignored'],
  ['a deadline further in: received', { ending: failed, error: deadline({ hungAfter: Infinity }) }, 'ignored'],
  ['a deadline further in: what was measured goes first', { ending: failed, error: deadline(), ran: 4 }, 'ignored'],
  ['a deadline further in: the own setting goes first', { ending: failed, error: deadline(), hungAfter: 11 }, 'ignored'],
  ['a deadline further in: both', { ending: failed, error: deadline(), hungAfter: 3, ran: 3 }, 'failure'],
  ['a deadline further in: never started', { ending: failed, error: deadline({ started: false }), hungAfter: 0 }, 'ignored'],
  ['a deadline further in: stalled', { ending: failed, error: deadline({ stalled: true }), hungAfter: 0 }, 'ignored'],
  ['a deadline that something carries', { ending: failed, error: { status: 0, error: deadline({ hungAfter: 11 }) } }, 'ignored'],
  ['a deadline that something was caused by', { ending: failed, error: new Error('x', { cause: deadline() }) }, 'failure'],

  ['a deadline further out', { ending: cut, error: deadline() }, 'failure'],
  ['a deadline further out, after a value', { ending: cut, error: deadline(), hasValue: true }, 'failure'],
  ['a deadline further out, at hungAfter', { ending: cut, error: deadline(), ran: 5 }, 'failure'],
  ['a deadline further out, a millisecond before hungAfter', { ending: cut, error: deadline(), ran: 4 }, 'ignored'],
  ['a deadline further out, received', { ending: cut, error: deadline({ hungAfter: Infinity }) }, 'ignored'],
  ['a deadline further out, received, by the own setting', { ending: cut, error: deadline({ hungAfter: Infinity }), hungAfter: 10 }, 'failure'],
  ['a deadline further out, of 0 as setting', { ending: cut, error: deadline(), ran: 0, hungAfter: 0 }, 'failure'],
  ['a deadline further out, stalled', { ending: cut, error: deadline({ stalled: true }), hungAfter: 0 }, 'ignored'],

  ['a consumer that left after a value', { ending: left, hasValue: true }, 'success'],
  ['a consumer that left after a value, though it hung', { ending: left, hasValue: true, ran: 9, hungAfter: 5 }, 'success'],
  ['a consumer that left', { ending: left }, 'abandoned'],
  ['a consumer that left, with nothing set', { ending: left, ran: 99_999 }, 'abandoned'],
  ['a consumer that left at hungAfter', { ending: left, ran: 5, hungAfter: 5 }, 'failure'],
  ['a consumer that left a millisecond before hungAfter', { ending: left, ran: 4, hungAfter: 5 }, 'abandoned'],
  ['a consumer that left at once, with 0 set', { ending: left, ran: 0, hungAfter: 0 }, 'failure'],

  ['a hedge that lost', { ending: lost }, 'ignored'],
  ['a hedge that lost after a value', { ending: lost, hasValue: true, ran: 9, hungAfter: 5 }, 'ignored'],

  ...Object.entries(Ending).map(
    ([name, ending]) =>
      [`a wait that ends: ${name}`, { ending, error: deadline(), hasValue: true, waits: true, ran: 9, hungAfter: 5 }, 'ignored'] as const,
  ),
];

describe('outcomeOf', () => {
  it.each(rows)('takes %s', (_title, { ending, error, hasValue = false, waits = false, ran, hungAfter }, expected) => {
    expect(outcomeOf(ending, error, hasValue, waits, classify, ran, hungAfter)).toBe(expected);
  });

  it('asks the given classification for errors alone', () => {
    const asked: unknown[] = [];
    const refused = (error: unknown): 'refused' => {
      asked.push(error);
      return 'refused';
    };
    for (const ending of Object.values(Ending)) outcomeOf(ending, deadline(), false, false, refused, undefined, undefined);
    expect(asked).toHaveLength(1);
    expect(outcomeOf(failed, 'x', false, false, refused, undefined, undefined)).toBe('ignored');
  });
});
