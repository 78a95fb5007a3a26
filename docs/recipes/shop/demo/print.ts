import type { Moment } from './simulation.ts';
import type { ShopReport } from './report.ts';

/** A line for a second of the demo. */
export function momentLine({ time, scene, server, answers }: Moment): string {
  const { policies, unfinished } = server.shop;
  const number = (count = 0): string => String(count).padStart(3);
  const said = `${number(answers['accepted'])} accepted ${number(answers['queued'])} queued ${number(answers['retry_later'])} retry later`;
  const state = policies.payments.parts.breaker.state.padEnd(9);
  return `${number(Math.round(time / 1_000))} s ${said} | circuit ${state} queue ${number(unfinished.size.waiting)} | ${scene}`;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const euros = (cents: number): string => (cents / 100).toFixed(2);

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts).map(([name, count]) => `${count} ${name === 'error' ? 'without an answer' : name.replaceAll('_', ' ')}`).join(', ') || 'nobody';

/** What it all came to. */
export function reportLines({ orders, payments, queue, messages, seen, broken }: ShopReport): string[] {
  return [
    '',
    'Orders',
    `  placed             ${orders.placed}`,
    `  at first           ${list(orders.first)}`,
    `  in the end         ${list(orders.last)}`,
    'Payments',
    `  asked for          ${payments.requests} times, for ${payments.orders} orders`,
    `  charged            ${payments.charged}, each of them once; ${payments.declined} declined`,
    `  unheard            ${payments.unheard} charges of which the shop heard nothing when they were made`,
    `  taken              ${euros(payments.taken)}, for orders that cost ${euros(payments.owed)}`,
    'Queue',
    `  most               ${queue.most} orders waited at once`,
    `  after the crash    ${queue.foundInJournal} found in the journal`,
    `  emptied            ${queue.drained === null ? 'never' : `${seconds(queue.drained)} after payments worked again`}`,
    `  confirmed          to ${messages.customers} customers`,
    'Pages',
    `  profile            ${list(seen.profile)}`,
    `  recommendations    ${list(seen.recommendations)}`,
    `  search             ${list(seen.search)}`,
    '',
    ...(broken.length === 0
      ? ['Every order was answered, and every payment was charged exactly once.']
      : ['Promises that were not kept:', ...broken.slice(0, 10).map((line) => `  ${line}`)]),
  ];
}
