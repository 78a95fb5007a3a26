import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AngularNodeAppEngine, createNodeRequestHandler, isMainModule, writeResponseToNodeResponse } from '@angular/ssr/node';

const engine = new AngularNodeAppEngine({ allowedHosts: ['127.0.0.1'] });

export const reqHandler = createNodeRequestHandler((request, response, next) => {
  engine
    .handle(request)
    .then((rendered) => (rendered === null ? next() : writeResponseToNodeResponse(rendered, response)))
    .catch(next);
});

if (isMainModule(import.meta.url)) {
  const server = createServer((request, response) => {
    void reqHandler(request, response, (error?: unknown) => {
      if (error !== undefined) console.error(error);
      response.writeHead(error === undefined ? 404 : 500).end();
    });
  });
  server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  // No more than that: what a page has left behind would keep the process.
  process.once('SIGTERM', () => server.close());
}
