/** Who calls a method: Nest for a request, for a message, for a GraphQL operation; or the application itself. */
export type HandlerKind = 'route' | 'message' | 'query' | 'field' | 'subscription' | 'gateway' | 'method';

/**
 * Told by the metadata that the decorators of Nest leave on the function. The packages of messages, sockets and GraphQL
 * are not imported: an application has what it uses.
 */
export function handlerKind(fn: object): HandlerKind {
  const has = (key: string): boolean => Reflect.hasMetadata(key, fn);
  if (has('websockets:message_mapping')) return 'gateway';
  if (has('microservices:pattern')) return 'message';
  if (has('graphql:resolve_property') || has('graphql:resolve_reference')) return 'field';
  if (has('graphql:resolver_type')) {
    return Reflect.getMetadata('graphql:resolver_type', fn) === 'Subscription' ? 'subscription' : 'query';
  }
  return has('method') && has('path') ? 'route' : 'method';
}

export function isGateway(type: object): boolean {
  return Reflect.hasMetadata('websockets:is_gateway', type);
}

export function isResolver(type: object): boolean {
  return Reflect.hasMetadata('graphql:resolver_type', type);
}

/** `RouteParamtypes.RESPONSE` and `NEXT`, as keys of the metadata of parameters. */
const responseParam = /^[12]:/;

export function isEventStream(fn: object): boolean {
  return Reflect.getMetadata('__sse__', fn) === true;
}

/**
 * Whether a route writes its response itself, or goes on writing it: what is out cannot be said again. `@Sse`, and `@Res`
 * or `@Next` without `passthrough`.
 */
export function writesResponse(type: object, fn: { readonly name: string }): boolean {
  if (isEventStream(fn)) return true;
  const params = Reflect.getMetadata('__routeArguments__', type, fn.name) as object | undefined;
  if (!Object.keys(params ?? {}).some((key) => responseParam.test(key))) return false;
  return Reflect.getMetadata('__responsePassthrough__', type, fn.name) !== true;
}
