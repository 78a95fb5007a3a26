/** What the services of the shop answer. */
export interface Payments {
  readonly today: readonly { readonly id: string; readonly amount: number }[];
}
export interface Catalog {
  readonly items: readonly { readonly name: string; readonly price: number }[];
}
export interface Suggestions {
  readonly title: string;
  readonly items: readonly string[];
}
export interface Charge {
  readonly id: string;
}
