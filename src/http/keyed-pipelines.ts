import type { Observable } from 'rxjs';
import { show } from '../core/options.js';
import { isPipeline } from '../pipeline/part-options.js';
import type { ResiliencePipeline } from '../pipeline/resilience-pipeline.js';
import type { KeyedPolicy, PerKey } from '../registry/keyed-types.js';
import { perKey } from '../registry/per-key.js';

/** A pipeline as what is sent goes through it. */
interface SendingPipeline<R> extends KeyedPolicy {
  readonly pipeline: ResiliencePipeline<R>;
}

export interface KeyedPipelinesSetup<R, S extends Observable<unknown>> {
  readonly name: string;
  readonly maxKeys: number;
  /** Makes the pipeline of a key. */
  pipeline(key: string): ResiliencePipeline<R>;
  /** How something is sent through one. */
  through(pipeline: ResiliencePipeline<R>, source: S): Observable<unknown>;
  /** Hears of each one that is kept. */
  made?(key: string, pipeline: ResiliencePipeline<R>): void;
}

/** Pipelines by key, within bounds, through which an adapter sends in its own way. */
export class KeyedPipelines<R, S extends Observable<unknown>> {
  readonly policies: PerKey<SendingPipeline<R>>;
  /** One for each pipeline: a factory may give the same one to several keys. */
  private readonly known: WeakMap<ResiliencePipeline<R>, SendingPipeline<R>> = new WeakMap();

  constructor(private readonly setup: KeyedPipelinesSetup<R, S>) {
    const { maxKeys, name } = setup;
    this.policies = perKey((key) => this.make(key), { name, maxKeys });
  }

  send(key: string, source: S): Observable<unknown> {
    return (this.policies(key) as (source: Observable<unknown>) => Observable<unknown>)(source);
  }

  /** The pipeline of a key that is there. */
  get(key: string): ResiliencePipeline<R> | undefined {
    return this.policies.get(key)?.pipeline;
  }

  dispose(): void {
    this.policies.dispose();
  }

  private make(key: string): SendingPipeline<R> {
    const pipeline = this.setup.pipeline(key);
    if (!isPipeline(pipeline)) throw new TypeError(`pipeline must give a resiliencePipeline, got ${show(pipeline)}`);
    let known = this.known.get(pipeline);
    if (known === undefined) this.known.set(pipeline, (known = this.sending(pipeline)));
    this.setup.made?.(key, pipeline);
    return known;
  }

  private sending(pipeline: ResiliencePipeline<R>): SendingPipeline<R> {
    const { dispose, events$, health$, name, parts } = pipeline;
    // Only what is sent is piped through it.
    const through = (source: Observable<never>): Observable<unknown> => this.setup.through(pipeline, source as unknown as S);
    Object.defineProperty(through, 'name', { value: name });
    return Object.assign(through, { pipeline, parts, health$, events$, dispose: () => dispose.call(pipeline) }) as unknown as SendingPipeline<R>;
  }
}
