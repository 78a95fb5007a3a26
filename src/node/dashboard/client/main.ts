import type { HealthMessage } from '../../stream-messages.js';
import { Announcer } from './announce.js';
import { drawBoard } from './board.js';
import { connect } from './connection.js';
import { byId, setAttribute, setText } from './dom.js';
import { Events } from './events.js';
import { plural, timeOf } from './format.js';
import { rankOf } from './looks.js';
import { Model } from './model.js';
import { slotLength } from './ring.js';
import { table } from './table.js';

const announcer = new Announcer();
const model = new Model((view, look) => announcer.changed(view, look));
const events = new Events();
const policies = table(schedule);

let board: HealthMessage | undefined;
let areEventsNew = true;
let isConnected = false;
let hasConnected = false;
/** The server's clock less that of the page; a message may have waited, so that the highest of them is the truest. */
let ahead = -Infinity;
/** When the connection was lost, by the server's clock. */
let lostAt = 0;
let isScheduled = false;

/** The server's time, as far as the page can know; while nothing comes it stands still. */
function now(): number {
  if (!isConnected) return lostAt;
  return ahead === -Infinity ? 0 : performance.now() + ahead;
}

/** At most one picture in a frame, and none that nobody sees. */
function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    draw();
  });
}

function draw(): void {
  const at = now();
  if (isConnected && at > 0) model.advance(at);
  policies.draw(model, at);
  if (board !== undefined) drawBoard(board, at);
  if (areEventsNew) events.draw();
  areEventsNew = false;
  drawHeadline();
  drawConnection(at);
}

function drawHeadline(): void {
  if (ahead === -Infinity) return;
  const all = [...model.entries.values()];
  const bad = all.filter(({ view }) => view.health.status !== 'up').length;
  const worst = all.reduce((rank, { view }) => Math.max(rank, rankOf(view.health.status)), 0);
  const allUp = all.length === 1 ? 'The policy is up' : `All ${all.length} policies are up`;
  const some = `${bad} of ${plural(all.length, 'policy', 'policies')} ${bad === 1 ? 'is' : 'are'} not up`;
  const headline = all.length === 0 ? 'No policies' : bad === 0 ? allUp : some;
  setText(byId('headline'), headline);
  byId('headline').dataset['status'] = ['up', 'degraded', 'unknown', 'down'][worst];
  const title = isConnected ? `${bad === 0 ? 'Up' : `${bad} not up`} · Policies` : 'No connection · Policies';
  if (document.title !== title) document.title = title;
}

function drawConnection(at: number): void {
  const waiting = hasConnected ? `Reconnecting. What you see is of ${timeOf(at)}.` : 'Connecting';
  setText(byId('connection'), isConnected ? (at === 0 ? 'Live' : `Live · ${timeOf(at)}`) : waiting);
  setAttribute(byId('connection'), 'data-status', isConnected ? 'up' : hasConnected ? 'down' : 'unknown');
  document.body.classList.toggle('stale', hasConnected && !isConnected);
}

connect({
  opened() {
    if (hasConnected && !isConnected) announcer.say('Connected again.', 'connection');
    isConnected = hasConnected = true;
    schedule();
  },
  lost() {
    if (isConnected) {
      lostAt = now();
      announcer.say('The connection is lost. What is shown is old.', 'connection');
    }
    isConnected = false;
    schedule();
  },
  received(type, message) {
    // Events of the past come first: they are no time of now.
    if (type !== 'event') ahead = Math.max(ahead, message.at - performance.now());
    if (type === 'health') board = message as HealthMessage;
    else if (type === 'policies') model.take(message as never, events.list);
    else {
      if (events.take(message as never)) model.note(message as never);
      areEventsNew = true;
    }
    schedule();
  },
});
setInterval(schedule, slotLength / 2);
schedule();
