import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import { Observable } from 'rxjs';
import { checkKeys, refusal } from '../core/options.js';
import { checkProtection, type Protection } from '../pipeline/protect.js';
import { AxiosCall } from './axios-call.js';
import { type AxiosConfig, isRepeatableRequest, isUsedUp } from './axios-request.js';
import { type GuardedPolicy, guardedPolicy } from './guarded-policy.js';
import { type PropagationOptions, propagationNames, readPropagation } from './propagation.js';
import { policyToken } from './tokens.js';

/** What is used of `HttpService` of `@nestjs/axios`, which need not be installed. */
export interface AxiosHttpService {
  readonly axiosRef: object;
  request(config: object): Observable<unknown>;
  get(url: string, config?: object): Observable<unknown>;
  delete(url: string, config?: object): Observable<unknown>;
  head(url: string, config?: object): Observable<unknown>;
  post(url: string, data?: unknown, config?: object): Observable<unknown>;
  put(url: string, data?: unknown, config?: object): Observable<unknown>;
  patch(url: string, data?: unknown, config?: object): Observable<unknown>;
  postForm(url: string, data?: unknown, config?: object): Observable<unknown>;
  putForm(url: string, data?: unknown, config?: object): Observable<unknown>;
  patchForm(url: string, data?: unknown, config?: object): Observable<unknown>;
}

/** What the provider of a `ResilientHttpService` takes besides. */
export interface ResilientHttpProviderOptions extends PropagationOptions {
  /** Its token. Default `ResilientHttpService`. */
  readonly provide?: InjectionToken | undefined;
}

type Method = 'GET' | 'DELETE' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'QUERY' | undefined;
type Call = (...given: unknown[]) => Observable<unknown>;

/**
 * `HttpService` of `@nestjs/axios` with every request through a policy: the same methods with the same types. They are
 * cold, each try is a request of its own. Tried again is what may be: `GET`, `HEAD`, `OPTIONS`, `TRACE`, `PUT`, `DELETE`,
 * and whatever carries an `Idempotency-Key`, unless its body is a stream or has one in it. Unsubscribing, the deadline and
 * the signal of the context cancel the request; a request that the caller's own `signal` or `cancelToken` has cancelled is
 * neither tried again nor a failure. Errors are axios's own objects.
 *
 * With `responseType: 'stream'` a call ends with the head of the response. The stream that the caller gets is the
 * caller's to read or destroy; the streams of other tries are destroyed.
 *
 * ```ts
 * providers: [ResilientHttpService.provider(HttpService, 'catalog')]
 * constructor(@Inject(ResilientHttpService) private readonly http: ResilientHttpService<HttpService>) {}
 * ```
 */
export class ResilientHttpService<H extends AxiosHttpService = AxiosHttpService> {
  /** The instance of axios, for its interceptors. What is asked of it directly goes through no policy. */
  readonly axiosRef: H['axiosRef'];
  readonly request: H['request'];
  readonly get: H['get'];
  readonly delete: H['delete'];
  readonly head: H['head'];
  readonly post: H['post'];
  readonly put: H['put'];
  readonly patch: H['patch'];
  readonly postForm: H['postForm'];
  readonly putForm: H['putForm'];
  readonly patchForm: H['patchForm'];
  /** Where the service has it. */
  readonly query: H extends { readonly query: infer Query } ? Query : undefined;

  /** @throws TypeError, RangeError for what is no `HttpService`, no policy, and for options that may not be so */
  constructor(http: H, policy: Protection, options: PropagationOptions = {}) {
    const { axiosRef, get } = Object(http) as Partial<AxiosHttpService>;
    if (typeof axiosRef !== 'function' || typeof get !== 'function') {
      throw refusal('http', 'a HttpService', http);
    }
    checkKeys('options', options, propagationNames);
    const addHeaders = readPropagation(axiosRef, options);
    const guarded = guardedPolicy(checkProtection('policy', policy));
    const { defaults = {} } = axiosRef as { readonly defaults?: AxiosConfig };
    const through = <M>(own: M, method: Method, at: number): M =>
      ((...given: unknown[]) => {
        const send = (config: AxiosConfig): Observable<unknown> => {
          const full = [...given];
          full[at] = addHeaders(config, typeof given[0] === 'string' ? given[0] : config.url);
          return (own as Call).apply(http, full);
        };
        return request(guarded, { method, given, at, defaults, send });
      }) as M;
    this.axiosRef = axiosRef;
    this.request = through(http.request, undefined, 0);
    this.get = through(http.get, 'GET', 1);
    this.delete = through(http.delete, 'DELETE', 1);
    this.head = through(http.head, 'HEAD', 1);
    this.post = through(http.post, 'POST', 2);
    this.put = through(http.put, 'PUT', 2);
    this.patch = through(http.patch, 'PATCH', 2);
    this.postForm = through(http.postForm, 'POST', 2);
    this.putForm = through(http.putForm, 'PUT', 2);
    this.patchForm = through(http.patchForm, 'PATCH', 2);
    const { query } = http as { readonly query?: unknown };
    this.query = (query === undefined ? undefined : through(query, 'QUERY', 2)) as typeof this.query;
  }

  /**
   * A provider of it, for a module that imports `HttpModule`. `http` is the token of its `HttpService`: the class itself,
   * for this entry does not import `@nestjs/axios`. `policy` is a name in `ResilienceModule`.
   */
  static provider(
    http: InjectionToken,
    policy: string,
    options: ResilientHttpProviderOptions = {},
  ): FactoryProvider<ResilientHttpService> {
    const given = checkKeys('options', options, ['provide', ...propagationNames]);
    const { provide = ResilientHttpService, ...propagation } = given;
    return {
      provide,
      inject: [http, policyToken(policy)],
      useFactory: (service: AxiosHttpService, made: Protection) => new ResilientHttpService(service, made, propagation),
    };
  }
}

interface ToSend {
  readonly method: Method;
  readonly given: readonly unknown[];
  /** Which argument the configuration is. */
  readonly at: number;
  readonly defaults: AxiosConfig;
  send(config: AxiosConfig): Observable<unknown>;
}

function request({ full, once, hasFallback }: GuardedPolicy, { method, given, at, defaults, send }: ToSend): Observable<unknown> {
  const config = (given[at] ?? {}) as AxiosConfig;
  const data = at === 2 ? given[1] : config.data;
  const repeats = isRepeatableRequest(method ?? config.method ?? 'GET', config) && !isUsedUp(data);
  const policy = repeats ? full : once;
  return new Observable((subscriber) => {
    const call = new AxiosCall((signal) => send({ ...config, signal }), config.signal ?? defaults.signal, hasFallback);
    const tries = new Observable((tried) => call.attempt(tried));
    subscriber.add(() => call.end());
    const answers = policy(tries).subscribe({
      next: (value) => {
        call.give(value);
        subscriber.next(value);
      },
      error: (error: unknown) => {
        call.giveError(error);
        subscriber.error(error);
      },
      complete: () => subscriber.complete(),
    });
    subscriber.add(answers);
  });
}
