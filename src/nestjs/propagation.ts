import { type Destinations, readDestinations } from '../http/destinations.js';
import { currentContext } from '../operator/context.js';
import { checkCodec, outgoingHeaders } from '../wire/outgoing-headers.js';
import type { DeadlineCodec } from '../wire/deadline-codec.js';
import { requestTimeout } from '../wire/request-timeout.js';
import type { AxiosConfig, RedirectOptions } from './axios-request.js';

/** Which services learn of the deadline and the priority of a call. */
export interface PropagationOptions {
  /** Origins such as `https://api.example`, or a function of the URL. Elsewhere no header of ours goes. Default none. */
  readonly propagateTo?: Destinations | undefined;
  /** How the deadline is written. Default `requestTimeout`. */
  readonly codec?: DeadlineCodec | undefined;
}

export const propagationNames: readonly string[] = ['propagateTo', 'codec'];

interface Axios {
  readonly defaults: AxiosConfig;
  getUri(config: object): string;
}

/** That of `fetch` follows redirects by itself, and takes every header along. */
function isDeaf({ adapter }: AxiosConfig): boolean {
  return (Array.isArray(adapter) ? (adapter as readonly unknown[])[0] : adapter) === 'fetch';
}

type AddHeaders = (config: AxiosConfig, url: string | undefined) => AxiosConfig;

/** Adds the headers of the context in which a try is made; those that the request has itself stay as they are. */
export function readPropagation(axios: object, options: PropagationOptions): AddHeaders {
  const codec = checkCodec('codec', options.codec ?? requestTimeout);
  const isKnown = readDestinations('propagateTo', options.propagateTo ?? []);
  const goesTo = (url: string | undefined): boolean => {
    const target = url === undefined ? undefined : parsed(url);
    return target !== undefined && isKnown(target);
  };
  const { defaults } = axios as Axios;
  return (config, url) => {
    if (isDeaf({ ...defaults, ...config }) || !goesTo((axios as Axios).getUri({ ...config, url }))) return config;
    const own = outgoingHeaders(currentContext(), { codec });
    const names = Object.keys(own).map((name) => name.toLowerCase());
    const { beforeRedirect } = { ...defaults, ...config };
    return {
      ...config,
      headers: { ...own, ...config.headers },
      beforeRedirect: (next: RedirectOptions, ...more) => {
        // A redirect takes the headers along, wherever it leads.
        if (!goesTo(next.href)) drop(next.headers, names);
        beforeRedirect?.(next, ...more);
      },
    };
  };
}

function drop(headers: Record<string, unknown>, names: readonly string[]): void {
  for (const name of Object.keys(headers)) {
    if (names.includes(name.toLowerCase())) Reflect.deleteProperty(headers, name);
  }
}

function parsed(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
