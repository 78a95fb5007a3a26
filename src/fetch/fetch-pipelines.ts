import type { Observable } from 'rxjs';
import type { Health } from '../core/health.js';
import { show } from '../core/options.js';
import { isPipeline } from '../pipeline/part-options.js';
import type { PipelineEvent, ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import type { HeldClosedEvent, KeyedPolicy, OverflowEvent, PerKey } from '../registry/keyed-types.js';
import { perKey } from '../registry/per-key.js';
import type { CallSource } from './fetch-call.js';
import type { FetchSetup } from './fetch-options.js';
import { throughPipeline } from './through-pipeline.js';

/** The pipelines behind a `fetch`, by their key. */
export interface FetchPipelines {
  /** How many keys there are, without the pipeline that they share where there is no place for more. */
  readonly size: number;
  /** In the order in which they came. */
  keys(): readonly string[];
  /** The pipeline of a key that is there. */
  get(key: string): ResiliencePipeline<Response> | undefined;
  /** One for all: down where every key is, degraded where one is not up. Completes on `dispose`. */
  readonly health$: Observable<Health>;
  /** What happens in all of them. While nobody subscribes, nothing is made for it. */
  readonly events$: Observable<PipelineEvent | HeldClosedEvent | OverflowEvent>;
  /** Completes the streams, and disposes every pipeline. Requests go on. */
  dispose(): void;
}

/** A pipeline as calls go through it. */
interface CallPipeline extends KeyedPolicy {
  readonly pipeline: ResiliencePipeline<Response>;
}

/** Keeps the pipelines, and sends calls through them. */
export class KeyedPipelines implements FetchPipelines {
  private readonly byKey: PerKey<CallPipeline>;
  /** One for each pipeline: a factory may give the same one to several keys. */
  private readonly known: WeakMap<object, CallPipeline> = new WeakMap();
  readonly health$: Observable<Health>;
  readonly events$: FetchPipelines['events$'];

  constructor({ maxKeys, pipeline: factory }: Pick<FetchSetup, 'maxKeys' | 'pipeline'>) {
    this.byKey = perKey((key) => this.made(factory(key)), { name: 'fetch', maxKeys });
    this.health$ = this.byKey.health$;
    this.events$ = this.byKey.events$ as FetchPipelines['events$'];
  }

  get size(): number {
    return this.byKey.size;
  }

  keys(): readonly string[] {
    return this.byKey.keys();
  }

  get(key: string): ResiliencePipeline<Response> | undefined {
    return this.byKey.get(key)?.pipeline;
  }

  dispose(): void {
    this.byKey.dispose();
  }

  send(key: string, source: CallSource): Observable<unknown> {
    return (this.byKey(key) as (source: Observable<unknown>) => Observable<unknown>)(source);
  }

  private made(pipeline: ResiliencePipeline<Response>): CallPipeline {
    if (!isPipeline(pipeline)) throw new TypeError(`pipeline must give a resiliencePipeline, got ${show(pipeline)}`);
    let known = this.known.get(pipeline);
    if (known === undefined) this.known.set(pipeline, (known = forCalls(pipeline)));
    return known;
  }
}

function forCalls(pipeline: ResiliencePipeline<Response>): CallPipeline {
  const { dispose, events$, health$, name, parts } = pipeline;
  // Only calls are piped through it.
  const through = (source: Observable<never>): Observable<unknown> => throughPipeline(pipeline, source as unknown as CallSource);
  Object.defineProperty(through, 'name', { value: name });
  return Object.assign(through, { pipeline, parts, health$, events$, dispose: () => dispose.call(pipeline) }) as unknown as CallPipeline;
}
