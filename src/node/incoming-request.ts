import type { IncomingMessage, ServerResponse } from 'node:http';
import { asyncScheduler } from 'rxjs';
import { defaultPriority, type Priority, rankOf } from '../core/priority.js';
import { captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import type { CallContext } from '../operator/context.js';
import { Deadline } from '../operator/deadline.js';
import type { DeadlineSetup } from './deadline-options.js';
import { incomingPriority, incomingTimeout } from './incoming-headers.js';
import { deadlineBefore, frameBefore, runRequest } from './incoming-scope.js';

/**
 * Runs `work` in the context of a request: its deadline, its signal, its priority, each within what holds already. False,
 * and nothing is run, where the time is over.
 */
export function enterRequest(setup: DeadlineSetup, req: IncomingMessage, res: ServerResponse, work: () => void): boolean {
  const before = frameBefore(req);
  const deadline = earlier(earlier(before.deadline, deadlineBefore(req)), deadlineOf(req, setup));
  if (deadline?.isExpired() === true) return false;
  const priority = setup.trustsPriority(req) ? lowered(before.priority, incomingPriority(req)) : undefined;
  const controller = setup.cancels(req) ? new AbortController() : undefined;
  const context: Partial<CallContext> = {
    ...(deadline !== undefined && { deadline }),
    ...(priority !== undefined && { priority }),
    ...(controller !== undefined && { signal: eitherOf(before.signal, controller.signal) }),
  };
  runRequest(req, before, context, () => {
    if (controller !== undefined) abortOnDisconnect(res, controller);
    work();
  });
  return true;
}

/** A header is a stranger's wish unless the request is trusted. `fallback` is a setting of this process. */
function deadlineOf(req: IncomingMessage, setup: DeadlineSetup): Deadline | undefined {
  const { accept, fallback, maximum, scheduler = asyncScheduler } = setup;
  const asked = incomingTimeout(req, accept, maximum, () => scheduler.now());
  const left = asked ?? fallback;
  if (left === undefined) return undefined;
  return Deadline.after(left, { scheduler, trusted: asked === undefined || setup.trustsDeadline(req) });
}

function earlier(outer: Deadline | undefined, own: Deadline | undefined): Deadline | undefined {
  if (outer === undefined || own === undefined) return outer ?? own;
  return own.remaining() < outer.remaining() ? own : outer;
}

/** What was asked for, where that is less than what the request has by itself. */
function lowered(own: Priority = defaultPriority, asked: Priority | null): Priority | undefined {
  return asked !== null && rankOf(asked) > rankOf(own) ? asked : undefined;
}

function eitherOf(outer: AbortSignal | undefined, own: AbortSignal): AbortSignal {
  return outer === undefined ? own : AbortSignal.any([outer, own]);
}

/**
 * Aborts, with an `AbortError`, when the connection closes before the response has ended. It listens to the response and
 * not to the connection, which serves others after it.
 */
function abortOnDisconnect(res: ServerResponse, controller: AbortController): void {
  const scope = captureAsyncScope();
  const leave = (): void => {
    if (!res.writableEnded) runInAsyncScope(scope, () => controller.abort());
  };
  if (res.destroyed) leave();
  else res.once('close', leave);
}
