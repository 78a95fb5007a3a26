/** What the shop sells. */
export interface Item {
  readonly id: string;
  readonly name: string;
  /** In cents. */
  readonly price: number;
}

export const catalogue: readonly Item[] = [
  { id: 'lamp', name: 'Desk lamp', price: 4_900 },
  { id: 'desk', name: 'Standing desk', price: 39_900 },
  { id: 'chair', name: 'Office chair', price: 21_900 },
  { id: 'mat', name: 'Desk mat', price: 2_900 },
  { id: 'shelf', name: 'Wall shelf', price: 7_900 },
  { id: 'plant', name: 'Rubber plant', price: 3_400 },
];

export function itemOf(id: unknown): Item | undefined {
  return catalogue.find((item) => item.id === id);
}
