import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** As Node keeps it: with its server, and with the answer that is being written. */
interface HeldSocket extends Socket {
  readonly server?: unknown;
  readonly _httpMessage?: ServerResponse | null;
}

/** What of a server of `node:http`, `node:https` or `node:http2` is used; what something else does not have is not done. */
export interface HttpServer {
  on?(event: string, listener: (...args: never[]) => void): unknown;
  off?(event: string, listener: (...args: never[]) => void): unknown;
  prependListener?(event: string, listener: (...args: never[]) => void): unknown;
  getConnections?(done: (error: Error | null, count: number) => void): unknown;
  closeIdleConnections?(): void;
  closeAllConnections?(): void;
}

/**
 * What is connected to a server. Node knows which connections wait for a request or answer one. It lets go of those that
 * a protocol has taken over, a WebSocket or a tunnel, and has no list of the sessions of HTTP/2.
 */
export class OpenConnections {
  private readonly sockets: Set<Socket> = new Set();
  private readonly sessions: Set<ServerHttp2Session> = new Set();
  /** Of each connection of HTTP/1 the answer that was asked for last, while it is not over. */
  private readonly answers: Map<Socket, ServerResponse> = new Map();
  /** Those that end their connection because of us. */
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

  /** No answer promises any more that its connection goes on, if its head is not out. */
  close(): void {
    this.closing = true;
    for (const res of this.answers.values()) this.endWith(res);
    for (const session of this.sessions) session.close();
  }

  closeIdle(): void {
    this.server.closeIdleConnections?.();
  }

  /** Ends everything at once; false where nothing can be ended. */
  cut(): boolean {
    const { server } = this;
    server.closeAllConnections?.();
    for (const socket of this.sockets) socket.destroy();
    return server.on !== undefined || server.closeAllConnections !== undefined;
  }

  /** Calls back where something is still connected: it was there before we knew the server, and nobody lists it. */
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
   * `res` is the last one of its connection, and not the one before: after the answer that says so, Node answers nothing
   * more on it, not even what it has asked for already (pipelining).
   */
  private endWith(res: ServerResponse, before?: ServerResponse): void {
    if (before !== undefined && !before.headersSent && this.last.delete(before)) before.removeHeader('Connection');
    if (res.headersSent) return;
    res.setHeader('Connection', 'close');
    this.last.add(res);
  }
}

/** Nothing public lists the connections of a server; on a platform without this they are those that come from now on. */
function connectedBefore(server: HttpServer): readonly HeldSocket[] {
  const { _getActiveHandles: activeHandles } = process as { _getActiveHandles?: () => readonly HeldSocket[] };
  if (server.on === undefined) return [];
  return (activeHandles?.call(process) ?? []).filter((handle) => handle.server === server && typeof handle.destroy === 'function');
}
