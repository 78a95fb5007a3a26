import type { IncomingMessage } from 'node:http';
import { type CallContext, runInContext, runInFrame } from '../operator/context.js';
import type { Deadline } from '../operator/deadline.js';
import { detached, type Frame } from '../operator/frame.js';
import { ambient, carrying, shared } from '../operator/shared.js';

/** Every copy of the library finds what another one has said of a request. */
const key = Symbol.for('rxjs-resilience/request');

interface Scope {
  frame: Frame;
}

type Scoped = IncomingMessage & { [key]?: Scope };

/**
 * What holds for a request before anything of it was read: what was said on this stack, or already said of this
 * request. A server carries the context in which it was started into every request, and that is no request's own.
 */
export function frameBefore(req: IncomingMessage): Frame {
  const isOwn = shared.context !== shared.unsaid || (req as Scoped)[key] !== undefined;
  return isOwn ? ambient() : shared.root;
}

/** By when a request has to be over as far as it was said, also where something on the way has lost its context. */
export function deadlineBefore(req: IncomingMessage): Deadline | undefined {
  return (req as Scoped)[key]?.frame.deadline;
}

/** Runs `work` under what `context` adds to `before`; so do what it awaits, and whoever listens to the request. */
export function runRequest(req: IncomingMessage, before: Frame, context: Partial<CallContext>, work: () => void): void {
  runInFrame(before, () =>
    runInContext(context, () => {
      keep(req, detached(ambient()));
      work();
    }),
  );
}

/** Node emits what arrives of a body in the context of the connection. */
function keep(req: Scoped, frame: Frame): void {
  const known = req[key];
  if (known !== undefined) {
    known.frame = frame;
    return;
  }
  const scope: Scope = { frame };
  const { emit } = req;
  const bound = (...args: Parameters<typeof emit>): boolean => carrying(scope.frame, () => emit.apply(req, args));
  Object.defineProperties(req, {
    [key]: { value: scope },
    emit: { value: bound, configurable: true, writable: true },
  });
}
