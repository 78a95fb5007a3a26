import type { IncomingMessage } from 'node:http';
import { asyncScheduler, isObservable, type SchedulerLike } from 'rxjs';
import { checkBoolean, checkFunction, checkInteger, checkKeys, checkName, named, refusal } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';
import type { HealthBoard } from '../health/health-board.js';
import type { PolicyRegistry } from '../registry/registry-types.js';
import { checkPrefix } from './http-request.js';
import type { PolicyAction, Switches } from './routes.js';

/** What of a health board is served; `read` where `deep` is. */
export type ServedBoard = Pick<HealthBoard, 'live$' | 'startup$' | 'ready$'> & Partial<Pick<HealthBoard, 'read'>>;

/** Whether a request may see more than a status. One that throws, rejects or takes more than 500 ms says no. */
export type DetailsRule = boolean | ((req: IncomingMessage) => boolean | Promise<boolean>);

/** `action` is set where a policy is to be changed. Anything but true refuses; so does throwing. */
export type AuthorizeRule = 'public' | ((req: IncomingMessage, action?: PolicyAction) => boolean | Promise<boolean>);

export interface HealthHandlerOptions {
  /** Path below which everything lies, `''` where the handler is mounted at a path. Default `/health`. */
  readonly prefix?: string | undefined;
  /** Whether the answers of probes name their parts. Default `false`. */
  readonly details?: DetailsRule | undefined;
  /** Whether `deep` is served. Default false. */
  readonly deep?: boolean | undefined;
  /** The policies that are shown. Default none. */
  readonly registry?: PolicyRegistry | undefined;
  /** Whether `policies` is served; needs `registry` and `authorize`. Default false. */
  readonly policies?: boolean | undefined;
  /** Whether `stream` is served; needs `authorize`. Default: as `dashboard` is. */
  readonly stream?: boolean | undefined;
  /** Whether `dashboard` is served; needs `stream` and `authorize`. Default false. */
  readonly dashboard?: boolean | undefined;
  /** Who may see policies, stream and dashboard, and use the controls. `'public'`: everybody who can send a request. Default none. */
  readonly authorize?: AuthorizeRule | undefined;
  /** Whether policies can be isolated, released and reset; needs `registry` and `authorize`. Default false. */
  readonly control?: boolean | undefined;
  /** Values of `Host` under which what needs `authorize` may be asked for; one without a port stands for every port. Default any. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Streams that may be open at once, 1 to 10,000. Default 20. */
  readonly maxStreams?: number | undefined;
  /** A header for every answer, with the calls that hold a permit of a bulkhead; needs `registry`. Default `false`. */
  readonly activeCallsHeader?: string | false | undefined;
  /** Clock and timers of the stream. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
  /** For the id that tells one process from the next. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

export const handlerOptionNames: readonly string[] = [
  ...['prefix', 'details', 'deep', 'registry', 'policies', 'stream', 'dashboard', 'authorize', 'control', 'allowedHosts'],
  ...['maxStreams', 'activeCallsHeader', 'scheduler', 'random'],
];

/** With every default. */
export interface HandlerSetup {
  readonly prefix: string;
  readonly details: DetailsRule;
  readonly on: Switches;
  readonly registry: PolicyRegistry | undefined;
  readonly authorize: AuthorizeRule | undefined;
  readonly allowedHosts: readonly string[] | undefined;
  readonly maxStreams: number;
  readonly activeCallsHeader: string | undefined;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
}

export function readHandler(given: HealthHandlerOptions): HandlerSetup {
  const options = checkKeys('options', given, handlerOptionNames);
  const { registry, authorize, allowedHosts, activeCallsHeader = false } = options;
  const { prefix = '/health', details = false, maxStreams = 20, scheduler = asyncScheduler } = options;
  const { random = Math.random } = options;
  const on = readSwitches(options);
  if (typeof details !== 'boolean') checkFunction('details', details);
  if (authorize !== undefined && authorize !== 'public') checkFunction('authorize', authorize);
  if (registry !== undefined) checkRegistry(registry);
  checkScheduler(scheduler);
  checkTogether(on, options);
  return {
    ...{ on, details, registry, authorize, scheduler },
    prefix: checkPrefix(prefix),
    allowedHosts: allowedHosts === undefined ? undefined : checkHosts(allowedHosts),
    maxStreams: checkInteger('maxStreams', maxStreams, 1, 10_000),
    activeCallsHeader: activeCallsHeader === false ? undefined : checkHeader('activeCallsHeader', activeCallsHeader, ' or false'),
    random: checkFunction('random', random),
  };
}

export function checkRegistry(registry: PolicyRegistry): PolicyRegistry {
  if (typeof registry?.metrics === 'function') return registry;
  throw refusal('registry', 'a policyRegistry', registry);
}

export function checkBoard(board: ServedBoard, { deep }: Switches): ServedBoard {
  const streams: readonly unknown[] = [board?.live$, board?.startup$, board?.ready$];
  if (streams.every((stream) => isObservable(stream)) && (!deep || typeof board.read === 'function')) return board;
  throw refusal('board', 'a healthBoard', board);
}

function readSwitches(options: HealthHandlerOptions): Switches {
  const { deep = false, policies = false, dashboard = false, control = false } = options;
  const { stream = dashboard } = options;
  const on = { deep, policies, stream, dashboard, control };
  for (const [name, value] of Object.entries(on)) checkBoolean(name, value);
  return on;
}

/** What would show or change something for everybody by default, or could show nothing. */
function checkTogether(on: Switches, { authorize, registry, activeCallsHeader = false }: HealthHandlerOptions): void {
  for (const name of ['policies', 'stream', 'dashboard', 'control'] as const) {
    if (on[name] && authorize === undefined) {
      throw new TypeError(`${named(name)} needs authorize: a function that says who may see it, or 'public'`);
    }
  }
  if (on.dashboard && !on.stream) throw new TypeError(`${named('dashboard')} needs stream: the page shows what the stream tells it`);
  const needed = { policies: on.policies, control: on.control, activeCallsHeader: activeCallsHeader !== false };
  for (const [name, isOn] of Object.entries(needed)) {
    if (isOn && registry === undefined) throw new TypeError(`${named(name)} needs registry, which knows the policies`);
  }
}

function checkHosts(hosts: readonly string[]): readonly string[] {
  if (!Array.isArray(hosts)) throw refusal('allowedHosts', 'an array of host names', hosts);
  return hosts.map((host) => checkName('allowedHosts', host).toLowerCase());
}

export function checkHeader(option: string, name: string, more: string = ''): string {
  if (typeof name === 'string' && /^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return name;
  throw refusal(option, `the name of a header${more}`, name);
}
