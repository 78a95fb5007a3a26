/**
 * Every object that one entry takes from another, made by one module format and used by the other, both ways round.
 * Prints what did not work; nothing where all did.
 */
export const twoFormats = `
import { createRequire } from 'node:module';
import { EventEmitter } from 'node:events';
import * as rxjs from 'rxjs';
import * as esm from 'rxjs-resilience';
import * as esmNode from 'rxjs-resilience/node';
import * as esmFetch from 'rxjs-resilience/fetch';
const require = createRequire(import.meta.url);
const [commonJs, commonJsNode, commonJsFetch] = ['', '/node', '/fetch'].map((entry) => require('rxjs-resilience' + entry));
const { defer, firstValueFrom, lastValueFrom, NEVER, of, throwError } = rxjs;
const down = throwError(() => new Error('down'));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const errorOf = (source) => lastValueFrom(source).then(() => undefined, (error) => error);
const counted = (operator) => {
  let tries = 0;
  return errorOf(defer(() => (tries++, down)).pipe(operator)).then(() => tries);
};

/** What a makes, b uses. */
const uses = {
  lastValues: async (a, b) => {
    const last = a.lastValues({ maxAge: 1000 });
    await lastValueFrom(of('good').pipe(b.fallbackToLast(last, 'key')));
    return (await lastValueFrom(down.pipe(b.fallbackToLast(last, 'key')))) === 'good';
  },
  Deadline: async (a, b) => b.isDeadlineExceededError(await errorOf(NEVER.pipe(b.withDeadline(a.Deadline.after(5))))),
  'Deadline of the context': async (a, b) =>
    b.isDeadlineExceededError(await new Promise((resolve) => b.runInContext({ deadline: a.Deadline.after(5) }, () => NEVER.pipe(b.withDeadline()).subscribe({ error: resolve })))),
  'context of a call': async (a, b) => {
    let seen;
    await lastValueFrom(b.attempt(({ deadline, priority }) => ((seen = [deadline.child().remaining() > 0, priority]), of(1))).pipe(a.withDeadline(1000), a.loadShed('sheddable')));
    return seen[0] && seen[1] === 'sheddable';
  },
  'deadline around a breaker': async (a, b) => {
    const breaker = b.circuitBreaker({ failureThreshold: 1 });
    await errorOf(NEVER.pipe(breaker, a.withDeadline(20)));
    return breaker.state === 'open';
  },
  'retry around a retry': async (a, b) => {
    const [inner, outer] = [a, b].map((library) => library.retryWithBackoff(library.constant(0), { maxRetries: 1 }));
    return (await counted((source) => source.pipe(inner, outer))) === 2;
  },
  loadShedder: async (a, b) => (await lastValueFrom(of(1).pipe(b.loadShed('critical', { shedder: a.loadShedder({ queue: 1 }) })))) === 1,
  'loadShedder with a queue': async (a, b) => {
    const shed = b.loadShed('critical', { shedder: a.loadShedder({ limit: a.fixedLimit(1), queue: 1 }) });
    const first = NEVER.pipe(shed).subscribe();
    const second = lastValueFrom(of('waited').pipe(shed));
    first.unsubscribe();
    return (await second) === 'waited';
  },
  limits: async (a, b) => (await lastValueFrom(of(1).pipe(b.loadShed('critical', { shedder: b.loadShedder({ limit: a.vegasLimit() }) })))) === 1,
  strategies: (a, b) => counted(b.retryWithBackoff(a.constant(0), { maxRetries: 2 })).then((tries) => tries === 3),
  retryBudget: (a, b) => counted(b.retryWithBackoff(b.constant(0), { budget: a.retryBudget({ burst: 1, minPerSecond: 0 }) })).then((tries) => tries === 2),
  tokenBudget: (a, b) => counted(b.retryWithBackoff(b.constant(0), { budget: a.tokenBudget({ maxTokens: 2, tokenRatio: 1 }) })).then((tries) => tries < 4),
  'trip rules': async (a, b) => {
    const breaker = b.circuitBreaker({ trip: b.anyOf(a.consecutiveFailures(2), a.failureCount({ failures: 9, window: { time: 1000 } })) });
    await errorOf(down.pipe(breaker));
    breaker.update({ trip: a.failureCount({ failures: 2, window: { time: 500 } }) });
    breaker.update({ trip: b.failureCount({ failures: 2, window: { calls: 5 } }) });
    await errorOf(down.pipe(breaker));
    return breaker.state === 'open';
  },
  snapshot: async (a, b) => b.circuitBreaker({ initialState: a.circuitBreaker({ initialState: 'open' }).snapshot() }).state === 'open',
  'policies in a pipeline': async (a, b) => {
    const parts = {
      attemptDeadline: a.withDeadline(100), bulkhead: a.bulkhead(1), breaker: a.circuitBreaker(), retry: a.retryWithBackoff(a.constant(0), { maxRetries: 1 }),
      shed: a.loadShed('critical'), deadline: a.withDeadline(1000), fallback: a.fallbackToValue('instead'),
    };
    const pipeline = b.resiliencePipeline(parts);
    const answer = await pipeline.run(() => Promise.reject(new Error('down')));
    return answer === 'instead' && pipeline.parts.retry === parts.retry && parts.retry.metrics().tries === 2;
  },
  'settings that cannot work together': async (a, b) => {
    try {
      b.resiliencePipeline({ attemptDeadline: a.withDeadline(9), deadline: a.withDeadline(5) });
    } catch (error) {
      return error instanceof RangeError;
    }
  },
  'a policy of another kind in a pipeline': async (a, b) => {
    try {
      b.resiliencePipeline({ breaker: a.bulkhead(1) });
    } catch (error) {
      return /must be options or a circuitBreaker policy, got the bulkhead policy/.test(error.message);
    }
  },
  protect: async (a, b) => (await b.protect(() => 1, a.circuitBreaker())()) === 1 && (await b.protect(() => 1, a.standardPipeline())()) === 1,
  perKey: async (a, b) => {
    const perHost = b.perKey((name) => a.circuitBreaker({ name, failureThreshold: 1 }));
    await errorOf(down.pipe(perHost('x')));
    return perHost.get('x').state === 'open';
  },
  registry: async (a, b) => {
    const registry = b.policyRegistry();
    const breaker = registry.register(a.circuitBreaker({ name: 'x', failureThreshold: 1 }));
    registry.register(a.resiliencePipeline({ name: 'whole', retry: {} }));
    const events = [];
    registry.events$.subscribe(({ type }) => events.push(type));
    await errorOf(down.pipe(breaker));
    const hold = breaker.isolate();
    hold.release();
    return registry.get('x') === breaker && events.includes('opened') && events.includes('released');
  },
  health: async (a, b) => {
    const board = b.healthBoard({
      startup: { warm: a.warmup('warm', of(1)) }, live: { loop: a.heartbeat('loop', { within: 1000 }) },
      ready: { breaker: a.circuitBreaker({ initialState: 'open', required: true }), check: a.healthCheck('db', () => true), all: a.combineHealth({}, { name: 'all' }) },
    });
    const whole = await firstValueFrom(board.read('ready'));
    board.dispose();
    return whole.status === 'down' && Object.keys(whole.components).length === 3;
  },
  'board and registry behind a handler': async (a, b, aNode, bNode) => {
    const registry = a.policyRegistry();
    registry.register(a.circuitBreaker());
    const handler = bNode.healthHandler(a.healthBoard({}), { registry, policies: true, authorize: 'public' });
    handler.dispose();
    return true;
  },
  'board that is drained': async (a, b, aNode, bNode) => {
    const server = Object.assign(new EventEmitter(), { close: (done) => done() });
    const shutdown = bNode.shutdownOnSignal(server, a.healthBoard({}), { signals: [] });
    return typeof shutdown.done.then === 'function';
  },
  codecs: async (a, b, aNode, bNode) => {
    bNode.deadlineMiddleware({ accept: [aNode.requestTimeout ?? a.requestTimeout, aNode.grpcTimeout ?? a.grpcTimeout].filter(Boolean) });
    const codec = aNode.absoluteDeadline?.() ?? a.absoluteDeadline?.();
    if (codec !== undefined) (b.outgoingHeaders ?? bNode.outgoingHeaders)({ attempt: 1, deadline: a.Deadline.after(100) }, { codec });
    return true;
  },
  'a pipeline for fetch': async (a, b, aNode, bNode, aFetch, bFetch) => {
    const send = () => Promise.resolve(new Response('ok'));
    const pipeline = a.standardPipeline({ name: 'x' });
    const fetch = bFetch.resilientFetch({ fetch: send, pipeline: () => pipeline });
    const answer = await fetch('http://localhost/');
    bFetch.fetch$('http://localhost/', { resilience: pipeline });
    return (await answer.text()) === 'ok' && pipeline.metrics().breaker.successes === 1;
  },
  events: async (a, b) => {
    const lines = [];
    const breaker = a.circuitBreaker({ failureThreshold: 1 });
    breaker.events$.subscribe((event) => lines.push(b.describeEvent(event)));
    await errorOf(down.pipe(breaker));
    return lines.length > 0 && lines.every((line) => line.startsWith('circuitBreaker'));
  },
};

const failed = [];
for (const [what, use] of Object.entries(uses)) {
  for (const [how, given] of [
    ['made by CommonJS', [commonJs, esm, commonJsNode, esmNode, commonJsFetch, esmFetch]],
    ['made by ESM', [esm, commonJs, esmNode, commonJsNode, esmFetch, commonJsFetch]],
  ]) {
    const answer = await use(...given).catch((error) => String(error));
    if (answer !== true) failed.push([what, how, answer]);
  }
}
console.log(JSON.stringify(failed));
process.exit(0);
`;
