import { Agent, Dispatcher1Wrapper } from 'undici';

/** One connection for each origin, for the `fetch` of undici itself. */
export const oneConnection = (): Agent => new Agent({ connections: 1 });

/** The same for the `fetch` of the platform, which has an older undici inside. */
export const onePlatformConnection = (): Agent => new Dispatcher1Wrapper(oneConnection()) as unknown as Agent;
