import type { WholeScenario } from './health-scenario.js';

export const wholeScenarios: readonly WholeScenario[] = [
  {
    title: 'the whole is as the worst of its required parts',
    parts: { a: 'u-g---d--u', b: 'u---?---g' },
    listeners: [{ from: '^', sees: 'u-g-?-d-dg' }],
  },
  {
    title: 'a part that is not required degrades the whole at most',
    parts: { a: 'u', b: { optional: 'u-d-g-u' } },
    listeners: [{ from: '^', sees: 'u-g-g-u' }],
  },
  {
    title: 'a part that is not required and unknown does nothing',
    parts: { a: 'u', b: { optional: '?-u-?' } },
    listeners: [{ from: '^', sees: 'u-u-u' }],
  },
  {
    title: 'a part that has not spoken yet is unknown, whether or not it will turn out to be required',
    parts: { a: 'u', b: { optional: '--u' } },
    listeners: [{ from: '^', sees: '?-u' }],
  },
  {
    title: 'a part that errors is down from then on',
    parts: { a: 'u--#', b: 'u' },
    listeners: [{ from: '^', sees: 'u--d' }],
  },
  {
    title: 'a part that completes stays as it was',
    parts: { a: 'g--|', b: 'u---d-u' },
    listeners: [{ from: '^', sees: 'g---d-g' }],
  },
  {
    title: 'without parts it is up',
    parts: {},
    listeners: [{ from: '^', sees: 'u' }],
  },
  {
    title: 'parts are listened to once for all subscribers, while there is one',
    parts: { a: 'u---d---u' },
    listeners: [
      { from: '-^---!', sees: '-u--d' },
      { from: '--^------!', sees: '--u-d---u' },
      { from: '----------^!', sees: '----------u' },
    ],
    runs: { a: ['-^-------!', '----------^!'] },
  },
];
