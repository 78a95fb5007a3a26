import { AbstractGraphQLDriver } from '@nestjs/graphql';
import { graphql, type GraphQLSchema } from 'graphql';

interface Incoming {
  readonly body: { readonly query: string };
}

interface Outgoing {
  send(body: unknown): unknown;
}

/** The least that serves a schema. */
export class PlainDriver extends AbstractGraphQLDriver {
  async start({ schema }: { schema: GraphQLSchema }): Promise<void> {
    this.httpAdapterHost.httpAdapter.post('/graphql', async (req: Incoming, res: Outgoing) => {
      res.send(await graphql({ schema, source: req.body.query, contextValue: { req } }));
    });
  }

  async stop(): Promise<void> {}
}
