import type { CheckScenario } from './health-scenario.js';

const each = { every: 10, timeout: 4 };
const often = { every: 10, timeout: 4, failAfter: 1, recoverAfter: 1 };

export const checkScenarios: readonly CheckScenario[] = [
  {
    title: 'unknown at first, and as the first result says from then on',
    options: each,
    probes: ['--u'],
    listeners: [{ from: '^ 24ms !', sees: '?-u' }],
    asks: ['^-!', '10ms ^-!', '20ms ^-!'],
  },
  {
    title: 'the first result decides at once, also when it is bad',
    options: each,
    probes: ['-#', '-u'],
    listeners: [{ from: '^ 24ms !', sees: '?d 19ms u' }],
    asks: ['^!', '10ms ^!', '20ms ^!'],
  },
  {
    title: 'a result that is there at once comes after unknown, in the same moment',
    options: each,
    probes: ['u'],
    listeners: [{ from: '^ 4ms !', sees: '(?u)' }],
    asks: ['(^!)'],
  },
  {
    title: 'hysteresis: one bad result is not believed',
    options: each,
    probes: ['-u', '-#', '-u'],
    listeners: [{ from: '^ 34ms !', sees: '?u' }],
    asks: ['^!', '10ms ^!', '20ms ^!', '30ms ^!'],
  },
  {
    title: 'hysteresis: failAfter bad results in a row are, and recoverAfter good ones',
    options: { every: 5, timeout: 4, failAfter: 2, recoverAfter: 3 },
    probes: ['-u', '-#', '-#', '-u', '-u', '-#', '-u'],
    listeners: [{ from: '^ 43ms !', sees: '?u 9ms d 29ms u' }],
    asks: ['^!', ...[5, 10, 15, 20, 25, 30, 35, 40].map((at) => `${at}ms ^!`)],
  },
  {
    title: 'hysteresis: degraded and down in a row are degraded, for both say at least that',
    options: each,
    probes: ['-u', '-g', '-d', '-d', '-u', '-g', '-u', '-u'],
    listeners: [{ from: '^ 74ms !', sees: '?u 19ms g 9ms d 19ms g 19ms u' }],
    asks: ['^!', '10ms ^!', '20ms ^!', '30ms ^!', '40ms ^!', '50ms ^!', '60ms ^!', '70ms ^!'],
  },
  {
    title: 'timeout: a probe that hangs is given up, and counts as down',
    options: each,
    probes: ['-u', '-', '-'],
    listeners: [{ from: '^ 29ms !', sees: '?u 22ms d' }],
    asks: ['^!', '10ms ^---!', '20ms ^---!'],
  },
  {
    title: 'one probe at a time: where they take longer than the interval, the next begins when one ends',
    options: { every: 10, timeout: 15 },
    probes: ['------------u'],
    listeners: [{ from: '^ 29ms !', sees: '? 11ms u' }],
    asks: ['^ 11ms !', '12ms ^ 11ms !', '24ms ^-----!'],
  },
  {
    title: 'one probe serves all subscribers, and a late one sees the present',
    options: each,
    probes: ['--u'],
    listeners: [
      { from: '^ 14ms !', sees: '?-u' },
      { from: '-^ 14ms !', sees: '-?u' },
      { from: '-----^ 14ms !', sees: '-----u' },
    ],
    asks: ['^-!', '10ms ^-!'],
  },
  {
    title: 'with the last subscriber the probe is left, and the next one’s comes at once',
    options: each,
    probes: ['--u'],
    listeners: [
      { from: '^!', sees: '?' },
      { from: '-----^ 4ms !', sees: '-----?-u' },
    ],
    asks: ['^!', '-----^-!'],
  },
  {
    title: 'who comes back soon sees the last result, and asks no more often than before',
    options: each,
    probes: ['-u'],
    listeners: [
      { from: '^---!', sees: '?u' },
      { from: '------^ 9ms !', sees: '------u' },
    ],
    asks: ['^!', '10ms ^!'],
  },
  {
    title: 'a result older than staleAfter is unknown, and the next one decides at once',
    options: each,
    probes: ['-u', '-d'],
    listeners: [
      { from: '^---!', sees: '?u' },
      { from: '30ms ^!', sees: '30ms u' },
      { from: '35ms ^--!', sees: '35ms ?d' },
    ],
    asks: ['^!', '30ms ^!', '35ms ^!'],
  },
  {
    title: 'while a probe takes too long, what was known gets stale',
    options: { every: 10, timeout: 30, staleAfter: 20 },
    probes: ['-u', '-'],
    listeners: [{ from: '^ 44ms !', sees: '?u 19ms ? 18ms d' }],
    asks: ['^!', '10ms ^ 29ms !', '40ms ^----!'],
  },
  {
    title: 'flapping: more than four changes show the worse until it is calm',
    options: { ...often, every: 5 },
    probes: ['u', 'd', 'u', 'd', 'u', 'd', 'u'],
    listeners: [{ from: '^ 58ms !', sees: '(?u)-d----u----d----u----d 29ms u' }],
    asks: ['(^!)', ...[5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55].map((at) => `${at}ms (^!)`)],
  },
  {
    title: 'flapping: four changes are none',
    options: often,
    probes: ['u', 'd', 'u', 'd', 'u'],
    listeners: [{ from: '^ 69ms !', sees: '(?u)------d 9ms u 9ms d 9ms u' }],
    asks: Array.from({ length: 7 }, (_, i) => (i === 0 ? '(^!)' : `${i}0ms (^!)`)),
  },
  {
    title: 'flapping: changes that are far apart are none',
    options: often,
    probes: ['u', 'd', 'd', 'd', 'u', 'u', 'u', 'd', 'd', 'd', 'u', 'u', 'u', 'd', 'd', 'd', 'u'],
    listeners: [{ from: '^ 169ms !', sees: '(?u)------d 29ms u 29ms d 29ms u 29ms d 29ms u' }],
    asks: Array.from({ length: 17 }, (_, i) => (i === 0 ? '(^!)' : `${i}0ms (^!)`)),
  },
];
