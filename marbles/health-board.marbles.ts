import type { BoardScenario } from './health-scenario.js';

export const boardScenarios: readonly BoardScenario[] = [
  {
    title: 'startup gates readiness: unknown until it has passed, whatever the parts say',
    startup: '?---u',
    ready: 'd-----u',
    listeners: [{ kind: 'ready', from: '^ 9ms !', sees: '?---d-u' }],
    runs: { startup: ['^---!'], ready: ['----^ 5ms !'] },
  },
  {
    title: 'startup passes once, degraded is enough, and is not asked again',
    startup: 'd--g--d',
    ready: 'u',
    listeners: [
      { kind: 'startup', from: '^ 9ms !', sees: 'd--g' },
      { kind: 'ready', from: '^ 9ms !', sees: '?--u' },
    ],
    runs: { startup: ['^--!'] },
  },
  {
    title: 'a startup that has not passed goes on where it was when somebody looks again',
    startup: '?---u',
    listeners: [
      { kind: 'ready', from: '^-!', sees: '?' },
      { kind: 'ready', from: '------^!', sees: '------u' },
      { kind: 'startup', from: '--------^!', sees: '--------u' },
    ],
    runs: { startup: ['^-!', '------(^!)'] },
  },
  {
    title: 'startup gates deep',
    startup: '?--u',
    deep: 'd',
    listeners: [{ kind: 'deep', from: '^ 9ms !', sees: '?--d' }],
    runs: { deep: ['---^ 6ms !'] },
  },
  {
    title: 'liveness is up whatever startup and readiness say',
    startup: 'd-----?',
    ready: 'd',
    listeners: [{ kind: 'live', from: '^ 9ms !', sees: 'u' }],
  },
  {
    title: 'a heartbeat counts for liveness from when startup has passed',
    startup: '? 9ms u',
    beats: { within: 5, marks: '-' },
    listeners: [{ kind: 'live', from: '^ 24ms !', sees: 'u 9ms u----d' }],
  },
  {
    title: 'liveness is down when the loop has stopped, and up when it beats again',
    beats: { within: 5, marks: '--x--x-------x' },
    listeners: [{ kind: 'live', from: '^ 16ms !', sees: 'u 9ms d--u' }],
  },
  {
    title: 'drain turns readiness down at once and for good, and keeps liveness up',
    ready: 'u-----d---u',
    drain: '----x-----x',
    listeners: [
      { kind: 'ready', from: '^ 14ms !', sees: 'u---d-d---d' },
      { kind: 'live', from: '^ 14ms !', sees: 'u' },
      { kind: 'startup', from: '^ 14ms !', sees: 'u' },
    ],
  },
  {
    title: 'a process that drains before it has started is not ready either',
    startup: '?---u',
    drain: '--x',
    listeners: [
      { kind: 'ready', from: '^ 9ms !', sees: '?-d-d' },
      { kind: 'startup', from: '^ 9ms !', sees: '?---u' },
    ],
  },
  {
    title: 'a drain that nobody has seen is there for the next one',
    ready: 'u',
    drain: '--x',
    listeners: [{ kind: 'ready', from: '----^!', sees: '----d' }],
  },
  {
    title: 'deep asks its parts at most once for each deepEvery, whoever comes and goes',
    deep: 'u----d-----u',
    deepEvery: 10,
    listeners: [
      { kind: 'deep', from: '^!', sees: 'u' },
      { kind: 'deep', from: '--^!', sees: '--u' },
      { kind: 'deep', from: '------^!', sees: '------u' },
      { kind: 'deep', from: '---------------^!', sees: '---------------u' },
    ],
    runs: { deep: ['^!', '---------------^!'] },
  },
  {
    title: 'deep follows its parts for as long as somebody listens',
    deep: 'u----d-----u',
    deepEvery: 4,
    listeners: [{ kind: 'deep', from: '^ 13ms !', sees: 'u----d-----u' }],
    runs: { deep: ['^ 13ms !'] },
  },
  {
    title: 'dispose completes all four, and leaves the parts',
    startup: 'u',
    ready: 'u',
    deep: 'u',
    dispose: '---x',
    listeners: [
      { kind: 'live', from: '^', sees: 'u--|' },
      { kind: 'startup', from: '^', sees: 'u--|' },
      { kind: 'ready', from: '^', sees: 'u--|' },
      { kind: 'deep', from: '^', sees: 'u--|' },
      { kind: 'ready', from: '-----^', sees: '-----(u|)' },
    ],
    runs: { startup: ['(^!)'], ready: ['^--!'], deep: ['^--!'] },
  },
];
