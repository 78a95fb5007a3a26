import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** A socket as Node keeps it: with its server, and with the answer that is being written. */
interface HeldSocket extends Socket {
  readonly server?: unknown;
  readonly _httpMessage?: ServerResponse | null;
}

/** The used part of a server of `node:http`, `node:https` or `node:http2`. A server of another kind may have less. */
export interface HttpServer {
  on?(event: string, listener: (...args: never[]) => void): unknown;
  off?(event: string, listener: (...args: never[]) => void): unknown;
  prependListener?(event: string, listener: (...args: never[]) => void): unknown;
  getConnections?(done: (error: Error | null, count: number) => void): unknown;
  closeIdleConnections?(): void;
  closeAllConnections?(): void;
}

/**
 * The connections of a server. Node knows those that wait for a request or answer one. It forgets a connection that
 * became a WebSocket or a tunnel, and it has no list of the sessions of HTTP/2.
 */
export class OpenConnections {
  private readonly sockets: Set<Socket> = new Set();
  /** Those that had sent nothing when they were last looked at. */
  private readonly silent: WeakSet<Socket> = new WeakSet();
  private readonly sessions: Set<ServerHttp2Session> = new Set();
  /** The last answer of each connection of HTTP/1, until it has ended. */
  private readonly answers: Map<Socket, ServerResponse> = new Map();
  /** The answers that end their connection because of us. */
  private readonly last: WeakSet<ServerResponse> = new WeakSet();
  private closing = false;

  private readonly connected = (socket: Socket): void => {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  };

  private readonly opened = (session: ServerHttp2Session): void => {
    this.sessions.add(session);
    session.once('close', () => this.sessions.delete(session));
    if (this.closing) session.close();
  };

  private readonly asked = (req: IncomingMessage, res: ServerResponse): void => {
    if (req.httpVersionMajor >= 2) return;
    const { answers } = this;
    const { socket } = req;
    if (this.closing) this.endWith(res, answers.get(socket));
    answers.set(socket, res);
    res.once('close', () => {
      if (answers.get(socket) === res) answers.delete(socket);
    });
  };

  constructor(private readonly server: HttpServer) {
    server.on?.('connection', this.connected);
    server.on?.('session', this.opened);
    // Before the handler, which may answer at once.
    server.prependListener?.('request', this.asked);
    for (const socket of connectedBefore(server)) {
      this.connected(socket);
      if (socket._httpMessage != null) this.asked(socket._httpMessage.req, socket._httpMessage);
    }
  }

  /** From now on no answer promises that its connection goes on. An answer whose head is out stays as it is. */
  close(): void {
    this.closing = true;
    for (const res of this.answers.values()) this.endWith(res);
    for (const session of this.sessions) session.close();
  }

  closeIdle(): void {
    this.server.closeIdleConnections?.();
    // A browser connects in advance: Node does not call a connection idle that has never asked for anything. One that is
    // new may have a request under way, and is looked at once more.
    for (const socket of this.sockets) {
      if (socket.bytesRead > 0) continue;
      if (this.silent.has(socket)) socket.destroy();
      else this.silent.add(socket);
    }
  }

  /** Ends every connection at once; false where the server offers no way to do so. */
  cut(): boolean {
    const { server } = this;
    server.closeAllConnections?.();
    for (const socket of this.sockets) socket.destroy();
    return server.on !== undefined || server.closeAllConnections !== undefined;
  }

  /** Calls back if a connection is left that `cut` does not know. */
  ifAnyIsLeft(work: () => void): void {
    this.server.getConnections?.((_error, count) => {
      if (count > 0) work();
    });
  }

  /** Lets go of the server. */
  dispose(): void {
    const { server } = this;
    server.off?.('connection', this.connected);
    server.off?.('session', this.opened);
    server.off?.('request', this.asked);
  }

  /**
   * Only the last answer of a connection may say that it closes. After such an answer Node sends nothing more on the
   * connection, although further requests may have arrived on it (pipelining).
   */
  private endWith(res: ServerResponse, before?: ServerResponse): void {
    if (before !== undefined && !before.headersSent && this.last.delete(before)) before.removeHeader('Connection');
    if (res.headersSent) return;
    res.setHeader('Connection', 'close');
    this.last.add(res);
  }
}

/** Node has no public list of the connections of a server. A platform without the internal list gives none. */
function connectedBefore(server: HttpServer): readonly HeldSocket[] {
  const { _getActiveHandles: activeHandles } = process as { _getActiveHandles?: () => readonly HeldSocket[] };
  if (server.on === undefined) return [];
  return (activeHandles?.call(process) ?? []).filter((handle) => handle.server === server && typeof handle.destroy === 'function');
}
