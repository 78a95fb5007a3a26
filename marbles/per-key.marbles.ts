import type { CircuitState } from 'rxjs-resilience';
import type { CircuitBreakerOptions } from '../src/circuit-breaker/breaker-options.js';
import type { PerKeyOptions } from '../src/registry/keyed-types.js';

/** A mark is a call of the key of that letter. One frame is a millisecond. */
export interface PerKeyRow {
  /** A sentence in the present tense. */
  readonly title: string;
  readonly options: PerKeyOptions;
  readonly breaker?: CircuitBreakerOptions;
  /** Of each try, outside of the policy of the key. */
  readonly deadline?: number;
  /** By key: what its dependency does. */
  readonly sources: Readonly<Record<string, string>>;
  readonly calls: string;
  /** `v` is a value, `F` a failure of the dependency, `R` a refusal, `E` an expired deadline. */
  readonly sees: string;
  /** When somebody looks at the keys, and what is there: `*` is the shared policy. */
  readonly look: string;
  readonly keys: readonly string[];
  readonly health?: string;
  /** After the last call. */
  readonly states?: Readonly<Record<string, CircuitState>>;
}

const fine = '(v|)';

export const perKeyRows: readonly PerKeyRow[] = [
  {
    title: 'a key whose breaker is not closed keeps its place, and another one gives it',
    options: { maxKeys: 1 },
    sources: { a: '#', b: fine, c: fine },
    calls: '-a-bac|',
    sees: ' -F-vRv|',
    look: ' --x-x-x|',
    keys: ['a', 'ab', 'ac'],
    health: 'ud-g',
    states: { c: 'closed' },
  },
  {
    title: 'a deadline further out tells the breaker of its key that it was not the consumer who left',
    options: {},
    deadline: 4,
    sources: { a: '--------', b: '--v|' },
    calls: '-ab|',
    sees: ' ----v(E|)',
    look: ' ------x|',
    keys: ['ab'],
    health: 'u----g',
    states: { b: 'closed' },
  },
  {
    title: 'a key is kept until its last call has ended idleAfter ago',
    options: { idleAfter: 5 },
    sources: { a: '--v|', b: fine },
    calls: '-a------b|',
    sees: ' ---v----v|',
    look: ' ---------x|',
    keys: ['ab'],
  },
  {
    title: 'a key leaves with the next call from then on',
    options: { idleAfter: 5 },
    sources: { a: '--v|', b: fine },
    calls: '-a-------b|',
    sees: ' ---v-----v|',
    look: ' --------x-x|',
    keys: ['a', 'b'],
  },
  {
    title: 'where every key is in use, a further one shares a policy until there is a place',
    options: { maxKeys: 1 },
    sources: { a: '----|', b: '----|', c: '----|' },
    calls: '-abc---c|',
    sees: ' -----------|',
    look: ' ----x---x|',
    keys: ['ab*', 'c*'],
    health: 'u',
  },
  {
    title: 'at maxOpenShare a further breaker stays closed, and its calls reach the dependency',
    options: { maxOpenShare: 0.5 },
    sources: { a: '#', b: '#' },
    calls: '-a-bab|',
    sees: ' -F-FRF|',
    look: ' ------x|',
    keys: ['ab'],
    health: 'ud-g',
    states: { b: 'closed' },
  },
];
