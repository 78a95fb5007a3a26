import { describe, expect, it } from 'vitest';
import { DeadlineExceededError, type DeadlineFacts } from '../../src/core/deadline-exceeded-error.js';
import { Ending } from '../../src/core/ending.js';
import { type LoadSample, loadSampleOf } from '../../src/core/load-sample.js';

const { completed, cut, failed, left, lost } = Ending;
const deadline = (facts: Partial<DeadlineFacts> = {}): DeadlineExceededError =>
  new DeadlineExceededError('d', { started: true, budget: 10, shortened: false, stalled: false, hungAfter: 5, ran: 10, ...facts });

describe('what an ended call tells a limit', () => {
  it.each<[string, LoadSample, Ending, unknown, boolean, number]>([
    ['completion', 'latency', completed, undefined, true, 9],
    ['completion without a value', 'latency', completed, undefined, false, 9],
    ['an answer that is an error', 'latency', failed, { status: 404 }, false, 9],
    ['a consumer that left after a value', 'latency', left, undefined, true, 9],
    ['a consumer that left before one', undefined, left, undefined, false, 9],
    ['too many requests', 'dropped', failed, { status: 429 }, false, 1],
    ['a service that is not there', 'dropped', failed, { status: 503 }, false, 1],
    ['another failure of the server', undefined, failed, { status: 500 }, false, 1],
    ['a gateway that waited for too long', undefined, failed, { status: 504 }, false, 1],
    ['a network error', undefined, failed, Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), false, 1],
    ['a bug', undefined, failed, new TypeError('x'), false, 1],
    ['a deadline further out', 'dropped', cut, deadline(), false, 9],
    ['a deadline further out that left no fair time', undefined, cut, deadline(), false, 4],
    ['a deadline further out after a stall', undefined, cut, deadline({ stalled: true }), false, 9],
    ['a deadline further in', 'dropped', failed, deadline(), false, 9],
    ['a deadline further in that something carries', 'dropped', failed, { error: deadline() }, false, 9],
    ['a deadline further in that left no fair time', undefined, failed, deadline(), false, 4],
    ['a hedge that lost', undefined, lost, undefined, true, 9],
  ])('%s: %s', (_title, sample, ending, error, hasValue, ran) => {
    expect(loadSampleOf(ending, error, hasValue, ran)).toBe(sample);
  });
});
