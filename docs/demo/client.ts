import type { BackendName } from './scenario.ts';

/** A real answer, or what the client says instead. */
export type Reply = 'answer' | 'fallback';

export interface ClientStatus {
  /** Calls that hold a place or a permit. */
  readonly inFlight: number;
  /** Calls that wait for one. */
  readonly queued: number;
  /** Calls that were not made, so far: the circuit was open, the bulkhead full, the call shed. */
  readonly refused: Readonly<Record<'open' | 'full' | 'shed', number>>;
  readonly circuit: CircuitName | undefined;
}

export type CircuitName = 'closed' | 'open' | 'half-open' | 'isolated';

export interface Client {
  call(backend: BackendName): Promise<Reply>;
  status(backend: BackendName): ClientStatus;
  /** Ends what still runs. */
  close(): void;
}

export type Urls = Readonly<Record<BackendName, string>>;
