import { of } from 'rxjs';
import { fallbackTo, fallbackToValue } from '../src/fallback/fallback-to.js';
import { fallbackToLast } from '../src/fallback/fallback-to-last.js';
import { lastValues } from '../src/fallback/last-values.js';
import { scenario, type Scenario } from './scenario.js';

const missing = { status: 404 };
const values = { a: 'a', b: 'b', f: 'instead' };

export const fallbackScenarios: readonly Scenario[] = [
  scenario({
    title: 'a call that ends well needs no fallback',
    policies: () => ({ fallback: fallbackToValue('instead') }),
    source: '        -a-b|',
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-a-b|' }],
    subscriptions: ['^---!'],
    metrics: { fallback: { calls: 1, used: 0, failed: 0 } },
  }),
  scenario({
    title: 'a value answers what failed, after the values that came before',
    policies: () => ({ fallback: fallbackToValue('instead') }),
    source: '        -a-#',
    values,
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-a-(f|)' }],
    subscriptions: ['^--!'],
    metrics: { fallback: { calls: 1, used: 1, failed: 0 } },
  }),
  scenario({
    title: 'a function makes the value from the error and the context',
    policies: () => ({ fallback: fallbackToValue((error, { attempt }) => `${(error as Error).message} ${attempt}`) }),
    source: '        -#',
    values: { f: 'down 1' },
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-(f|)' }],
    subscriptions: ['^!'],
  }),
  scenario({
    title: 'another source goes on, and is left with the consumer',
    policies: () => ({ fallback: fallbackTo(() => of('instead')) }),
    source: ['        -#', '--b-----'],
    values,
    pipe: (source) => source.pipe(fallbackTo(() => source)),
    calls: [{ call: '^----!', sees: '---b' }],
    subscriptions: ['^!', '-^---!'],
  }),
  scenario({
    title: 'what is permanent, aborted or a bug passes, and no fallback hides it',
    policies: () => ({ fallback: fallbackToValue('instead') }),
    source: '        -#',
    fails: missing,
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { fallback: { calls: 1, used: 0 } },
  }),
  scenario({
    title: 'when decides otherwise for those who mean it',
    policies: () => ({ fallback: fallbackToValue('instead', { when: () => true }) }),
    source: '        -#',
    fails: missing,
    values,
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-(f|)' }],
    subscriptions: ['^!'],
  }),
  scenario({
    title: 'classify decides what kind of error it is',
    policies: () => ({ fallback: fallbackToValue('instead', { classify: () => 'permanent' }) }),
    source: '        -#',
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-#' }],
    subscriptions: ['^!'],
  }),
  scenario({
    title: 'a chain goes on with the next where the first fails too',
    policies: () => ({ first: fallbackTo(() => of('x')), second: fallbackToValue('instead') }),
    source: ['        -#', '-#'],
    values,
    pipe: (source, { second }) => source.pipe(fallbackTo(() => source), second),
    calls: [{ call: '^----', sees: '--(f|)' }],
    subscriptions: ['^!', '-^!'],
    metrics: { second: { used: 1 } },
  }),
  scenario({
    title: 'the own error of the fallback goes downstream unchanged',
    policies: () => ({
      fallback: fallbackTo(() => {
        throw missing;
      }),
    }),
    source: '        -#',
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-#', error: missing }],
    subscriptions: ['^!'],
  }),
  scenario({
    title: 'a predicate that throws ends the call with its error',
    policies: () => ({
      fallback: fallbackToValue('instead', {
        when: () => {
          throw missing;
        },
      }),
    }),
    source: '        -#',
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-#', error: missing }],
    subscriptions: ['^!'],
    metrics: { fallback: { used: 0 } },
  }),
  scenario({
    title: 'health is degraded from its use until the next call that did not need it',
    policies: () => ({ fallback: fallbackToValue('instead') }),
    source: ['        -#', '-a|'],
    values,
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [
      { call: '^----', sees: '-(f|)' },
      { call: '----^----', sees: '-----a|' },
    ],
    subscriptions: ['^!', '----^-!'],
    health: { fallback: 'ug----u' },
  }),
  scenario({
    title: 'a call that is left after a value did not need it either',
    policies: () => ({ fallback: fallbackToValue('instead') }),
    source: ['        -#', '-a-----', '-------'],
    values,
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [
      { call: '^----', sees: '-(f|)' },
      { call: '---^-!-', sees: '----a--' },
    ],
    subscriptions: ['^!', '---^-!'],
    health: { fallback: 'ug---u' },
  }),
  scenario({
    title: 'in shadow mode the use is counted and the error passes',
    policies: () => ({ fallback: fallbackToValue('instead', { mode: 'shadow' }) }),
    source: '        -#',
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { fallback: { calls: 1, used: 1 } },
  }),
  scenario({
    title: 'disabled, it neither answers nor counts',
    policies: () => ({ fallback: fallbackToValue('instead', { mode: 'disabled' }) }),
    source: '        -#',
    pipe: (source, { fallback }) => source.pipe(fallback),
    calls: [{ call: '^----', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { fallback: { calls: 0, used: 0 } },
  }),
  ...lastScenarios(),
];

function lastScenarios(): readonly Scenario[] {
  return [
    scenario({
      title: 'the last good value of its key stands in, and never that of another',
      policies: () => ({ fallback: fallbackToValue('unused') }),
      source: ['        (a|)', '-#', '-#'],
      pipe: keyedPipe(1_000, ['mine', 'mine', 'theirs']),
      calls: [
        { call: '^---------', sees: '(a|)' },
        { call: '--^-------', sees: '---(a|)' },
        { call: '------^---', sees: '-------#' },
      ],
      subscriptions: ['(^!)', '--^!', '------^!'],
    }),
    scenario({
      title: 'the last good value stands in up to its greatest age and not a millisecond longer',
      policies: () => ({ fallback: fallbackToValue('unused') }),
      source: ['        (a|)', '-#'],
      pipe: keyedPipe(3, ['mine']),
      calls: [
        { call: '^---------', sees: '(a|)' },
        { call: '--^-------', sees: '---(a|)' },
        { call: '---^------', sees: '----#' },
      ],
      subscriptions: ['(^!)', '--^!', '---^!'],
    }),
    scenario({
      title: 'nothing is stored or served for a key that is not there',
      policies: () => ({ fallback: fallbackToValue('unused') }),
      source: ['        (a|)', '-#'],
      pipe: keyedPipe(1_000, [undefined]),
      calls: [
        { call: '^---------', sees: '(a|)' },
        { call: '--^-------', sees: '---#' },
      ],
      subscriptions: ['(^!)', '--^!'],
    }),
    scenario({
      title: 'a call that was left after a value has been good, one that failed after a value has not',
      policies: () => ({ fallback: fallbackToValue('unused') }),
      source: ['        a-----', 'b-#', '-#'],
      pipe: keyedPipe(1_000, ['mine']),
      calls: [
        { call: '^-!', sees: 'a--' },
        { call: '---^------', sees: '---b-(a|)' },
        { call: '--------^-', sees: '---------(a|)' },
      ],
      subscriptions: ['^-!', '---^-!', '--------^!'],
    }),
  ];
}

function keyedPipe(maxAge: number, keys: readonly (string | undefined)[]): Scenario['pipe'] {
  let last = lastValues({ maxAge });
  return (source, _policies, { index }) => {
    if (index === 0) last = lastValues({ maxAge });
    return source.pipe(fallbackToLast(last, keys[index % keys.length]));
  };
}

