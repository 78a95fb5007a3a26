import type { IncomingMessage, ServerResponse } from 'node:http';
import { firstValueFrom, takeUntil, Subject } from 'rxjs';
import type { Health } from '../core/health.js';
import type { HealthKind } from '../health/health-board.js';
import { presentOf } from '../operator/published.js';
import { isAllowedHost, isAuthorized, isSameOrigin, showsDetails } from './allowed.js';
import { type Answer, json, refusal, send } from './answer.js';
import { BoardWatch } from './board-watch.js';
import { Controls, formOf } from './controls.js';
import { dashboardPage } from './dashboard/page.js';
import { EventStream } from './event-stream.js';
import type { HandlerSetup, ServedBoard } from './handler-options.js';
import { type Target, targetOf } from './http-request.js';
import { activeCalls, policyView } from './policies-view.js';
import { probeAnswer } from './probe-answer.js';
import { type Route, routeOf } from './routes.js';

/** What every framework's skin hands its requests to. */
export class HealthService {
  private readonly watch: BoardWatch;
  private readonly stream: EventStream;
  private readonly controls: Controls | undefined;
  private readonly gone: Subject<void> = new Subject();
  private disposed = false;

  constructor(
    private readonly board: ServedBoard,
    private readonly setup: HandlerSetup,
  ) {
    this.watch = new BoardWatch(board, setup.scheduler);
    this.stream = new EventStream(setup, this.watch);
    this.controls = setup.registry === undefined ? undefined : new Controls(setup.registry);
  }

  knows({ url }: IncomingMessage): boolean {
    return targetOf(url, this.setup.prefix) !== undefined;
  }

  /** False where the request is none of ours. */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const target = targetOf(req.url, this.setup.prefix);
    if (target === undefined) return false;
    this.respond(req, res, target).catch(() => this.send(req, res, refusal(500, 'Internal Server Error')));
    return true;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.watch.dispose();
    this.stream.dispose();
    this.gone.next();
  }

  private async respond(req: IncomingMessage, res: ServerResponse, target: Target): Promise<void> {
    const route = routeOf(req.method ?? '', target.segments, this.setup.on);
    if (route.kind === 'none') {
      const texts = { 400: 'Bad Request', 404: 'Not Found', 405: 'Method Not Allowed' };
      const headers = route.allow === undefined ? {} : { Allow: route.allow };
      this.send(req, res, refusal(route.status, texts[route.status], headers));
      return;
    }
    if (this.disposed) return this.send(req, res, refusal(503, 'Service Unavailable'));
    const answer = route.kind === 'probe' ? await this.probe(req, route.of) : await this.guarded(req, res, route, target.query);
    if (answer !== undefined) this.send(req, res, answer);
  }

  /** Waits for nothing but `details`, not for long, and for a deep reading. */
  private async probe(req: IncomingMessage, kind: HealthKind): Promise<Answer> {
    const detailed = await showsDetails(this.setup.details, req, this.setup.scheduler);
    return probeAnswer(kind === 'deep' ? await this.deep() : this.watch.now(kind), detailed, this.setup.registry);
  }

  private deep(): Promise<Health> {
    const none: Health = { name: 'deep', status: 'unknown', required: true, since: this.setup.scheduler.now(), details: {} };
    return firstValueFrom(this.board.read!('deep').pipe(takeUntil(this.gone)), { defaultValue: none });
  }

  /** What only some may see. Nothing goes on for a client that has left while somebody was asked. */
  private async guarded(req: IncomingMessage, res: ServerResponse, route: GuardedRoute, query: URLSearchParams): Promise<Answer | undefined> {
    const forbidden = refusal(403, 'Forbidden');
    if (!isAllowedHost(req, this.setup.allowedHosts)) return forbidden;
    if (route.kind === 'action') {
      if (!isSameOrigin(req)) return forbidden;
      const refused = formOf(req);
      if (refused !== undefined) return refused;
    }
    const action = route.kind === 'action' ? route.action : undefined;
    const authorized = await isAuthorized(this.setup.authorize, req, action);
    if (hasLeft(res)) return undefined;
    if (!authorized) return forbidden;
    if (this.disposed) return refusal(503, 'Service Unavailable');
    switch (route.kind) {
      case 'policies':
        return this.policies(route.name, query.get('kind'));
      case 'action':
        return this.controls!.apply(req, { name: route.name, action: route.action, kind: query.get('kind') });
      case 'dashboard':
        return page();
      case 'stream':
        return this.open(req, res);
    }
  }

  private policies(name: string | undefined, kind: string | null): Answer {
    const all = presentOf(this.setup.registry!.policies$);
    const named = all.filter((policy) => (name === undefined || policy.name === name) && (kind === null || policy.kind === kind));
    if (name !== undefined && named.length === 0) return refusal(404, 'No such policy');
    return json(200, { at: this.setup.scheduler.now(), policies: named.map((policy) => policyView(policy)) });
  }

  private open(req: IncomingMessage, res: ServerResponse): Answer | undefined {
    if (this.stream.isFull) return refusal(503, 'Too many streams are open');
    if (req.method === 'HEAD') return { status: 200, type: 'text/event-stream; charset=utf-8', body: '' };
    const lastEventId = req.headers['last-event-id'];
    this.stream.connect(res, typeof lastEventId === 'string' ? lastEventId : undefined);
    return undefined;
  }

  private send(req: IncomingMessage, res: ServerResponse, answer: Answer): void {
    const { activeCallsHeader, registry } = this.setup;
    const active = activeCallsHeader === undefined ? undefined : activeCalls(presentOf(registry!.policies$));
    send(req, res, active === undefined ? answer : { ...answer, headers: { ...answer.headers, [activeCallsHeader!]: String(active) } });
  }
}

type GuardedRoute = Exclude<Route, { kind: 'probe' }>;

/** HTTP/2 has no socket any more then. */
function hasLeft({ destroyed, socket }: ServerResponse): boolean {
  return destroyed || (socket ?? undefined)?.destroyed !== false;
}

function page(): Answer {
  const { html, contentSecurityPolicy } = dashboardPage();
  return {
    ...{ status: 200, type: 'text/html; charset=utf-8', body: html },
    headers: { 'Content-Security-Policy': contentSecurityPolicy, 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'no-referrer' },
  };
}
