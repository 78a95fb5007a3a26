import { show } from '../core/options.js';
import type { GuardedPolicy } from './guarded-policy.js';
import type { PolicyBook } from './policy-book.js';

/**
 * Where what belongs to an application finds its policies. It is there before them: a service from whose settings they are
 * made may itself be protected by them.
 */
export class ApplicationPolicies {
  private book: PolicyBook | undefined = undefined;

  fill(book: PolicyBook): void {
    this.book = book;
  }

  /** @throws TypeError where there is none of that name */
  find(name: string, where: string): GuardedPolicy {
    const { book } = this;
    if (book === undefined) throw new TypeError(`${where} was called before the policies of the application were made`);
    return book.find(name) ?? missing(name, where, book);
  }
}

export function missing(name: string, where: string, { known }: PolicyBook): never {
  throw new TypeError(`${where} wants the policy ${show(name)}, which ResilienceModule does not have; ${known}`);
}
