import { defer, map, type Observable, tap } from 'rxjs';
import { attempt, fallbackToLast, fallbackToValue, lastValues } from 'rxjs-resilience';
import type { Backends, Profile } from './backends.ts';
import type { ShopPolicies } from './policies.ts';

export interface ShownProfile extends Profile {
  readonly from: 'live' | 'cache' | 'default';
}

const someone: ShownProfile = { name: 'Guest', currency: 'EUR', from: 'default' };

/** The profile of a user: as it is, else as it was within the last hour, else that of anybody. */
export function profiles(backends: Backends, policies: ShopPolicies): (user: string) => Observable<ShownProfile> {
  const last = lastValues<Profile>({ maxAge: 3_600_000, maxKeys: 10_000 });

  return (user) =>
    defer(() => {
      let from: ShownProfile['from'] = 'cache';
      return attempt(({ signal }) => backends.profile(user, signal)).pipe(
        policies.profiles,
        tap(() => (from = 'live')),
        fallbackToLast(last, user, { name: 'profile cache' }),
        map((profile): ShownProfile => ({ ...profile, from })),
        fallbackToValue(someone, { name: 'default profile' }),
      );
    });
}
